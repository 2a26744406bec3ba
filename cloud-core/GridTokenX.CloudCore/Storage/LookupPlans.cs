using Npgsql;

namespace GridTokenX.CloudCore.Storage;

/// <summary>
/// For transactions whose statements all look up single rows: each is planned once a connection, not once a
/// transaction, for planning costs as much as they do. A plan that is kept must be good for tables of any size, so none
/// may be made that reads a table as a whole, which looks cheap while that is small.
/// </summary>
internal static class LookupPlans
{
    /// <summary>Expressions of a <c>select</c>; they hold until the transaction ends.</summary>
    internal const string Settings =
        """
        set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
        set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
        """;

    /// <summary>
    /// For a queue's statement: by the queue's index alone, and row after row. That alone makes the index forget
    /// entries of rows that have left it; a bitmap of it brings all of them again each time until the table is
    /// vacuumed.
    /// </summary>
    internal const string QueueSettings =
        "set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)";

    /// <summary>The statement's answer, planned so, in one trip to the server.</summary>
    /// <param name="batch">Empty; of the transaction, or one by itself.</param>
    /// <param name="settings">One of those above, or several with commas.</param>
    /// <param name="command">With its parameters.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async Task<NpgsqlDataReader> ReadPlannedAsync(
        this NpgsqlBatch batch, string settings, NpgsqlBatchCommand command, CancellationToken cancellationToken)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"select {settings}"));
        batch.BatchCommands.Add(command);
        var reader = await batch.ExecuteReaderAsync(cancellationToken);
        try
        {
            _ = await reader.NextResultAsync(cancellationToken);
            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }
}
