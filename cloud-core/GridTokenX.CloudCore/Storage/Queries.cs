using Dapper;
using Npgsql;

namespace GridTokenX.CloudCore.Storage;

/// <summary>Statements within a transaction.</summary>
internal static class Queries
{
    internal static async Task<IReadOnlyList<T>> QueryAsync<T>(
        this NpgsqlTransaction transaction, string sql, object? arguments, CancellationToken cancellationToken) =>
        (await Connection(transaction).QueryAsync<T>(Command(transaction, sql, arguments, cancellationToken))).AsList();

    /// <summary>A single statement that needs no transaction of its own.</summary>
    internal static async Task<IReadOnlyList<T>> QueryAsync<T>(
        this NpgsqlDataSource source, string sql, object? arguments, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<T>(
            new CommandDefinition(sql, arguments, cancellationToken: cancellationToken))).AsList();
    }

    internal static Task<T?> FirstOrDefaultAsync<T>(
        this NpgsqlTransaction transaction, string sql, object? arguments, CancellationToken cancellationToken) =>
        Connection(transaction).QueryFirstOrDefaultAsync<T>(Command(transaction, sql, arguments, cancellationToken));

    internal static async Task<T?> FirstOrDefaultAsync<T>(
        this NpgsqlDataSource source, string sql, object? arguments, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await connection.QueryFirstOrDefaultAsync<T>(
            new CommandDefinition(sql, arguments, cancellationToken: cancellationToken));
    }

    /// <summary>How many rows were written.</summary>
    internal static Task<int> ExecuteAsync(
        this NpgsqlTransaction transaction, string sql, object? arguments, CancellationToken cancellationToken) =>
        Connection(transaction).ExecuteAsync(Command(transaction, sql, arguments, cancellationToken));

    private static NpgsqlConnection Connection(NpgsqlTransaction transaction) =>
        transaction.Connection ?? throw new InvalidOperationException("The transaction has ended.");

    private static CommandDefinition Command(
        NpgsqlTransaction transaction, string sql, object? arguments, CancellationToken cancellationToken) =>
        new(sql, arguments, transaction, cancellationToken: cancellationToken);
}
