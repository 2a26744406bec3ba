using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Market.Matching;
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
        var outcome = await world.ReplayAsync();
        outcome.Fault.ShouldBeNull();
        outcome.Lines.ShouldBeGreaterThan(100);
        var matches = await world.QueryAsync<(Guid, Guid, long, long)>(
            "select buy_order, sell_order, energy_wh, price from matches order by sequence");
        matches.Count.ShouldBeGreaterThan(10);
        (await JournalMatches.ReadAsync(world.Database, Zone)).Matches.ShouldBe(matches);
    }

    [Theory]
    [InlineData("time")]
    [InlineData("pro_rata")]
    public async Task Journal_of_auctions_gives_the_book_and_its_matches(string rationing)
    {
        await using var world = await MarketWorld.StartAsync(
            Gathering, market: new MarketOptions { Mode = "call_auction", Rationing = rationing });
        for (var i = 0; i < 4; i++)
        {
            await PlayAsync(world, 40);
            await world.AdvanceAsync(TimeSpan.FromMinutes(15));
            await TakeOverAsync(world);
        }

        await ShouldHaveMatchedAsync(world, OperationKind.Auction);
    }

    [Fact]
    public async Task Journal_of_a_zone_with_a_dynamic_price_gives_the_book_and_its_matches()
    {
        await using var world = await MarketWorld.StartAsync(Gathering, market: new MarketOptions
        {
            DynamicPrice = new DynamicPriceSettings { Enabled = true, BasePrice = 1.1m },
        });
        for (var i = 0; i < 8; i++)
        {
            await PlayAsync(world, 30);
            await world.AdvanceAsync(TimeSpan.FromHours(2));
            await TakeOverAsync(world);
        }

        await ShouldHaveMatchedAsync(world, OperationKind.SetDynamicPrice);
    }

    [Fact]
    public async Task Journals_of_linked_zones_give_their_books()
    {
        await using var world = await MarketWorld.StartAsync(Gathering, market: new MarketOptions
        {
            Links =
            [
                new ZoneLinkSettings { From = "hill", To = Zone, WheelingPrice = 0.01m, LossPpm = 9_999,
                    CapacityKwh = 50 },
            ],
        });
        var hill = await world.TraderAsync("hill");
        var bay = await world.TraderAsync();
        for (var i = 0; i < 12; i++)
        {
            _ = await world.ActiveAskAsync(hill, 100 + i, 1_000_000 + i, TimeSpan.FromHours(5));
            _ = await world.ActiveAskAsync(await world.TraderAsync(), 10, 1_100_000 + i, TimeSpan.FromHours(5));
            _ = await world.ActiveBidAsync(bay, 60 + i, 1_200_000, TimeSpan.FromHours(5));
            await world.RunAsync();
            await TakeOverAsync(world);
        }

        (await world.CountAsync("matches_across")).ShouldBeGreaterThan(5);
        foreach (var zone in (string[])["hill", Zone])
        {
            (await KindsAsync(world, zone)).ShouldContain(OperationKind.MatchAcross);
            (await world.ReplayAsync(zone)).Fault.ShouldBeNull();
        }
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
        (await world.ReplayAsync()).Fault.ShouldBeNull();
    }

    [Fact]
    public async Task What_waited_crossed_is_matched_when_its_zone_begins_to_match_at_once()
    {
        await using var world = await MarketWorld.StartAsync(
            Gathering, market: new MarketOptions { Mode = "call_auction" });
        var (seller, buyer) = (await world.TraderAsync(), await world.TraderAsync());
        _ = await world.ActiveAskAsync(seller, 300, 1_000_000);
        _ = await world.ActiveBidAsync(buyer, 100, 1_200_000);
        _ = await world.ActiveBidAsync(buyer, 100, 1_100_000);
        _ = await world.MatchAsync();
        (await world.CountAsync("matches")).ShouldBe(0);

        // Nobody touches the zone: the start is enough, and a second one finds nothing left.
        for (var start = 0; start < 2; start++)
        {
            await using var other = world.OtherDatabase();
            var continuous = world.MarketsOn(
                other, Gathering with { MatchInterval = TimeSpan.Zero }, new MarketOptions());
            _ = await continuous.RunAsync(ZoneScope.All, None);
        }

        (await world.QueryAsync<(long, long)>("select energy_wh, price from matches order by sequence"))
            .ShouldBe([(100, 1_000_000), (100, 1_000_000)]);
        (await KindsAsync(world, Zone)).Count(static kind => kind == OperationKind.Match).ShouldBe(1);
        (await JournalMatches.ReadAsync(world.Database, Zone)).Matches.Count.ShouldBe(2);
        (await world.ReplayAsync()).Fault.ShouldBeNull();
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
        (await world.ReplayAsync()).Fault.ShouldBeNull();
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
        (await world.ReplayAsync()).Hashes.ShouldBeGreaterThanOrEqualTo(3);

        // What was found to be right is not replayed again.
        await PlayAsync(world, 10);
        var all = await world.ReplayAsync();
        var rest = await world.ReplayAsync(isContinued: true);
        (all.Fault, rest.Fault).ShouldBe((null, null));
        (rest.Lines, rest.Book.StateHash()).ShouldBe((all.Lines - lines, all.Book.StateHash()));
    }

    [Theory]
    [InlineData("delete from market_journal where sequence = 30 returning 1")]
    [InlineData(
        "update market_journal set operation = set_byte(operation, 39, 7) "
        + "where get_byte(operation, 0) = 1 returning 1")]
    [InlineData(
        "update market_journal set state_hash = decode(repeat('00', 16), 'hex') where sequence = 20 returning 1")]
    [InlineData("update orders set limit_price = limit_price + 1 where place is not null returning 1")]
    [InlineData(
        "update market_snapshots set orders = orders || orders, "
        + "state_hash = '\\x00112233445566778899aabbccddeeff' returning 1")]
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
        (await Should.ThrowAsync<ZonesFailedException>(worker.RunOnceAsync(None)))
            .Message.ShouldContain($"The journal of zone {Zone} does not give its book");
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
            var lasts = Lasting(world);
            var (energy, price) = (1 + random.Next(300), 1_000_000 + (random.Next(9) * 50_000));
            var force = random.Next(8) switch { 0 => "ioc", 1 => "fok", _ => null };
            switch (random.Next(10))
            {
                case < 4:
                    asks.Add(await world.ActiveAskAsync(trader, energy, price, lasts, force));
                    break;
                case < 7:
                    _ = await world.ActiveBidAsync(trader, energy, price, lasts, force);
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

    /// <summary>Five hours from now, counted from noon.</summary>
    private static TimeSpan Lasting(MarketWorld world) => world.Now - CloudHost.Noon + TimeSpan.FromHours(5);

    /// <summary>Another process reads the books from the database, writes to them and goes away.</summary>
    private static async Task TakeOverAsync(MarketWorld world)
    {
        await using var other = world.OtherDatabase();
        var trader = await world.TraderAsync();
        _ = await world.ActiveBidAsync(trader, 7, 1_000_000, Lasting(world));
        var markets = world.MarketsOn(other);
        _ = await markets.RunAsync(ZoneScope.All, None);
        _ = await markets.RunLinkedAsync(None);
    }

    private static async Task ShouldHaveMatchedAsync(MarketWorld world, OperationKind kind)
    {
        (await KindsAsync(world, Zone)).ShouldContain(kind);
        var matches = await world.QueryAsync<(Guid, Guid, long, long)>(
            "select buy_order, sell_order, energy_wh, price from matches order by sequence");
        matches.Count.ShouldBeGreaterThan(5);
        (await JournalMatches.ReadAsync(world.Database, Zone)).Matches.ShouldBe(matches);
        (await world.ReplayAsync()).Fault.ShouldBeNull();
    }

    private static async Task<IReadOnlyList<OperationKind>> KindsAsync(MarketWorld world, string zone) =>
        [.. (await world.QueryAsync<byte[]>("select operation from market_journal where zone = @zone", new { zone }))
            .Select(static line => BookOperation.Read(line).Kind)];
}
