using System.Text.Json;
using GridTokenX.Programs;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Simulator.Chain;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Reporting;
using GridTokenX.Simulator.Running;
using GridTokenX.Solana;

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
        Problem(books with { Ledger = ledger with { SettledWh = 5_001 } }).ShouldStartWith("GRID: supply");
        Problem(books with { Ledger = ledger with { GridInWallets = 4_999_999_999 } }).ShouldStartWith("GRID: supply");
        Problem(books with { Ledger = ledger with { GrxInWallets = 99_939_999 } }).ShouldStartWith("GRX: supply");
        var inVault = ledger with { GrxInWallets = ledger.GrxInWallets - 1, GrxVault = 1 };
        Problem(books with { Ledger = inVault }).ShouldStartWith("GRX: supply");
    }

    [Fact]
    public void What_was_burned_counts_as_minted_and_as_gone()
    {
        var books = Books();
        var burned = books with
        {
            Cloud = books.Cloud with { Energy = books.Cloud.Energy with { RetiredGrid = 1_500_000_000 } },
            Ledger = books.Ledger with { GridSupply = 3_500_000_000, GridInWallets = 3_500_000_000 },
        };
        ReportBuilder.Build(burned).Conservation.GridOk.ShouldBeTrue();
        Problem(burned with { Cloud = books.Cloud }).ShouldStartWith("GRID: supply");
        Problem(burned with { Ledger = books.Ledger }).ShouldStartWith("GRID: supply");
    }

    [Fact]
    public void An_order_that_is_left_on_chain_is_found()
    {
        var books = Books();
        Problem(books with { Ledger = books.Ledger with { OpenOrders = 1 } })
            .ShouldBe("1 orders are still open on chain");
    }

    [Theory]
    [InlineData(15_000, true)]
    [InlineData(14_999, false)]
    [InlineData(10_000, false)]
    [InlineData(20_000, false)]
    [InlineData(15_000 + 1_837_440, false)]
    public void Rent_that_has_not_come_back_is_found(long spent, bool holds)
    {
        var books = Books();
        var ledger = books.Ledger with { Lamports = books.LamportsAtFirst - spent };
        var problems = ReportBuilder.Build(books with { Ledger = ledger }).Problems;
        problems.ShouldBe(holds ? [] : [$"the homes spent {spent} lamports on 3 transactions"]);
    }

    [Fact]
    public void Fees_are_those_in_the_fee_account()
    {
        var books = Books();
        var ledger = books.Ledger with { Fees = 59_999, GrxInWallets = 99_940_001 };
        Problem(books with { Ledger = ledger }).ShouldContain("the fee account has 59999");
    }

    [Fact]
    public void Compute_units_are_named_by_their_instructions()
    {
        var chain = SomeChain() with
        {
            Registry = Key(LocalPrograms.Registry),
            Trading = Key(LocalPrograms.Trading),
        };
        var rows = JsonDocument.Parse($$"""
            [{"program":"{{LocalPrograms.Trading}}","medianComputeUnits":11000,
              "discriminator":"{{Hex("settle_match")}}"},
             {"program":"{{LocalPrograms.Registry}}","discriminator":"{{Hex("initialize")}}","medianComputeUnits":7},
             {"program":"{{LocalPrograms.Trading}}","discriminator":"0000000000000000","medianComputeUnits":8},
             {"program":"TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA","discriminator":"03","medianComputeUnits":76}]
            """).RootElement;
        ComputeUnits.ByName(rows, chain).ShouldBe(
            new Dictionary<string, long> { ["registry.initialize"] = 7, ["settle_match"] = 11_000 });
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
            Matches: false, 3, 0, [new ReconciliationDifference("GRID supply", 1, 2)], []);
        Problem(Books() with { Reconciliation = differs }).ShouldContain("GRID supply");
        var outside = differs with { Matches = true, Outside = differs.Differences, Differences = [] };
        Problem(Books() with { Reconciliation = outside }).ShouldContain("GRID supply");
    }

    [Fact]
    public void What_links_lost_and_cost_is_counted_again_by_their_terms()
    {
        var books = Books();
        var terms = new LinkTerms(0.25m, 40_000, 1);
        var link = new LinkView("hill", "bay", terms, 2, 1_010, 41, 2_000_000, 242_249);
        var linked = books with
        {
            Links = [link],
            Cloud = books.Cloud with
            {
                Effects = books.Cloud.Effects with { AcrossMatches = 2, LostWh = 41, WheelingDueUgrx = 242_249 },
            },
        };
        ReportBuilder.Build(linked).Problems.ShouldBeEmpty();
        ReportBuilder.Build(linked).Links.ShouldBeNull();
        Problem(linked with { Links = [link with { Terms = null }] }).ShouldContain("where there is no link");
        Problem(linked with { Links = [link with { Terms = terms with { LossPpm = 45_000 } }] })
            .ShouldContain("41 of 1010 Wh are lost");
        Problem(linked with { Links = [link with { Terms = terms with { WheelingPrice = 0.24m } }] })
            .ShouldContain("242249 µGRX are owed for 969 Wh");
        Problem(linked with { Cloud = books.Cloud }).ShouldContain("0 µGRX are settled");
    }

    [Fact]
    public void Several_zones_are_reported_each_by_itself()
    {
        var books = Books();
        var (hill, bay) = (books.Homes[0], books.Homes[0] with { ProducedWh = 0, ConsumedWh = 900, MintedWh = 0 });
        var view = new EpochView(1, "hill", default, default, "settled", 3m, 1.2m, 3, 3.6m, 2.4m, 0);
        var report = ReportBuilder.Build(books with
        {
            Homes =
            [
                hill with { Plan = hill.Plan with { Zone = "hill" } },
                bay with { Plan = bay.Plan with { Zone = "bay" } },
            ],
            Balances = [books.Balances[0], books.Balances[0]],
            Epochs = [view, view with { ClearingPrice = 4m, VolumeKwh = 0.4m, Trades = 1 }],
            Links = [new LinkView("hill", "bay", new LinkTerms(0.25m, 50_000, 1), 1, 600, 30, 1_800_000, 142_500)],
        });
        report.Zones.ShouldBe(
        [
            new ZoneReport("bay", 1, 0, 900, 0, 0, 0, null, 570),
            new ZoneReport("hill", 1, 8_000, 3_000, 5_000, 1_600, 4, 3.25m, 1_000),
        ]);
        report.Links.ShouldBe([new LinkReport("hill", "bay", 1, 600, 30, 1_800_000, 142_500)]);
        report.Fingerprint.ShouldNotBe((report with { Links = [] }).Fingerprint);
    }

    [Fact]
    public void Fingerprint_is_of_what_the_seed_decides()
    {
        var report = Report();
        (report with { WallSeconds = report.WallSeconds + 1 }).Fingerprint.ShouldBe(report.Fingerprint);
        (report with { Readings = report.Readings with { Accepted = 0 } }).Fingerprint.ShouldNotBe(report.Fingerprint);
    }

    private static string Problem(Books books) => ReportBuilder.Build(books).Problems.ShouldHaveSingleItem();

    private static List<string> Members(JsonElement json, string name) =>
    [
        .. json.GetProperty(name).EnumerateObject()
            .Select(static member => member.Name)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Of a run in which everything adds up.</summary>
    internal static DemoReport Report() => ReportBuilder.Build(Books());

    private static Books Books()
    {
        var plan = Neighbourhood.Plan(Some.Options).Homes[0];
        var cloud = new OperatorReport(
            new ReadingTotals(10, new Dictionary<string, long>()),
            new EnergyTotals(8_000, 3_000, 5_000, 5_000, 0),
            new OrderTotals(2, 3, 2, 1, 0, 1, 0),
            2,
            new EpochTotals(4, 4),
            new SettlementTotals(2, 0, 0, 6_000_000, 60_000),
            new LockTotals(0, 2, 2, 0, 2, 0),
            new ChainTotals(20, 0, 0),
            new MarketTotals(0.9m, 0.8m),
            new EffectTotals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        return new Books(
            Some.Options,
            [new HomeBooks(plan, 10, 8_000, 3_000, 5_000)],
            new RunOutcome(SomeChain(), 100_000_000, Transactions: 3, []),
            cloud,
            new ReconciliationReport(Matches: true, 3, 0, [], []),
            new ChainLedger
            {
                GridSupply = 5_000_000_000,
                GridInWallets = 5_000_000_000,
                GridVault = 0,
                SettledWh = 5_000,
                GrxSupply = 100_000_000,
                GrxInWallets = 99_940_000,
                GrxVault = 0,
                Fees = 60_000,
                OpenOrders = 0,
                GridInOrders = 0,
                GrxInOrders = 0,
                Lamports = 999_985_000,
            },
            [new WalletBalance(5_000_000_000, 99_940_000)],
            LamportsAtFirst: 1_000_000_000,
            new Dictionary<string, long>(),
            TimeSpan.FromSeconds(12));
    }

    private static ChainInfo SomeChain()
    {
        var key = new Key32(SeededRandom.For(1, "key").Bytes(Key32.Length));
        return new ChainInfo(
            "http://127.0.0.1:8899", key, key, key, key, key, key, key, key, key, 100, 1, 10_000_000_000, 86_400);
    }

    private static Key32 Key(PublicKey address) => new(address.Span);

    private static string Hex(string instruction) => Discriminator.ToHex(Discriminator.OfInstruction(instruction));
}
