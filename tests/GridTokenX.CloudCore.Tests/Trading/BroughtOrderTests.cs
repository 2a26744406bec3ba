using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Programs;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using OrderSide = GridTokenX.Programs.OrderSide;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>
/// A user with a wallet of one's own brings the order's transaction: it is this order, or it is refused.
/// </summary>
public sealed class BroughtOrderTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Expiry = CloudHost.Noon.AddMinutes(30);
    private static readonly Blockhash SomeBlockhash = new(new byte[Blockhash.Length]);

    private MarketWorld _world = null!;
    private Trader _anna = null!;
    private Keypair _wallet = null!;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync();
        _anna = await _world.OwnTraderAsync(wh: 10_000, ugrx: 50_000_000);
        _wallet = _anna.Keypair!;
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Order_with_its_transaction_is_taken_and_sent_as_it_is()
    {
        var transaction = Sell(Terms()).ToBase64();
        var order = (await BringAsync(transaction)).Order.ShouldNotBeNull();
        (order.Status, order.ChainOrderId, order.ExpiresAt).ShouldBe(("pending", 7, Expiry));
        var intent = (PlaceOrder)(await _world.OpenRowsAsync()).ShouldHaveSingleItem().Intent!;
        (intent.Transaction, intent.ChainOrderId).ShouldBe((transaction, 7ul));
        intent.ExpiresAt.ShouldBe(Expiry.AddHours(24));
        (await _world.OneAsync<byte[]>("select rent_payer from orders")).ShouldBe(_anna.Wallet.ToArray());
        _ = await _world.AnswerAsync();
        (await _world.StatusAsync(order.Id)).ShouldBe("active");
    }

    [Fact]
    public async Task Order_of_a_wallet_of_ones_own_needs_a_transaction()
    {
        (await BringAsync(null)).Refusal?.Code.ShouldBe(ProblemCodes.TransactionRequired);
        (await _world.CountAsync("orders")).ShouldBe(0);
    }

    [Fact]
    public async Task Expiry_is_the_transactions_when_none_is_named()
    {
        var terms = Terms(expiresAt: Expiry.AddMinutes(7).AddHours(24));
        var order = (await BringAsync(Sell(terms).ToBase64(), expiresAt: null)).Order.ShouldNotBeNull();
        order.ExpiresAt.ShouldBe(Expiry.AddMinutes(7));
    }

    [Fact]
    public async Task Transaction_that_says_something_else_is_refused()
    {
        var ours = Terms();
        await InvalidAsync(Sell(ours with { Amount = 1_000_000_001 }).ToBase64(), "amount");
        await InvalidAsync(Sell(ours with { Price = 2_000_001 }).ToBase64(), "price");
        await InvalidAsync(Sell(ours with { ExpiresAt = ours.ExpiresAt + 1 }).ToBase64(), "expires_at");
        await InvalidAsync(Sell(ours with { OrderId = 0 }).ToBase64(), "order_id");
        await InvalidAsync(Sell(ours with { OrderId = 1ul << 63 }).ToBase64(), "order_id");
        await InvalidAsync(Signed(Create(OrderSide.Buy, ours)).ToBase64(), "side");
    }

    [Fact]
    public async Task Transaction_that_is_none_is_refused()
    {
        await InvalidAsync("", "Base64");
        await InvalidAsync("AAAA", "Base64");
        await InvalidAsync("not base64!", "Base64");
        await InvalidAsync(new string('A', 1_644), "Base64");
        await InvalidAsync(new string('A', 60_000), "Base64");
    }

    [Fact]
    public async Task Transaction_without_the_wallets_true_signature_is_refused()
    {
        var message = Message.CompileLegacy(_wallet.PublicKey, SomeBlockhash, Create(OrderSide.Sell, Terms()));
        await InvalidAsync(new Transaction(message).ToBase64(), "signature");
        var bytes = Sell(Terms()).Serialize();
        bytes[10] ^= 1;
        await InvalidAsync(Convert.ToBase64String(bytes), "signature");
    }

    [Fact]
    public async Task Nobody_else_pays_signs_or_owns()
    {
        using var other = Keypair.Generate();
        var terms = Terms();
        var paid = FakeChain.Trading.CreateSellOrder(other.PublicKey, _wallet.PublicKey, terms);
        await InvalidAsync(Signed(paid, other, _wallet).ToBase64(), "Somebody else");
        var owned = FakeChain.Trading.CreateSellOrder(_wallet.PublicKey, other.PublicKey, terms);
        await InvalidAsync(Signed(owned, _wallet, other).ToBase64(), "Somebody else");
        var stranger = FakeChain.Trading.CreateSellOrder(other.PublicKey, other.PublicKey, terms);
        await InvalidAsync(Signed(stranger, other).ToBase64(), "Somebody else");
        var source = FakeChain.Trading.CreateSellOrder(
            _wallet.PublicKey, _wallet.PublicKey, terms, source: other.PublicKey);
        await InvalidAsync(Signed(source).ToBase64(), "token account");
    }

    [Fact]
    public async Task Transaction_does_nothing_but_this_order()
    {
        var order = Create(OrderSide.Sell, Terms());
        var transfer = SystemProgram.Transfer(_wallet.PublicKey, LocalPrograms.Registry, 1);
        await InvalidAsync(Signed([order, transfer]).ToBase64(), "other programs");
        var second = Create(OrderSide.Sell, Terms() with { OrderId = 8 });
        await InvalidAsync(Signed([order, second]).ToBase64(), "one order");
        await InvalidAsync(Signed([transfer]).ToBase64(), "other programs");
        var foreign = new TradingProgram(
            LocalPrograms.Registry, FakeChain.Trading.GridMint, FakeChain.Trading.GrxMint);
        await InvalidAsync(
            Signed(foreign.CreateSellOrder(_wallet.PublicKey, _wallet.PublicKey, Terms())).ToBase64(),
            "other programs");
        var market = new TradingProgram(
            FakeChain.Trading.Id, FakeChain.Trading.GrxMint, FakeChain.Trading.GridMint);
        await InvalidAsync(
            Signed(market.CreateSellOrder(_wallet.PublicKey, _wallet.PublicKey, Terms())).ToBase64(), "this market");
        var budget = ComputeBudgetProgram.SetComputeUnitLimit(50_000);
        (await BringAsync(Signed([budget, order]).ToBase64())).Order.ShouldNotBeNull();
    }

    [Fact]
    public async Task Order_id_is_used_once_whatever_became_of_the_order()
    {
        var first = (await BringAsync(Sell(Terms()).ToBase64())).Order.ShouldNotBeNull();
        (await BringAsync(Sell(Terms()).ToBase64())).Refusal?.Code.ShouldBe(ProblemCodes.OrderIdUsed);
        _ = await _world.AnswerAsync();
        _ = await _world.CancelAsync(_anna, first.Id);
        _ = await _world.AnswerAsync();
        (await BringAsync(Sell(Terms()).ToBase64())).Refusal?.Code.ShouldBe(ProblemCodes.OrderIdUsed);
        (await BringAsync(Sell(Terms() with { OrderId = 8 }).ToBase64())).Order.ShouldNotBeNull();
        var boon = await _world.OwnTraderAsync();
        var theirs = Signed(
            FakeChain.Trading.CreateSellOrder(boon.Keypair!.PublicKey, boon.Keypair.PublicKey, Terms()), boon.Keypair);
        (await BringAsync(theirs.ToBase64(), boon)).Order.ShouldNotBeNull();
    }

    [Fact]
    public async Task Order_on_chain_from_another_transaction_is_not_this_order()
    {
        _world.HoldsEvents = true;
        var order = (await BringAsync(Sell(Terms()).ToBase64())).Order.ShouldNotBeNull();
        var intent = (PlaceOrder)(await _world.OpenRowsAsync())[0].Intent!;
        _world.HoldsEvents = false;
        await _world.HappenedAsync(FakeChain.Created(intent));
        (await _world.StatusAsync(order.Id)).ShouldBe("pending");
        await _world.HappenedAsync(
            Sell(Terms()).Id, FakeChain.Created(intent with { Energy = new WattHours(999) }));
        (await _world.StatusAsync(order.Id)).ShouldBe("pending");
        await _world.HappenedAsync(FakeChain.Created(intent) with { OrderId = 8 });
        (await _world.StatusAsync(order.Id)).ShouldBe("pending");
        _ = await _world.AnswerAsync();
        (await _world.StatusAsync(order.Id)).ShouldBe("active");
    }

    [Fact]
    public async Task Transaction_that_its_owner_sent_before_bringing_it_makes_an_order_all_the_same()
    {
        var transaction = Sell(Terms());
        await _world.HappenedAsync(transaction.Id, FakeChain.Created(Early(7)));
        var order = (await BringAsync(transaction.ToBase64())).Order.ShouldNotBeNull();
        _world.HoldsEvents = true;
        _ = await _world.AnswerAsync();
        (await _world.StatusAsync(order.Id)).ShouldBe("active");
        await _world.DeliverAsync();
        (await _world.StatusAsync(order.Id)).ShouldBe("active");
    }

    [Fact]
    public async Task Order_that_its_owner_took_back_on_chain_before_bringing_it_never_enters_the_book()
    {
        var transaction = Sell(Terms());
        var early = Early(7);
        await _world.HappenedAsync(transaction.Id, FakeChain.Created(early));
        await _world.HappenedAsync(FakeChain.Cancelled(early));
        var order = (await BringAsync(transaction.ToBase64())).Order.ShouldNotBeNull();
        _world.HoldsEvents = true;
        _ = await _world.AnswerAsync();
        var row = await _world.OrderAsync(order.Id);
        (row.Status, row.Escrow, row.Reason).ShouldBe(("cancelled", "closed", "cancelled_on_chain"));
        (await _world.CountAsync("market_inbox")).ShouldBe(0);
        await _world.DeliverAsync();
        (await _world.StatusAsync(order.Id)).ShouldBe("cancelled");
    }

    [Fact]
    public async Task Order_whose_number_was_another_ones_before_is_there_all_the_same()
    {
        var early = Early(7);
        await _world.HappenedAsync(FakeChain.Created(early));
        await _world.HappenedAsync(FakeChain.Cancelled(early));
        _world.Slot = 2;
        var transaction = Sell(Terms());
        await _world.HappenedAsync(transaction.Id, FakeChain.Created(early));
        await _world.HappenedAsync(FakeChain.Cancelled(Early(8)));
        var order = (await BringAsync(transaction.ToBase64())).Order.ShouldNotBeNull();
        _world.HoldsEvents = true;
        _ = await _world.AnswerAsync();
        (await _world.StatusAsync(order.Id)).ShouldBe("active");
    }

    [Fact]
    public async Task Expired_transaction_rejects_the_order_and_says_so()
    {
        var order = (await BringAsync(Sell(Terms()).ToBase64())).Order.ShouldNotBeNull();
        _world.Chain.Refuse = static _ => Refusals.TransactionExpired;
        _ = await _world.AnswerAsync();
        var view = (await _world.OrderAsync(order.Id)).ToView();
        (view.Status, view.Reason).ShouldBe(("rejected", "transaction_expired"));
    }

    [Fact]
    public async Task Listed_order_is_taken_with_a_transaction_at_its_price()
    {
        var seller = await _world.TraderAsync();
        var ask = await _world.ActiveAskAsync(seller, 1_000, 3_000_000);
        var terms = Terms() with { Amount = 400_000_000, Price = 3_000_000 };
        var refused = await TakeAsync(ask, Signed(Create(OrderSide.Buy, terms with { Price = 2_999_999 })));
        refused.Refusal?.Code.ShouldBe(ProblemCodes.InvalidTransaction);
        (await TakeAsync(ask, null)).Refusal?.Code.ShouldBe(ProblemCodes.TransactionRequired);
        var taken = (await TakeAsync(ask, Signed(Create(OrderSide.Buy, terms)))).Order.ShouldNotBeNull();
        (taken.TargetOrder, taken.Energy.Value).ShouldBe((ask, 400));
        _ = await _world.AnswerAsync();
        await _world.RunAsync();
        (await _world.StatusAsync(taken.Id)).ShouldBe("filled");
        await _world.AdvanceAsync(TimeSpan.FromMinutes(15));
        _ = await _world.AnswerAsync();
        (await _world.StatusAsync(taken.Id)).ShouldBe("settled");

        Task<OrderOutcome> TakeAsync(Guid order, Transaction? transaction) => _world.Placement.PurchaseAsync(
            new MatchOrderRequest(_anna.Wallet, order, 0.4m, null, transaction?.ToBase64()),
            _world.Signed(_anna, null, "take"),
            CancellationToken.None);
    }

    private PlaceOrder Early(ulong number) => new(
        Guid.Empty, Guid.Empty, _anna.Wallet, "sell", number, new(1_000), new(2_000_000), Expiry.AddHours(24), null);

    private async Task InvalidAsync(string transaction, string detail)
    {
        var refusal = (await BringAsync(transaction)).Refusal.ShouldNotBeNull();
        (refusal.Code, refusal.Detail).ShouldSatisfyAllConditions(
            it => it.Code.ShouldBe(ProblemCodes.InvalidTransaction),
            it => it.Detail!.ShouldContain(detail));
        (await _world.CountAsync("orders")).ShouldBe(0);
    }

    private Task<OrderOutcome> BringAsync(string? transaction, Trader? trader = null) =>
        BringAsync(transaction, Expiry, trader);

    private Task<OrderOutcome> BringAsync(string? transaction, DateTimeOffset? expiresAt, Trader? trader = null)
    {
        var whose = trader ?? _anna;
        var request = new CreateOrderRequest(
            1m, 2m, SellerWallet: whose.Wallet, ExpiresAt: expiresAt, Transaction: transaction);
        return _world.Placement.CreateAsync(request, _world.Signed(whose, null, "brought"), CancellationToken.None);
    }

    /// <summary>1 kWh at 2 GRX.</summary>
    private static OrderTerms Terms(DateTimeOffset? expiresAt = null) =>
        new(7, 1_000_000_000, 2_000_000, (expiresAt ?? Expiry.AddHours(24)).ToUnixTimeSeconds());

    private Instruction Create(OrderSide side, OrderTerms terms) =>
        FakeChain.Trading.CreateOrder(side, _wallet.PublicKey, _wallet.PublicKey, terms);

    private Transaction Sell(OrderTerms terms) => Signed(Create(OrderSide.Sell, terms));

    private Transaction Signed(Instruction instruction, params Keypair[] signers) => Signed([instruction], signers);

    private Transaction Signed(IReadOnlyList<Instruction> instructions, params Keypair[] signers)
    {
        Keypair[] who = signers.Length == 0 ? [_wallet] : signers;
        return new Transaction(Message.CompileLegacy(who[0].PublicKey, SomeBlockhash, instructions)).Sign(who);
    }
}
