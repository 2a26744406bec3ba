using Npgsql;

namespace GridTokenX.CloudCore.Storage;

/// <summary>
/// Statements of a transaction that may wait, since nothing of what they say is needed to go on: they go to the server
/// in one trip, in their order, before whatever depends on them and at the latest with the commit. A trip there and
/// back costs more than most statements.
/// </summary>
internal sealed class PendingWrites(NpgsqlTransaction transaction)
{
    // The driver learns of the end of the transaction by the server's answer, as it does after its own command.
    private const string Commit = "commit";

    private readonly List<NpgsqlBatchCommand> _commands = [];

    internal bool IsEmpty => _commands.Count == 0;

    internal void Add(NpgsqlBatchCommand command) => _commands.Add(command);

    /// <summary>With parameters by their positions.</summary>
    internal void Add(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        Add(command);
    }

    internal static NpgsqlParameter Value<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    internal static NpgsqlParameter Column<TRow, TValue>(IEnumerable<TRow> rows, Func<TRow, TValue> value) =>
        Value(rows.Select(value).ToArray());

    internal async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_commands.Count == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        _commands.ForEach(batch.BatchCommands.Add);
        _commands.Clear();
        _ = await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// When a statement fails, the server passes over all that follow it, and the commit is one of them.
    /// </summary>
    internal Task FlushAndCommitAsync(CancellationToken cancellationToken)
    {
        _commands.Add(new NpgsqlBatchCommand(Commit));
        return FlushAsync(cancellationToken);
    }
}
