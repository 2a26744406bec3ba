using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Tests.Effects;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Market.Clearing;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>
/// Orders that take their places, and match, in the transaction in which their escrows arrive; and everything that
/// makes them go by the inbox instead.
/// </summary>
public sealed class ArrivalTests : IAsyncLifetime
{
    private const string Zone = "zone-1";

    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Long = TimeSpan.FromDays(2);
    private static readonly TradingOptions Immediate =
        new() { EscrowWait = TimeSpan.Zero, MatchInterval = TimeSpan.Zero };

    private MarketWorld _world = null!;
    private Trader _anna = null!;
    private Trader _boon = null!;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync(Immediate);
        (_anna, _boon) = (await _world.TraderAsync(), await _world.TraderAsync());

        // The zone's first order comes by the inbox, and this process is its writer from then on.
        _ = await _world.ActiveAskAsync(_anna, 1, 9_000_000, Long);
        (await _world.CountAsync("market_inbox")).ShouldBe(1);
        _ = await _world.MatchAsync();
        (await _world.CountAsync("market_inbox")).ShouldBe(0);
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Order_rests_and_another_matches_it_in_the_transactions_of_their_events()
    {
        var ask = await _world.ActiveAskAsync(_anna, 100, 2_000_000, Long);
        (await _world.CountAsync("orders where place is not null and status = 'active'")).ShouldBe(2);
        var bid = await _world.ActiveBidAsync(_boon, 60, 2_500_000, Long);

        (await _world.CountAsync("market_inbox")).ShouldBe(0);
        (await _world.OneAsync<(long, long, long, long)>(
            """
            select (select sum(energy_wh)::bigint from matches), (select count(*) from match_effects),
                   (select count(*) from yields), (select energy_wh from device_locks)
            """)).ShouldBe((60, 1, 2, 60));
        (await _world.QueryAsync<(Guid, string, string, long, bool)>(
            "select id, status, escrow, filled_wh, escrowed_at >= created_at from orders where id in (@ask, @bid) "
            + "order by sequence",
            new { ask, bid }))
            .ShouldBe([(ask, "partially_filled", "held", 60, true), (bid, "filled", "held", 60, true)]);

        // One transaction has written the event and the match.
        (await _world.OneAsync<bool>(
            "select exists (select from chain_events where xmin = (select xmin from matches))")).ShouldBeTrue();
        await _world.ShouldReplayAsync();
    }

    [Fact]
    public async Task Orders_of_one_batch_match_in_the_order_in_which_they_were_placed()
    {
        _ = await _world.SellManyAsync(_anna, [50, 50], 2_000_000);
        _ = await _world.BuyAsync(_boon, 70, 2_000_000, Long);
        _world.HoldsEvents = true;
        _ = await _world.AnswerAsync();
        await _world.DeliverAsync();
        (await _world.QueryAsync<long>("select filled_wh from orders where side = 'sell' order by sequence"))
            .ShouldBe([0, 50, 20]);
        (await _world.CountAsync("market_inbox")).ShouldBe(0);
        await _world.ShouldReplayAsync();
    }

    [Fact]
    public async Task What_has_had_its_one_matching_is_cancelled_in_the_same_transaction()
    {
        var ask = await _world.ActiveAskAsync(_anna, 100, 2_000_000, Long);
        var brief = await _world.ActiveBidAsync(_boon, 300, 2_500_000, Long, OrderForce.ImmediateOrCancel);
        var row = await _world.OrderAsync(brief);
        (row.Status, row.Filled.Value, row.Escrow).ShouldBe(("cancelled", 100, "held"));
        (await _world.StatusAsync(ask)).ShouldBe("filled");

        // Of one that finds nothing, all of its escrow is free at once.
        var idle = (await _world.BuyAsync(
            _boon, 300, 1_000_000, Long, force: OrderForce.ImmediateOrCancel)).Order.ShouldNotBeNull();
        _ = await _world.AnswerAsync(most: 1);
        row = await _world.OrderAsync(idle.Id);
        (row.Status, row.Filled.Value, row.Escrow).ShouldBe(("cancelled", 0, "releasing"));
        await _world.ShouldReplayAsync();
    }

    [Theory]
    [InlineData("zone locked")]
    [InlineData("inbox not empty")]
    [InlineData("two zones")]
    [InlineData("other writer")]
    [InlineData("epoch cleared")]
    [InlineData("expired")]
    [InlineData("cancelled")]
    public async Task Orders_go_by_the_inbox_when(string reason)
    {
        var ask = await _world.ActiveAskAsync(_anna, 100, 2_000_000, Long);
        _world.HoldsEvents = true;
        var bid = (await _world.BuyAsync(_boon, 60, 2_500_000, TimeSpan.FromHours(1))).Order.ShouldNotBeNull().Id;
        await using var blocking = await _world.Database.BeginAsync(None);
        await using var other = _world.OtherDatabase();
        switch (reason)
        {
            case "zone locked":
                await ZoneLock.TakeAsync(blocking.Transaction, Zone, None);
                break;
            case "inbox not empty":
                await using (var unit = await _world.Database.BeginAsync(None))
                {
                    await MarketInbox.AddAsync(
                        unit.Transaction, [await _world.OrderAsync(ask)], InboxKind.Withdrawn, None);
                    await unit.CommitAsync(None);
                }

                break;
            case "two zones":
                _ = await _world.SellAsync(await _world.TraderAsync("zone-2"), 10, 9_000_000, Long);
                break;
            case "other writer":
                _ = await _world.MarketsOn(other).RunAsync(Zone, ZoneScope.Opening, None);
                break;
            case "epoch cleared":
                await _world.ExecuteAsync(
                    """
                    insert into epochs (zone, number, starts_at, ends_at, status)
                    values (@Zone, @Number, @Start, @End, 'cleared')
                    """,
                    new
                    {
                        Zone,
                        MarketEpoch.At(_world.Now).Number,
                        MarketEpoch.At(_world.Now).Start,
                        MarketEpoch.At(_world.Now).End,
                    });
                break;
            case "expired":
                _world.Time.Advance(TimeSpan.FromHours(1));
                break;
            default:
                _ = await _world.CancelAsync(_boon, bid);
                break;
        }

        _ = await _world.AnswerAsync();
        await _world.EventsOn(_world.Database, _world.Markets).StoreAsync(_world.Undelivered(), [], None);
        (await _world.CountAsync("matches")).ShouldBe(0);
        var row = await _world.OrderAsync(bid);
        if (reason is "expired" or "cancelled")
        {
            (row.Status, row.Escrow).ShouldBe((reason, "releasing"));
            return;
        }

        (row.Status, row.Escrow).ShouldBe(("active", "held"));
        (await _world.CountAsync("market_inbox where kind = 'place'")).ShouldBe(reason == "two zones" ? 2 : 1);
        await blocking.DisposeAsync();
        _ = await _world.MatchAsync();
        (await _world.CountAsync("matches")).ShouldBe(reason is "inbox not empty" or "epoch cleared" ? 0 : 1);
        await _world.ShouldReplayAsync();
    }

    [Theory]
    [InlineData("interval")]
    [InlineData("auction")]
    [InlineData("linked")]
    [InlineData("price")]
    public async Task Zones_whose_orders_wait_for_one_another_are_left_alone(string rule)
    {
        await using var world = await MarketWorld.StartAsync(
            rule == "interval" ? new TradingOptions { EscrowWait = TimeSpan.Zero } : Immediate,
            market: new MarketOptions
            {
                Mode = rule == "auction" ? "call_auction" : null,
                Links = rule == "linked"
                    ? [new ZoneLinkSettings { From = "zone-1", To = "south", WheelingPrice = 0.1m, CapacityKwh = 10 }]
                    : [],
                Zones = rule == "price"
                    ? new Dictionary<string, ZoneSettings>
                    {
                        [Zone] = new() { DynamicPrice = new DynamicPriceSettings { Enabled = true } },
                    }
                    : new Dictionary<string, ZoneSettings>(),
            });
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        await world.RunAsync();
        _ = await world.ActiveAskAsync(anna, 100, 2_000_000, Long);
        await world.RunAsync();
        _ = await world.ActiveBidAsync(boon, 60, 2_500_000, Long);
        (await world.CountAsync("market_inbox where kind = 'place'")).ShouldBe(1);
        (await world.CountAsync("matches")).ShouldBe(0);
    }

    [Fact]
    public async Task Whatever_statement_fails_the_order_comes_by_the_inbox_and_matches_once()
    {
        await FailingStatement.InstallAsync(_world);
        var at = 0;
        var byInbox = 0L;
        while (true)
        {
            at++;

            // The book may have been thrown away with the failure before: it is read again with this one.
            await FailingStatement.SetAsync(_world, 0);
            _ = await _world.ActiveAskAsync(_anna, 60, 2_000_000, Long);
            await _world.RunAsync();
            _world.HoldsEvents = true;
            _ = await _world.BuyAsync(_boon, 60, 2_000_000, Long);
            _ = await _world.AnswerAsync();
            _world.HoldsEvents = false;

            await FailingStatement.SetAsync(_world, at);
            await _world.DeliverAsync();
            var hasFailed = await FailingStatement.HasFailedAsync(_world);
            await FailingStatement.SetAsync(_world, 0);
            (await _world.CountAsync("chain_events where not applied")).ShouldBe(0);

            // What fails before the zone is entered leaves it free for the next attempt.
            var waiting = await _world.CountAsync("market_inbox");
            (await _world.CountAsync("matches")).ShouldBe(at - waiting);
            byInbox += waiting;
            await _world.RunAsync();
            (await _world.OneAsync<(long, long, long, long)>(
                """
                select (select count(*) from matches), (select count(*) from match_effects),
                       (select count(*) from yields) / 2, (select count(*) from orders where status = 'filled') / 2
                """)).ShouldBe((at, at, at, at));
            await _world.ShouldReplayAsync();
            if (!hasFailed)
            {
                // Every statement of such a transaction has failed once: of the zone's, all that write a match.
                waiting.ShouldBe(0);
                byInbox.ShouldBeGreaterThanOrEqualTo(7);
                return;
            }
        }
    }

    [Fact]
    public async Task Row_that_is_not_what_its_book_says_matches_only_once_the_book_is_read_again()
    {
        var ask = await _world.ActiveAskAsync(_anna, 100, 2_000_000, Long);
        _ = await _world.ActiveBidAsync(_boon, 10, 2_000_000, Long);
        (await _world.CountAsync("matches")).ShouldBe(1);
        await _world.ExecuteAsync("update orders set filled_wh = 50 where id = @ask", new { ask });
        _ = await _world.ActiveBidAsync(_boon, 20, 2_000_000, Long);
        (await _world.CountAsync("matches")).ShouldBe(1);
        (await _world.CountAsync("market_inbox")).ShouldBe(1);
        (await _world.CountAsync("chain_events where not applied")).ShouldBe(0);
        _ = await _world.MatchAsync();
        (await _world.OrderAsync(ask)).Filled.Value.ShouldBe(70);
    }

    [Fact]
    public async Task After_a_failure_arrivals_are_served_again_once_a_run_has_come_through()
    {
        _ = await _world.ActiveAskAsync(_anna, 100, 2_000_000, Long);
        await _world.ExecuteAsync(
            """
            create function refuse() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$;
            create trigger refuse before insert on matches for each row execute function refuse()
            """);
        _ = await _world.ActiveBidAsync(_boon, 10, 2_000_000, Long);
        _ = await Should.ThrowAsync<ZonesFailedException>(_world.MatchAsync());
        _ = await _world.ActiveBidAsync(_boon, 20, 2_000_000, Long);
        (await _world.CountAsync("market_inbox")).ShouldBe(2);
        await _world.ExecuteAsync("drop trigger refuse on matches");
        _ = await _world.MatchAsync();
        (await _world.CountAsync("matches")).ShouldBe(2);
        _ = await _world.ActiveBidAsync(_boon, 30, 2_000_000, Long);
        (await _world.CountAsync("market_inbox")).ShouldBe(0);
        (await _world.OneAsync<long>("select sum(energy_wh)::bigint from matches")).ShouldBe(60);
        await _world.ShouldReplayAsync();
    }
}
