using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Trading;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Trading;

public sealed class IdempotencyPruningTests
{
    [Fact]
    public async Task Keys_older_than_a_week_are_forgotten_in_batches_and_younger_ones_are_kept()
    {
        await using var host = await CloudHost.StartAsync();
        await using (var insert = host.Database.CreateCommand(
            """
            insert into idempotency_keys (wallet, key, request_hash, order_id, created_at)
            select '\x00'::bytea, 'old ' || n, '\x00'::bytea, gen_random_uuid(), $1 from generate_series(1, 2500) n
            union all
            select '\x00'::bytea, 'new ' || n, '\x00'::bytea, gen_random_uuid(), $2 from generate_series(1, 10) n
            """))
        {
            _ = insert.Parameters.AddWithValue(CloudHost.Noon.AddDays(-7).AddSeconds(-1).UtcDateTime);
            _ = insert.Parameters.AddWithValue(CloudHost.Noon.AddDays(-7).UtcDateTime);
            _ = await insert.ExecuteNonQueryAsync();
        }

        var worker = host.Services.GetServices<IMarketWorker>().OfType<IdempotencyPruning>().Single();
        var rounds = new List<int>();
        do
        {
            rounds.Add(await worker.RunOnceAsync(CancellationToken.None));
        }
        while (rounds[^1] > 0);

        rounds.ShouldBe([1_000, 1_000, 500, 0]);
        (await host.CountAsync("idempotency_keys where key like 'new %'")).ShouldBe(10);
        (await host.CountAsync("idempotency_keys")).ShouldBe(10);
    }
}
