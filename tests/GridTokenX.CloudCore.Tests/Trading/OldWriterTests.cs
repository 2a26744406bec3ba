using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Testing;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>
/// A process is stopped before each statement of its work and after each answer, in turn; the server gives up its
/// transaction, another process does the work, and the first one wakes. Whatever it had in hand, it adds nothing, and
/// goes on from what the other one has written.
/// </summary>
public sealed class OldWriterTests
{
    private const string Zone = "zone-1";
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("continuous", WireEnd.Asked)]
    [InlineData("continuous", WireEnd.Answered)]
    [InlineData("call_auction", WireEnd.Asked)]
    public async Task Writer_that_wakes_up_after_another_took_the_zone_commits_nothing(string mode, WireEnd end)
    {
        await using var world = await MarketWorld.StartAsync(market: new MarketOptions { Mode = mode });
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        await world.RunAsync();
        await using var wire = world.Wire();
        await using var other = world.OtherDatabase();
        var (old, young) = (world.MarketsOn(wire.Database), world.MarketsOn(other));
        var matched = 0L;
        var held = 0;
        while (true)
        {
            // Crossing orders of different sizes, so that something is always left in a book that gets old.
            _ = await world.ActiveAskAsync(anna, 100, 1_000_000, TimeSpan.FromDays(2));
            _ = await world.ActiveBidAsync(boon, 60, 1_500_000, TimeSpan.FromDays(2));
            if (mode == "call_auction")
            {
                world.Time.Advance(TimeSpan.FromMinutes(15));
            }

            var isHeld = await StandsStillAsync(
                world,
                wire,
                (held + 1, end),
                () => old.RunAsync(Zone, ZoneScope.All, None),
                () => young.RunAsync(Zone, ZoneScope.All, None));
            matched += 60;
            (await world.OneAsync<long>("select sum(energy_wh)::bigint from matches")).ShouldBe(matched);
            await world.ShouldReplayAsync();
            if (!isHeld)
            {
                break;
            }

            held++;
        }

        // What it reads comes trip by trip, and what it writes travels with the commit: all of them were stopped at.
        held.ShouldBeGreaterThan(4);
        (await world.OneAsync<long>("select count(*) from matches m left join match_effects e on e.match_id = m.id "
            + "where e.match_id is null")).ShouldBe(0);
    }

    [Theory]
    [InlineData(WireEnd.Asked)]
    [InlineData(WireEnd.Answered)]
    public async Task Arrival_that_wakes_up_after_another_stored_it_and_took_the_zone_adds_nothing(WireEnd end)
    {
        await using var world = await MarketWorld.StartAsync(
            new TradingOptions { EscrowWait = TimeSpan.Zero, MatchInterval = TimeSpan.Zero });
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        await world.RunAsync();
        await using var wire = world.Wire();
        await using var other = world.OtherDatabase();
        var (old, young) = (world.MarketsOn(wire.Database), world.MarketsOn(other));
        var (oldEvents, youngEvents) = (world.EventsOn(wire.Database, old), world.EventsOn(other, young));
        var matched = 0L;
        var held = 0;
        while (true)
        {
            _ = await world.ActiveAskAsync(anna, 100, 1_000_000, TimeSpan.FromDays(2));
            await world.RunAsync();
            _ = await old.RunAsync(Zone, ZoneScope.Opening, None);
            world.HoldsEvents = true;
            _ = await world.BuyAsync(boon, 60, 1_500_000, TimeSpan.FromDays(2));
            _ = await world.AnswerAsync();
            world.HoldsEvents = false;
            var events = world.Undelivered();
            var isHeld = await StandsStillAsync(
                world,
                wire,
                (held + 1, end),
                async () =>
                {
                    await oldEvents.StoreAsync(events, [], None);
                    return default(ZoneOutcome);
                },
                async () =>
                {
                    await youngEvents.StoreAsync(events, [], None);
                    return await young.RunAsync(Zone, ZoneScope.All, None);
                });
            matched += 60;
            (await world.OneAsync<long>("select sum(energy_wh)::bigint from matches")).ShouldBe(matched);
            (await world.CountAsync("market_inbox")).ShouldBe(0);
            await world.ShouldReplayAsync();
            if (!isHeld)
            {
                break;
            }

            held++;
        }

        // Events stored, orders and zone locked, all the rest written with the commit.
        held.ShouldBeGreaterThanOrEqualTo(3);
    }

    [Theory]
    [InlineData(WireEnd.Asked)]
    [InlineData(WireEnd.Answered)]
    public async Task Clearing_that_wakes_up_after_another_cleared_the_epoch_settles_nothing_again(WireEnd end)
    {
        await using var world = await MarketWorld.StartAsync();
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        await world.RunAsync();
        await using var wire = world.Wire();
        await using var other = world.OtherDatabase();
        var (old, young) = (world.ClearingOn(wire.Database), world.ClearingOn(other));
        var held = 0;
        while (true)
        {
            _ = await world.ActiveAskAsync(anna, 60, 1_000_000, TimeSpan.FromDays(2));
            _ = await world.ActiveBidAsync(boon, 60, 1_000_000, TimeSpan.FromDays(2));
            (await world.MatchAsync()).ShouldBe(1);
            world.Time.Advance(TimeSpan.FromMinutes(15));
            var isHeld = await StandsStillAsync(
                world,
                wire,
                (held + 1, end),
                () => old.RunOnceAsync(None),
                () => young.RunOnceAsync(None));
            (await world.OneAsync<(long, long, long)>(
                """
                select (select sum(trades)::bigint from epochs where status in ('cleared', 'settled')),
                       (select count(*) from settlements),
                       (select count(*) from chain_outbox where kind = 'settle_trade')
                """)).ShouldBe((held + 1, held + 1, held + 1));
            if (!isHeld)
            {
                break;
            }

            held++;
        }

        held.ShouldBeGreaterThan(6);
    }

    /// <summary>False when the old one was through before it could be stopped there.</summary>
    private static async Task<bool> StandsStillAsync<T>(
        MarketWorld world,
        HeldWire wire,
        (int Piece, WireEnd End) where,
        Func<Task<T>> old,
        Func<Task<T>> young)
    {
        var reached = wire.HoldAsync(where.Piece, where.End);
        var running = Task.Run(old);
        if (await Task.WhenAny(reached, running).WaitAsync(Patience) == running)
        {
            wire.LetGo();
            _ = await running;
            return false;
        }

        // What the server does by itself, after a while, with a transaction that nobody goes on with.
        await Eventually.HoldsAsync(() => world.OneAsync<bool>(
            """
            select not exists (
                select from pg_stat_activity
                where application_name = @Name and state not in ('idle', 'idle in transaction'))
            """,
            new { wire.Name }));
        _ = await world.QueryAsync<bool>(
            """
            select pg_terminate_backend(pid, 60000) from pg_stat_activity
            where application_name = @Name and state = 'idle in transaction'
            """,
            new { wire.Name });
        _ = await young().WaitAsync(Patience);
        var written = await StateAsync(world);
        wire.LetGo();
        try
        {
            _ = await running.WaitAsync(Patience);
        }
        catch (Exception exception) when (exception is NpgsqlException or ZonesFailedException or FencedException)
        {
            // It hears that its transaction is over.
        }

        (await StateAsync(world)).ShouldBe(written, $"the old one woke at {where}");
        return true;
    }

    /// <summary>Everything that a writer could have added to.</summary>
    private static Task<(Guid, long, long, long, long, long, long)> StateAsync(MarketWorld world) =>
        world.OneAsync<(Guid, long, long, long, long, long, long)>(
            """
            select (select writer from market_zones where zone = 'zone-1'),
                   (select token from market_zones where zone = 'zone-1'),
                   (select count(*) from market_journal), (select count(*) from matches),
                   (select count(*) from yields), (select count(*) from chain_outbox),
                   (select count(*) from settlements)
            """);
}
