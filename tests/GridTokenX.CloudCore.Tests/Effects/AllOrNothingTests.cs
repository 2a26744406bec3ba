using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Programs.Events;

namespace GridTokenX.CloudCore.Tests.Effects;

/// <summary>
/// Whatever statement of a match, of its clearing or its settlement fails, nothing of it is left; and with the next
/// attempt all of it is there.
/// </summary>
public sealed class AllOrNothingTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan QuarterHour = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Long = TimeSpan.FromDays(2);

    public static TheoryData<string, string[]> Ways => new()
    {
        { "continuous", [] },
        { "auction", ["UPDATE epochs"] },
        { "linked", ["INSERT matches_across"] },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Match_is_written_with_all_its_effects_or_not_at_all(string way, string[] besides)
    {
        await using var world = await StartAsync(way);
        var (anna, boon) = await TradersAsync(world, way);
        _ = await world.ActiveAskAsync(anna, 100, 2_000_000, Long);
        _ = await world.ActiveBidAsync(boon, 60, 2_500_000, Long);

        // In the same group somebody leaves, and is answered; his escrow goes back.
        var gone = await world.ActiveAskAsync(anna, 30, 9_000_000, Long);
        await using (var unit = await world.Database.BeginAsync(None))
        {
            (await MarketInbox.AskForCancellationAsync(
                unit.Transaction, await world.OrderAsync(gone), world.Signed(anna, "k", "cancel"), None))
                .ShouldBeTrue();
            await unit.CommitAsync(None);
        }

        if (way == "auction")
        {
            world.Time.Advance(QuarterHour);
        }

        _ = await EpochSchedule.AdvanceAsync(world.Database, world.Now, None);
        var failed = await FailingStatement.EachAsync(world, async () => _ = way switch
        {
            "auction" => await world.Auction.RunOnceAsync(None),
            "linked" => await world.Across.RunOnceAsync(None),
            _ => await world.MatchAsync(),
        });

        string[] all =
        [
            "UPDATE market_zones", "INSERT market_journal", "UPDATE orders", "INSERT matches", "INSERT match_effects",
            "INSERT yields", "INSERT device_locks", "INSERT chain_outbox", "INSERT idempotency_keys",
            "DELETE market_inbox", .. besides,
        ];
        all.Except(failed).ShouldBeEmpty();
        (await world.OneAsync<(long, long, long, long)>(
            """
            select (select sum(energy_wh)::bigint from matches), (select count(*) from match_effects),
                   (select count(*) from yields), (select count(*) from device_locks)
            """)).ShouldBe((60, 1, 2, 1));
        (await world.StatusAsync(gone)).ShouldBe("cancelled");
        foreach (var zone in new[] { anna.Zone, boon.Zone })
        {
            await world.ShouldReplayAsync(zone);
        }
    }

    [Fact]
    public async Task Epoch_is_cleared_with_all_its_settlements_or_not_at_all()
    {
        await using var world = await StartAsync("continuous");
        await MatchedAsync(world);
        world.Time.Advance(QuarterHour);
        _ = await EpochSchedule.AdvanceAsync(world.Database, world.Now, None);
        var failed = await FailingStatement.EachAsync(world, () => world.Clearing.RunOnceAsync(None));
        string[] all = ["UPDATE epochs", "INSERT settlements", "INSERT chain_outbox"];
        all.Except(failed).ShouldBeEmpty();
        (await world.CountAsync("settlements")).ShouldBe(1);
    }

    [Fact]
    public async Task Settlement_makes_all_effects_count_or_none()
    {
        await using var world = await StartAsync("continuous");
        await MatchedAsync(world);
        await world.AdvanceAsync(QuarterHour);
        var row = (await world.OpenRowsAsync()).ShouldHaveSingleItem();
        var executed = (TradeExecuted)world.Chain.Execute(row.Intent!).Events.ShouldHaveSingleItem();
        var failed = await FailingStatement.EachAsync(world, () => world.Database.TransactAsync(
            async unit =>
            {
                await SettlementRecords.CompleteAsync(
                    unit.Transaction, world.Outbox, [(executed, "signature")], world.Now, None);
                return true;
            },
            None));
        string[] all =
        [
            "UPDATE settlements", "UPDATE matches", "UPDATE orders", "UPDATE match_effects", "UPDATE yields",
            "INSERT chain_outbox",
        ];
        all.Except(failed).ShouldBeEmpty();
        (await world.OneAsync<(string, string, string)>(
            """
            select (select status from settlements), (select status from match_effects),
                   (select string_agg(distinct status, ' ') from yields)
            """)).ShouldBe(("completed", "settled", "accruing"));
    }

    private static Task<MarketWorld> StartAsync(string way) => MarketWorld.StartAsync(market: new MarketOptions
    {
        BurnOnSettlement = true,
        Mode = way == "auction" ? "call_auction" : null,
        Links = way == "linked"
            ? [new ZoneLinkSettings { From = "north", To = "south", WheelingPrice = 0.1m, CapacityKwh = 10 }]
            : [],
    });

    private static async Task<(Trader Anna, Trader Boon)> TradersAsync(MarketWorld world, string way) =>
        way == "linked"
            ? (await world.TraderAsync("north"), await world.TraderAsync("south"))
            : (await world.TraderAsync(), await world.TraderAsync());

    private static async Task MatchedAsync(MarketWorld world)
    {
        var (anna, boon) = await TradersAsync(world, "continuous");
        _ = await world.ActiveAskAsync(anna, 60, 2_000_000);
        _ = await world.ActiveBidAsync(boon, 60, 2_500_000);
        (await world.MatchAsync()).ShouldBe(1);
    }
}
