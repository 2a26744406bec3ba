using GridTokenX.CloudCore.Simulation;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Forgets Idempotency-Keys that nobody repeats any more: a request's signature is fresh for minutes, so an old request
/// cannot come again, only a new one under an old key. In small batches, so that no order waits for it.
/// </summary>
internal sealed class IdempotencyPruning(
    NpgsqlDataSource database, TimeProvider marketTime, TradingOptions options) : IMarketWorker
{
    private const int BatchSize = 1_000;

    public string Name => "prune";

    public int Order => 90;

    public TimeSpan Interval => TimeSpan.FromMinutes(1);

    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var before = marketTime.GetUtcNow() - options.IdempotencyRetention;
        await using var command = database.CreateCommand(
            """
            delete from idempotency_keys where ctid = any (array(
                select ctid from idempotency_keys where created_at < $1 limit $2 for update skip locked))
            """);
        _ = command.Parameters.AddWithValue(before.UtcDateTime);
        _ = command.Parameters.AddWithValue(BatchSize);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
