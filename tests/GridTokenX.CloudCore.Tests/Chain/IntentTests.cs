using System.Text.Json;
using GridTokenX.CloudCore.Chain;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class IntentTests
{
    private static readonly Guid Id = Guid.Parse("0190a5f0-1111-7222-8333-444455556666");
    private static readonly Key32 Seller = Keypair.Generate().PublicKey.ToKey32();
    private static readonly Key32 Buyer = Keypair.Generate().PublicKey.ToKey32();
    private static readonly SettleTrade Trade =
        new(Id, Seller, Buyer, new WattHours(1500), new MicroGrx(990), new MicroGrx(10), new MicroGrx(7));

    private static readonly PlainTokens Tokens = new(
        Keypair.Generate().PublicKey,
        Keypair.Generate().PublicKey,
        Keypair.Generate().PublicKey,
        Keypair.Generate().PublicKey);

    public static TheoryData<ChainIntent> Intents =>
    [
        new MintEnergy(Id, "meter-1", Seller, new WattHours(long.MaxValue)),
        new GrantMoney(Id, Seller, new MicroGrx(1)),
        new DepositEnergy(Id, Id, Seller, new WattHours(2)),
        new DepositMoney(Id, Id, Seller, new MicroGrx(3)),
        new RefundEnergy(Id, Id, Seller, new WattHours(4)),
        new RefundMoney(Id, Id, Seller, new MicroGrx(5)),
        Trade,
    ];

    [Theory]
    [MemberData(nameof(Intents))]
    public void An_intent_is_read_back_as_it_was_written(ChainIntent intent)
    {
        var json = ChainIntentJson.Write(intent);
        ChainIntentJson.Read(json).ShouldBe(intent);
        using var document = JsonDocument.Parse(json);
        document.RootElement.GetProperty("kind").GetString().ShouldBe(IntentKinds.KindOf(intent));
    }

    [Fact]
    public void The_kind_may_stand_anywhere_as_jsonb_moves_it() =>
        ChainIntentJson.Read($$"""{"id":"{{Id}}","amount":1,"wallet":"{{Seller}}","kind":"grant_money"}""")
            .ShouldBe(new GrantMoney(Id, Seller, new MicroGrx(1)));

    [Fact]
    public void A_kind_from_a_newer_version_is_refused_as_json() =>
        Should.Throw<JsonException>(() => ChainIntentJson.Read($$"""{"kind":"fly_away","id":"{{Id}}"}"""));

    [Fact]
    public void The_memo_names_kind_and_id() => IntentKinds.MemoOf(Trade).ShouldBe($"gtx:settle:{Id}");

    [Fact]
    public void The_same_cause_has_the_same_id_and_no_other_has_it()
    {
        var id = IntentKinds.IdOf("mint", "meter-1", "23");
        IntentKinds.IdOf("mint", "meter-1", "23").ShouldBe(id);
        IntentKinds.IdOf("mint", "meter-12", "3").ShouldNotBe(id);
        id.Version.ShouldBe(8);
    }

    [Fact]
    public void A_settlement_is_a_memo_and_four_transfers_by_the_platform()
    {
        var instructions = Tokens.InstructionsOf(Trade, createsAccounts: false);
        instructions.Select(static i => i.Program)
            .ShouldBe([MemoProgram.Id, .. Enumerable.Repeat(TokenProgram.Id, 4)]);
        instructions.Skip(1).Select(static i => i.Accounts[^1]).Distinct().Single()
            .ShouldBe(AccountMeta.ReadonlySigner(Tokens.Platform));
        instructions.Skip(1).Select(static i => i.Accounts[0].Address)
            .ShouldBe([Tokens.GridEscrow, Tokens.GrxEscrow, Tokens.GrxEscrow, Tokens.GrxEscrow]);
        instructions.Skip(1).Select(static i => i.Accounts[2].Address).ShouldBe(
        [
            Tokens.AccountsOf(Buyer).Grid,
            Tokens.AccountsOf(Seller).Grx,
            Tokens.FeeAccount,
            Tokens.AccountsOf(Buyer).Grx,
        ]);
    }

    [Fact]
    public void Amounts_of_zero_move_nothing() =>
        Tokens.InstructionsOf(Trade with { Fee = MicroGrx.Zero, Refund = MicroGrx.Zero }, createsAccounts: false)
            .Count.ShouldBe(3);

    [Fact]
    public void A_settlement_that_creates_accounts_still_fits_one_transaction()
    {
        var instructions = Tokens.InstructionsOf(Trade, createsAccounts: true);
        instructions.Count(static i => i.Program == AssociatedTokenProgram.Id).ShouldBe(3);
        new Transaction(Message.CompileLegacy(Tokens.Platform, default, instructions)).Length
            .ShouldBeLessThanOrEqualTo(Transaction.MaxLength);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void Energy_that_no_token_amount_expresses_is_an_error(long wh) =>
        Should.Throw<OverflowException>(() => Tokens.InstructionsOf(
            new MintEnergy(Id, "meter-1", Seller, new WattHours(wh)), createsAccounts: false));

    [Fact]
    public void Back_off_stays_below_its_bound_and_grows_to_the_longest()
    {
        var (first, longest) = (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        for (var failures = 1; failures < 100; failures++)
        {
            var bound = Math.Min(Math.Pow(2, failures - 1), longest.TotalSeconds);
            Jitter.After(failures, first, longest).TotalSeconds.ShouldBeInRange(0, bound);
        }

        Enumerable.Range(0, 100).Max(_ => Jitter.After(60, first, longest))
            .ShouldBeGreaterThan(TimeSpan.FromMinutes(2));
    }
}
