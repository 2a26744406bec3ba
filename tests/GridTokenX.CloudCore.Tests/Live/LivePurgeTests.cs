using GridTokenX.CloudCore.Live;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using GridTokenX.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridTokenX.CloudCore.Tests.Live;

/// <summary>What has changed is forgotten in time, whoever watches; and nobody misses it silently.</summary>
public sealed class LivePurgeTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private CloudHost _host = null!;

    public async Task InitializeAsync()
    {
        // The host's own rounds take nothing that the tests put there.
        _host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string> { ["Live:ChangeRetention"] = "1.00:00:00" },
        });
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task While_nobody_watches_what_is_old_goes_in_batches_and_what_is_young_stays()
    {
        _host.Services.GetRequiredService<LiveHub>().Topics.ShouldBe(0);
        await ExecuteAsync("insert into live_changes (kind) select 'orders' from generate_series(1, 12000)");
        using var purge = PurgeAfter(TimeSpan.FromHours(1));
        await Eventually.HoldsAsync(
            async () =>
            {
                // Other tests' transactions on the same server hold back what everybody has seen.
                await ExecuteAsync("update live_purges set next_at = '-infinity'");
                _ = await purge.RunOnceAsync(None);
                return await _host.CountAsync("live_purges where next_xid > (select max(xid) from live_changes)") == 1;
            },
            Patience);
        await ExecuteAsync("insert into live_changes (kind) select 'matches' from generate_series(1, 7)");
        (await purge.RunOnceAsync(None)).ShouldBe(0);

        await ExecuteAsync("update live_purges set next_at = clock_timestamp() - interval '61 minutes'");
        List<int> batches = [];
        do
        {
            batches.Add(await purge.RunOnceAsync(None));
        }
        while (batches[^1] > 0);

        batches.ShouldBe([LivePurge.BatchSize, LivePurge.BatchSize, 2_000, 0]);
        (await CountAsync("kind = 'matches'")).ShouldBe(7);
    }

    [Fact]
    public async Task Processes_purge_side_by_side_and_remove_everything_once()
    {
        await ExecuteAsync("insert into live_changes (kind) select 'orders' from generate_series(1, 12000)");
        using var one = PurgeAfter(TimeSpan.Zero);
        using var two = PurgeAfter(TimeSpan.Zero);
        var removed = 0;
        await Eventually.HoldsAsync(
            async () =>
            {
                removed += (await Task.WhenAll(one.RunOnceAsync(None), two.RunOnceAsync(None))).Sum();
                return await CountAsync("kind = 'orders'") == 0;
            },
            Patience);
        removed.ShouldBe(12_000);
    }

    [Fact]
    public async Task Reader_who_has_seen_what_is_removed_goes_on_and_one_who_has_not_begins_anew()
    {
        var (late, timely) = (new LiveChanges(_host.Database), new LiveChanges(_host.Database));
        await late.BeginAsync(None);
        await timely.BeginAsync(None);
        await ExecuteAsync("insert into live_changes (kind) values ('orders')");
        using var purge = PurgeAfter(TimeSpan.Zero);
        var seen = 0;
        await Eventually.HoldsAsync(
            async () =>
            {
                seen += (await timely.ReadAsync(None)).ShouldNotBeNull().Count;
                return await purge.RunOnceAsync(None) == 1;
            },
            Patience);
        seen.ShouldBe(1);
        (await timely.ReadAsync(None)).ShouldNotBeNull().ShouldBeEmpty();
        (await late.ReadAsync(None)).ShouldBeNull();
        late.HasBegun.ShouldBeFalse();
        await late.BeginAsync(None);
        (await late.ReadAsync(None)).ShouldNotBeNull().ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_watches_subscribes_again_when_changes_are_gone_that_nobody_looked_at()
    {
        var market = await LiveMarket.StartAsync(_host);
        await using var client = await LiveSocket.OpenAsync(_host);
        await client.SubscribeAsync("book", market.Zone);
        client.Take(await client.ExpectAsync("snapshot"));

        // As a crash of the server leaves it: both tables are empty, one of the rows among them was not read yet.
        await using (var connection = await _host.Database.OpenConnectionAsync())
        {
            await using var crash = await connection.BeginTransactionAsync();
            _ = await market.PlaceAsync("sell", 1_000, 2_000_000, connection);
            await using var empty = new Npgsql.NpgsqlCommand(
                "delete from live_changes; delete from live_purges", connection);
            _ = await empty.ExecuteNonQueryAsync();
            await crash.CommitAsync();
        }

        _ = await client.ExpectAsync("resync");
        await client.SubscribeAsync("book", market.Zone);
        client.Take(await client.ExpectAsync("snapshot"));
        client.Book.Keys.ShouldBe(["sell 2000000"]);
        _ = await market.PlaceAsync("sell", 1_000, 3_000_000);
        client.Take(await client.ExpectAsync("delta"));
        client.Book.Keys.ShouldBe(["sell 2000000", "sell 3000000"]);
    }

    private LivePurge PurgeAfter(TimeSpan retention) => new(
        _host.Database,
        new DatabaseReadiness(),
        new LiveOptions { ChangeRetention = retention },
        new WallTime(TimeProvider.System),
        NullLogger<LivePurge>.Instance);

    private Task<long> CountAsync(string condition) => _host.CountAsync($"live_changes where {condition}");

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _host.Database.CreateCommand(sql);
        _ = await command.ExecuteNonQueryAsync();
    }
}
