using System.Text.Json;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Simulator.Chain;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Reporting;
using GridTokenX.Simulator.Running;

namespace GridTokenX.Simulator.Tests;

public sealed class ReportTests
{
    [Fact]
    public void Report_has_every_promised_member()
    {
        var json = JsonSerializer.SerializeToElement(ReportBuilder.Build(Books()), ReportJson.Default.DemoReport);
        Members(json, "readings").ShouldBe(["accepted", "lost", "produced", "rejected"]);
        Members(json, "energy").ShouldBe(["consumed_wh", "minted_wh", "net_wh", "produced_wh"]);
        Members(json, "orders").ShouldBe(
            ["buy", "cancelled", "expired", "filled", "partially_filled", "rejected", "sell"]);
        Members(json, "epochs").ShouldBe(["cleared", "settled"]);
        Members(json, "settlements").ShouldBe(["completed", "failed", "fee_ugrx", "value_ugrx"]);
        ((string[])["acknowledged", "rejected", "released", "sent"]).ShouldBeSubsetOf(Members(json, "locks"));
        Members(json, "chain").ShouldBe(["compute_units", "failed", "grid_supply", "grx_supply", "transactions"]);
        Members(json, "conservation").ShouldBe(["database_matches_chain", "grid_ok", "grx_ok"]);
        Members(json, "market").ShouldBe(["volume_ratio", "welfare_ratio"]);
        foreach (var number in (string[])["homes", "simulated_seconds", "wall_seconds", "matches"])
        {
            json.GetProperty(number).ValueKind.ShouldBe(JsonValueKind.Number);
        }
    }

    [Fact]
    public void A_run_in_which_everything_adds_up_has_no_problems()
    {
        var report = ReportBuilder.Build(Books());
        report.Problems.ShouldBeEmpty();
        report.Conservation.ShouldBe(new ConservationReport(GridOk: true, GrxOk: true, DatabaseMatchesChain: true));
    }

    [Fact]
    public void A_base_unit_too_much_is_found()
    {
        var books = Books();
        var ledger = books.Ledger;
        Problem(books with { Ledger = ledger with { GridSupply = 5_000_000_001 } }).ShouldStartWith("GRID: supply");
        Problem(books with { Ledger = ledger with { GridHeld = 4_999_999_999 } }).ShouldStartWith("GRID: supply");
        Problem(books with { Ledger = ledger with { GrxHeld = 99_999_999 } }).ShouldStartWith("GRX: supply");
    }

    [Fact]
    public void A_lost_reading_is_found()
    {
        var books = Books();
        var cloud = books.Cloud with { Readings = new ReadingTotals(9, new Dictionary<string, long>()) };
        Problem(books with { Cloud = cloud }).ShouldBe("1 readings are lost");
    }

    [Fact]
    public void A_failed_settlement_is_found()
    {
        var books = Books();
        var cloud = books.Cloud with { Settlements = new SettlementTotals(1, 1, 0, 3_000_000, 30_000) };
        ReportBuilder.Build(books with { Cloud = cloud }).Problems.ShouldContain("1 settlements failed");
    }

    [Fact]
    public void Failed_transactions_are_explained_by_rejected_orders_only()
    {
        var books = Books();
        var cloud = books.Cloud with { Chain = new ChainTotals(10, 1, 0) };
        Problem(books with { Cloud = cloud }).ShouldContain("1 transactions failed");
        var explained = cloud with { Orders = cloud.Orders with { Rejected = 1 } };
        ReportBuilder.Build(books with { Cloud = explained }).Problems.ShouldBeEmpty();
    }

    [Fact]
    public void A_difference_between_database_and_chain_is_found()
    {
        var differs = new ReconciliationReport(
            Matches: false, 3, 0, [new ReconciliationDifference("GRID supply", 1, 2)]);
        Problem(Books() with { Reconciliation = differs }).ShouldContain("GRID supply");
    }

    private static string Problem(Books books) => ReportBuilder.Build(books).Problems.ShouldHaveSingleItem();

    private static List<string> Members(JsonElement json, string name) =>
    [
        .. json.GetProperty(name).EnumerateObject()
            .Select(static member => member.Name)
            .Order(StringComparer.Ordinal),
    ];

    private static Books Books()
    {
        var plan = Neighbourhood.Plan(Some.Options).Homes[0];
        var cloud = new OperatorReport(
            new ReadingTotals(10, new Dictionary<string, long>()),
            new EnergyTotals(8_000, 3_000, 5_000, 5_000),
            new OrderTotals(2, 3, 2, 1, 0, 1, 0),
            2,
            new EpochTotals(4, 4),
            new SettlementTotals(2, 0, 0, 6_000_000, 60_000),
            new LockTotals(0, 2, 2, 0, 2, 0),
            new ChainTotals(20, 0, 0),
            new MarketTotals(0.9m, 0.8m));
        return new Books(
            Some.Options,
            [new HomeBooks(plan, 10, 8_000, 3_000, 5_000)],
            new RunOutcome(SomeChain(), 100_000_000, []),
            cloud,
            new ReconciliationReport(Matches: true, 3, 0, []),
            new ChainLedger(5_000_000_000, 5_000_000_000, 100_000_000, 100_000_000),
            new Dictionary<string, long>(),
            TimeSpan.FromSeconds(12));
    }

    private static ChainInfo SomeChain()
    {
        var key = new Key32(SeededRandom.For(1, "key").Bytes(Key32.Length));
        return new ChainInfo("http://127.0.0.1:8899", key, key, key, key, key, key, 100);
    }
}
