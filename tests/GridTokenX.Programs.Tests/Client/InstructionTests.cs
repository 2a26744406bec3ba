using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Client;

public sealed class InstructionTests
{
    private static readonly PublicKey Payer = Some.Key("payer");
    private static readonly PublicKey Owner = Some.Key("owner");
    private static readonly Blockhash AnyBlockhash = new(new byte[32]);

    [Fact]
    public void A_sell_order_has_the_contracts_bytes_and_accounts()
    {
        var instruction = Some.Trading.CreateSellOrder(Payer, Owner, Some.Terms);
        Convert.ToHexStringLower(instruction.Data.Span).ShouldBe(
            "3534ff2cbf4aabe1" + "0700000000000000" + "00f9029500000000" + "e067350000000000" + "00d2496b00000000");
        instruction.Accounts.ShouldBe(
        [
            AccountMeta.WritableSigner(Payer), AccountMeta.ReadonlySigner(Owner),
            AccountMeta.Readonly(Some.Trading.Market), AccountMeta.Writable(Some.Trading.Order(Owner, 7)),
            AccountMeta.Writable(
                AssociatedTokenProgram.AssociatedTokenAddress(Owner, Some.EnergyToken.Mint)),
            AccountMeta.Writable(Some.Trading.GridVault), AccountMeta.Readonly(SystemProgram.Id),
            AccountMeta.Readonly(TokenProgram.Id),
        ]);
    }

    [Fact]
    public void A_buy_order_pays_from_grx_into_the_grx_vault()
    {
        var accounts = Some.Trading.CreateBuyOrder(Payer, Owner, Some.Terms).Accounts;
        accounts[4].Address.ShouldBe(AssociatedTokenProgram.AssociatedTokenAddress(Owner, Some.Trading.GrxMint));
        accounts[5].Address.ShouldBe(Some.Trading.GrxVault);
    }

    [Fact]
    public void Lists_and_texts_have_a_length_before_them()
    {
        Hex(Some.Registry.RegisterMeter(Payer, Owner, "MTR-1", Some.Key("device"), 1)).ShouldBe(
            "316a57488ad6e07d" + "05000000" + "4d54522d31" + Hex(Some.Key("device")) + "0100000000000000");
        var settings = new MarketSettings(100, 1, 2, [Some.Key("a"), Some.Key("b")]);
        Hex(Some.Trading.InitializeMarket(Payer, Owner, Some.Key("fees"), settings)).ShouldBe(
            "2323bdc19b30aacb" + "6400" + "0100000000000000" + "0200000000000000" + "02000000"
            + Hex(Some.Key("a")) + Hex(Some.Key("b")));
        Hex(Some.Registry.SubmitMeterReadings(Payer, [new("A", 1, 2, 3), new("B", 4, 5, 6)])).ShouldBe(
            "a965f391ca4251a1" + "02000000"
            + "010000000000000002000000000000000300000000000000"
            + "040000000000000005000000000000000600000000000000");
    }

    [Fact]
    public void Settlements_of_two_pages_are_no_instruction()
    {
        var reference = new OrderReference(Owner, 1, Payer);
        Should.Throw<ArgumentException>(() => Some.Trading.SettleMatch(Payer, Payer));
        Should.Throw<ArgumentException>(() => Some.Trading.SettleMatch(
            Payer, Payer, new MatchSettlement(65_535, 1, 1, reference, reference),
            new MatchSettlement(65_536, 1, 1, reference, reference)));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("a", true)]
    [InlineData("MTR-0001_x.y", true)]
    [InlineData("01234567890123456789012345678901", true)]
    [InlineData("012345678901234567890123456789012", false)]
    [InlineData("MTR 1", false)]
    [InlineData("MTR/1", false)]
    [InlineData("zähler", false)]
    public void A_meters_id_can_be_a_seed(string meterId, bool expected)
    {
        MeterId.IsValid(meterId).ShouldBe(expected);
        if (!expected)
        {
            Should.Throw<ArgumentException>(() => Some.Registry.Meter(meterId));
        }
    }

    [Fact]
    public void Three_settlements_fit_a_transaction()
    {
        var settlements = Enumerable.Range(0, 3)
            .Select(i => new MatchSettlement(
                (ulong)i, 1, 1, new OrderReference(Some.Key($"seller {i}"), 1, Some.Key($"payer of sale {i}")),
                new OrderReference(Some.Key($"buyer {i}"), 1, Some.Key($"payer of purchase {i}"))))
            .ToList();
        var transaction = Transaction(Some.Trading.SettleMatch(Payer, Some.Key("fees"), settlements));
        transaction.Length.ShouldBeLessThanOrEqualTo(Solana.Transaction.MaxLength);
    }

    [Fact]
    public void An_order_is_read_back_from_what_was_signed()
    {
        foreach (var side in Enum.GetValues<OrderSide>())
        {
            var instruction = Some.Trading.CreateOrder(side, Owner, Owner, Some.Terms);
            var message = Transaction(ComputeBudgetProgram.SetComputeUnitLimit(10_000), instruction).Message;
            InstructionReader.TryReadOrder(message, Some.Trading, out var request).ShouldBe(OrderRequestProblem.None);
            request.ShouldBe(new OrderRequest(
                side, Owner, Owner, Some.Terms,
                AssociatedTokenProgram.AssociatedTokenAddress(Owner, Some.Trading.EscrowMint(side))));
        }
    }

    [Fact]
    public void More_or_less_than_one_order_is_refused()
    {
        var order = Some.Trading.CreateSellOrder(Owner, Owner, Some.Terms);
        ProblemOf(order, order).ShouldBe(OrderRequestProblem.NotOneOrder);
        ProblemOf(ComputeBudgetProgram.SetComputeUnitLimit(10_000)).ShouldBe(OrderRequestProblem.NotOneOrder);
        ProblemOf(order, SystemProgram.Transfer(Payer, Owner, 1)).ShouldBe(OrderRequestProblem.ForeignInstruction);
        ProblemOf(Some.Trading.SetMaintenance(Payer, true)).ShouldBe(OrderRequestProblem.WrongInstruction);
        ProblemOf(new Instruction(Some.Trading.Id, order.Accounts, new byte[7]))
            .ShouldBe(OrderRequestProblem.WrongInstruction);
        ProblemOf(order with { Data = (byte[])[.. order.Data.Span, 0] }).ShouldBe(OrderRequestProblem.WrongInstruction);
    }

    [Fact]
    public void An_order_with_any_other_account_is_refused()
    {
        var order = Some.Trading.CreateSellOrder(Owner, Owner, Some.Terms);
        foreach (var place in new[] { 2, 3, 5, 6, 7 })
        {
            var accounts = order.Accounts.ToArray();
            accounts[place] = accounts[place] with { Address = Some.Key("another") };
            ProblemOf(order with { Accounts = accounts }).ShouldBe(OrderRequestProblem.WrongInstruction);
        }

        ProblemOf(order with { Accounts = [.. order.Accounts.Take(7)] }).ShouldBe(OrderRequestProblem.WrongInstruction);
        var unsigned = order.Accounts.ToArray();
        unsigned[1] = AccountMeta.Readonly(Some.Key("does not sign"));
        ProblemOf(order with { Accounts = unsigned }).ShouldBe(OrderRequestProblem.WrongInstruction);
    }

    [Fact]
    public void An_order_that_needs_a_lookup_table_is_refused()
    {
        var order = Some.Trading.CreateSellOrder(Owner, Owner, Some.Terms);
        var table = new AddressLookupTable(Some.Key("table"), [Some.Trading.Market]);
        var message = Message.CompileV0(Owner, AnyBlockhash, [order], table);
        InstructionReader.TryReadOrder(message, Some.Trading, out var request)
            .ShouldBe(OrderRequestProblem.LookupTable);
        request.ShouldBeNull();
    }

    private static OrderRequestProblem ProblemOf(params Instruction[] instructions) =>
        InstructionReader.TryReadOrder(Transaction(instructions).Message, Some.Trading, out _);

    private static Transaction Transaction(params Instruction[] instructions) =>
        new(Message.CompileV0(Payer, AnyBlockhash, instructions));

    private static string Hex(Instruction instruction) => Convert.ToHexStringLower(instruction.Data.Span);

    private static string Hex(PublicKey key) => Convert.ToHexStringLower(key.Span);
}
