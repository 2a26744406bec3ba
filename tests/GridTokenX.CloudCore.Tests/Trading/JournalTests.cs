using System.Data;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>Replaying a zone's journal gives its book, its matches and every state hash.</summary>
public sealed class JournalTests
{
    private const string Zone = "zone-1";
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TradingOptions Gathering = new() { EscrowWait = TimeSpan.Zero, SnapshotLines = 20 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Journal_of_any_flow_gives_the_book_and_its_matches(bool isContinuous)
    {
        await using var world = await WorldAsync(isContinuous);
        await PlayAsync(world, 250);
        var outcome = await ReplayAsync(world);
        outcome.Fault.ShouldBeNull();
        outcome.Lines.ShouldBeGreaterThan(100);
        var matches = await world.QueryAsync<(Guid, Guid, long, long)>(
            "select buy_order, sell_order, energy_wh, price from matches order by sequence");
        matches.Count.ShouldBeGreaterThan(10);
        (await JournalMatches.ReadAsync(world.Database, Zone)).ShouldBe(matches);
    }

    [Fact]
    public async Task Change_of_the_way_of_matching_is_in_the_journal()
    {
        await using var world = await WorldAsync(isContinuous: false);
        await PlayAsync(world, 60);
        var continuous = world.MarketsOn(world.Database, Gathering with { MatchInterval = TimeSpan.Zero });
        var trader = await world.TraderAsync();
        for (var i = 0; i < 5; i++)
        {
            _ = await world.ActiveAskAsync(trader, 100, 1_000_000);
            _ = await continuous.RunAsync(ZoneScope.All, None);
        }

        (await world.OneAsync<long>("select count(*) from market_snapshots")).ShouldBe(2);
        (await ReplayAsync(world)).Fault.ShouldBeNull();
    }

    [Fact]
    public async Task Checked_journal_is_shortened_and_still_gives_the_book()
    {
        await using var world = await WorldAsync(isContinuous: true);
        var worker = new JournalWorker(
            world.Database,
            Gathering with { JournalRetention = TimeSpan.Zero },
            world.Wall,
            NullLogger<JournalWorker>.Instance);
        for (var round = 0; round < 3; round++)
        {
            await PlayAsync(world, 60);
            (await worker.RunOnceAsync(None)).ShouldBe(0);
            (await world.CountAsync("market_journal")).ShouldBe(0);
            (await world.CountAsync("market_snapshots")).ShouldBe(1);
        }

        await PlayAsync(world, 10);
        (await ReplayAsync(world)).Fault.ShouldBeNull();
    }

    [Fact]
    public async Task Young_journal_is_kept()
    {
        await using var world = await WorldAsync(isContinuous: true);
        await PlayAsync(world, 60);
        var lines = await world.CountAsync("market_journal");
        _ = await new JournalWorker(world.Database, Gathering, world.Wall, NullLogger<JournalWorker>.Instance)
            .RunOnceAsync(None);
        (await world.CountAsync("market_journal")).ShouldBe(lines);
        (await world.CountAsync("market_snapshots")).ShouldBe(2);
        (await ReplayAsync(world)).Hashes.ShouldBeGreaterThanOrEqualTo(3);
    }

    [Theory]
    [InlineData("delete from market_journal where sequence = 30 returning 1")]
    [InlineData("update market_journal set operation = set_byte(operation, 39, 7) where get_byte(operation, 0) = 1 returning 1")]
    [InlineData("update market_journal set state_hash = decode(repeat('00', 16), 'hex') where sequence = 20 returning 1")]
    [InlineData("update orders set limit_price = limit_price + 1 where place is not null returning 1")]
    [InlineData("update market_snapshots set orders = orders || orders, state_hash = '\\x00112233445566778899aabbccddeeff' returning 1")]
    public async Task Journal_that_does_not_give_its_book_is_told_and_kept(string damage)
    {
        await using var world = await WorldAsync(isContinuous: true);
        await PlayAsync(world, 60);
        _ = await world.ActiveAskAsync(await world.TraderAsync(), 100, 9_000_000);
        _ = await world.MatchAsync();
        (await world.QueryAsync<int>(damage)).ShouldNotBeEmpty();
        var worker = new JournalWorker(
            world.Database,
            Gathering with { JournalRetention = TimeSpan.Zero },
            world.Wall,
            NullLogger<JournalWorker>.Instance);
        var lines = await world.CountAsync("market_journal");
        _ = await Should.ThrowAsync<InvalidOperationException>(() => worker.RunOnceAsync(None));
        (await world.CountAsync("market_journal")).ShouldBe(lines);
    }

    private static Task<MarketWorld> WorldAsync(bool isContinuous) => MarketWorld.StartAsync(
        isContinuous ? Gathering with { MatchInterval = TimeSpan.Zero } : Gathering);

    private static async Task PlayAsync(MarketWorld world, int steps)
    {
        var random = new Random(steps);
        List<Trader> traders = [];
        for (var i = 0; i < 4; i++)
        {
            traders.Add(await world.TraderAsync());
        }

        List<Guid> asks = [];
        for (var i = 0; i < steps; i++)
        {
            var trader = traders[random.Next(traders.Count)];
            var (energy, price) = (1 + random.Next(300), 1_000_000 + (random.Next(9) * 50_000));
            switch (random.Next(10))
            {
                case < 4:
                    asks.Add(await world.ActiveAskAsync(trader, energy, price, TimeSpan.FromHours(5)));
                    break;
                case < 7:
                    _ = await world.ActiveBidAsync(trader, energy, price, TimeSpan.FromHours(5));
                    break;
                case 7 when asks.Count > 0:
                    _ = await world.TakeAsync(trader, asks[random.Next(asks.Count)]);
                    _ = await world.AnswerAsync();
                    break;
                case 8 when asks.Count > 0:
                    foreach (var owner in traders)
                    {
                        _ = await world.CancelAsync(owner, asks[^1]);
                    }

                    break;
                default:
                    world.Time.Advance(TimeSpan.FromSeconds(random.Next(60)));
                    break;
            }

            if (random.Next(3) == 0)
            {
                _ = await world.Expiry.RunOnceAsync(None);
                _ = await world.MatchAsync();
            }
        }

        _ = await world.MatchAsync();
    }

    private static async Task<ReplayOutcome> ReplayAsync(MarketWorld world)
    {
        await using var unit = await world.Database.BeginAsync(None, IsolationLevel.RepeatableRead);
        return await new ZoneReplay(unit.Transaction, Zone).RunAsync(None);
    }
}
