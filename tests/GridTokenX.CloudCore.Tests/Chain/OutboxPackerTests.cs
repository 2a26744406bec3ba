using FsCheck;
using FsCheck.Fluent;
using GridTokenX.CloudCore.Chain;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class OutboxPackerTests
{
    private static readonly Keypair[] Wallets = [.. Enumerable.Range(0, 12).Select(static _ => Keypair.Generate())];
    private static readonly Key32 Sponsor = Some.Key;
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly IntentInstructions Instructions = new(
        new EnergyPrograms(new ProgramAddresses(), Some.Key.ToPublicKey(), Some.Key.ToPublicKey()),
        Sponsor.ToPublicKey(),
        Some.Key.ToPublicKey(),
        Some.Key.ToPublicKey());

    [Fact]
    public void Nine_mints_of_nine_owners_fit_and_the_tenth_does_not()
    {
        var packs = Pack([.. Wallets.Take(10).Select(static w => Some.Mint(w, Some.MeterId, 5, Now))]);
        packs.Select(static pack => pack.Rows.Count).ShouldBe([9, 1]);
    }

    [Fact]
    public void Three_settlements_of_strangers_fit_and_more_of_one_seller()
    {
        Pack([Trade(0, 1), Trade(2, 3), Trade(4, 5), Trade(6, 7)])[0].Rows.Count.ShouldBeGreaterThanOrEqualTo(3);
        var sell = Order(0, "sell");
        var ofOne = Pack([.. Enumerable.Range(1, 8).Select(i =>
            Some.Settlement(sell, Order(i, "buy"), 1, 4_000, Sponsor))]);
        ofOne[0].Rows.Count.ShouldBeGreaterThan(3);
    }

    [Fact]
    public void Settlements_of_two_pages_never_share_a_transaction() =>
        Pack([Trade(0, 1, 65_535), Trade(0, 1, 65_536)]).Count.ShouldBe(2);

    [Fact]
    public void A_meter_is_minted_once_a_transaction() =>
        Pack([Some.Mint(Wallets[0], "m", 5, Now), Some.Mint(Wallets[0], "m", 6, Now)]).Count.ShouldBe(2);

    [Fact]
    public void Orders_and_grants_go_by_themselves() =>
        Pack([Order(0, "buy"), Order(1, "sell"), Some.Grant(Wallets[0], 1), Some.Grant(Wallets[1], 2)])
            .Count.ShouldBe(4);

    [Fact]
    public void A_row_that_is_alone_stays_alone()
    {
        var rows = new[] { Row(1, Trade(0, 1)), Row(2, Trade(2, 3)) with { IsAlone = true }, Row(3, Trade(4, 5)) };
        OutboxPacker.Pack(rows, Instructions).Select(static pack => pack.Rows.Select(static row => row.Id))
            .ShouldBe([[1L, 3L], [2L]]);
    }

    [Fact]
    public void What_cannot_be_expressed_spoils_no_transaction()
    {
        var packs = Pack([Trade(0, 1), Trade(2, 3) with { Energy = new WattHours(long.MaxValue) }, Trade(4, 5)]);
        packs.Select(static pack => pack.Rows.Count).ShouldBe([2, 1], ignoreOrder: true);
    }

    [Fact]
    public void A_settlement_that_creates_its_receivers_accounts_fits_by_itself()
    {
        var instructions = Instructions.Of([Trade(0, 1)], createsAccounts: true);
        instructions.Count.ShouldBe(4);
        TransactionSize.Fits(Instructions.PayerOf(LaneKind.Settlement), instructions).ShouldBeTrue();
    }

    [Fact]
    public void Whatever_comes_every_row_is_in_one_pack_and_every_pack_fits()
    {
        var intents = Gen.Choose(0, 7).SelectMany(
            static kind => Gen.Choose(0, 11).Two().Select(pair => Intent(kind, pair.Item1, pair.Item2)));
        Prop.ForAll(Arb.From(intents.ListOf()), static intents =>
        {
            var packs = Pack([.. intents]);
            packs.SelectMany(static pack => pack.Rows).Select(static row => row.Id).Order()
                .ShouldBe(Enumerable.Range(0, intents.Count).Select(static i => (long)i));
            foreach (var pack in packs)
            {
                var instructions = Instructions.Of(pack.Intents, createsAccounts: false);
                var payer = Instructions.PayerOf(pack.Lane);
                var transaction = new Transaction(Message.CompileLegacy(payer, default, instructions));
                transaction.Length.ShouldBe(TransactionSize.Of(payer, instructions));
                pack.Rows.Select(static row => row.Id).ShouldBeUnique();
            }
        }).QuickCheckThrowOnFailure();
    }

    private static IReadOnlyList<OutboxPack> Pack(IReadOnlyList<ChainIntent> intents) =>
        OutboxPacker.Pack([.. intents.Select(static (intent, i) => Row(i, intent))], Instructions);

    private static OutboxRow Row(long id, ChainIntent intent) => new(
        id, intent.Id, IntentKinds.KindOf(intent), intent, 0, IsAlone: false, CreatesAccounts: false, null, null);

    private static PlaceOrder Order(int wallet, string side) => Some.Order(Wallets[wallet], side, 10, 4_000, Now);

    private static SettleTrade Trade(int seller, int buyer, long? number = null) =>
        Some.Settlement(Order(seller, "sell"), Order(buyer, "buy"), 10, 4_000, Sponsor, number);

    private static ChainIntent Intent(int kind, int first, int second) => kind switch
    {
        0 => Some.User(Wallets[first]),
        1 => Some.Meter(Wallets[first], Some.MeterId, Now),
        2 => Some.Mint(Wallets[first], $"meter-{second}", 5, Now),
        3 => Some.Grant(Wallets[first], 5),
        4 => Order(first, "buy"),
        5 => Some.Release(Order(first, "sell"), Sponsor),
        _ => Trade(first, second),
    };
}
