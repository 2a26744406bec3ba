using GridTokenX.CloudCore.Chain;
using GridTokenX.Programs;
using GridTokenX.Programs.Events;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>
/// Who fills a transaction's log hides nothing, and who gives his accounts away holds nobody else back.
/// </summary>
public sealed class HostileOwnerTests(LocalnetFixture fixture) : IClassFixture<LocalnetFixture>, IAsyncLifetime
{
    private const decimal PerWh = 1_000_000;

    // Each of them writes some 250 bytes into a log that is cut off at 10,000.
    private static readonly Instruction[] Memos = [.. Enumerable.Repeat(MemoProgram.AddMemo("x"), 50)];

    private ChainRig _rig = null!;
    private CloudProcess _process = null!;

    public async Task InitializeAsync()
    {
        _rig = await ChainRig.CreateAsync(fixture.Chain);
        _rig.MovesOrders = true;
        _process = await _rig.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _rig.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancel_hidden_behind_memos_leaves_the_book(bool isListening)
    {
        var seller = await _rig.CreateSellerAsync(_process, 10);
        var user = await _rig.AddUserAsync(seller.PublicKey.ToKey32());
        var order = await _rig.PlaceAsync(_process, seller, "sell", 10, 4_000);
        await _rig.UntilIdleAsync(_process);
        await _rig.AddOrderAsync(user, order, _process.Sponsor());
        if (!isListening)
        {
            await _process.Indexer.StopAsync(CancellationToken.None);
        }

        var cancel = _process.Programs.Trading.CancelOrder(new OrderClosing(
            seller.PublicKey, order.ChainOrderId, OrderSide.Sell, _process.Sponsor().ToPublicKey()));
        (await _rig.SendAsync(seller, [.. Memos, cancel])).ShouldBeTrue();
        await using var next = _rig.Create();
        await next.Indexer.StartAsync(CancellationToken.None);

        // Its zone's writer takes it out of the book, when there is one.
        await Eventually.HoldsAsync(async () => await _rig.CountAsync(
            """
            select count(*) from orders o join market_inbox i on i.order_id = o.id
            where o.id = $1 and o.escrow = 'closed' and i.kind = 'withdrawn'
            """,
            order.Order) == 1);
        var found = (OrderCancelled)await HiddenAsync("order_cancelled", seller);
        found.ShouldBe(new OrderCancelled(
            next.Programs.Trading.Order(seller.PublicKey, order.ChainOrderId),
            order.ChainOrderId,
            seller.PublicKey,
            OrderSide.Sell,
            10_000_000,
            OrderClosingReason.Cancelled,
            found.Timestamp));
    }

    [Fact]
    public async Task An_order_made_and_taken_back_behind_memos_is_two_events_in_their_places()
    {
        var seller = await _rig.CreateSellerAsync(_process, 10);
        var trading = _process.Programs.Trading;
        var terms = new OrderTerms(7, 5_000_000, 4_000_000, Neighbourhood.Now.AddHours(1).ToUnixTimeSeconds());
        var create = trading.CreateSellOrder(seller.PublicKey, seller.PublicKey, terms);
        var cancel = trading.CancelOrder(
            new OrderClosing(seller.PublicKey, 7, OrderSide.Sell, seller.PublicKey));
        (await _rig.SendAsync(seller, [.. Memos, create, cancel])).ShouldBeTrue();

        await Eventually.HoldsAsync(async () => await _rig.CountAsync(
            """
            select count(*) from chain_events
            where event->>'owner' = $1
                and (kind, position) in (('order_created', 0), ('order_cancelled', 1))
            """,
            seller.PublicKey.ToString()) == 2);
        ((OrderCancelled)await HiddenAsync("order_cancelled", seller)).Refunded.ShouldBe(5_000_000UL);
    }

    [Fact]
    public async Task Energy_minted_behind_memos_completes_the_mint()
    {
        var (wallet, _, meter) = await _rig.AddMeteredUserAsync(_process, 700, 0);
        await _process.Sender.StopAsync(CancellationToken.None);
        (await _process.Mints.RunOnceAsync(CancellationToken.None)).ShouldBe(1);
        var keys = _process.Get<PlatformKeys>();
        var reading = new MeterRegisters(meter, 700, 0, Neighbourhood.Now.ToUnixTimeSeconds());
        (await _rig.SendAsync(keys.Oracle, _process.Programs.Registry.SubmitMeterReading(
            keys.Oracle.PublicKey, reading))).ShouldBeTrue();
        var settle = _process.Programs.Registry.SettleAndMintTokens(
            _process.Programs.EnergyToken, new MeterMint(meter, wallet.PublicKey));
        (await _rig.SendAsync(wallet, [.. Memos, settle])).ShouldBeTrue();

        await Eventually.HoldsAsync(async () => await _rig.CountAsync(
            "select count(*) from mints where status = 'completed'") == 1);
        var found = (MeterBalanceSettled)await HiddenAsync("meter_balance_settled", wallet);
        found.ShouldBe(new MeterBalanceSettled(
            meter, wallet.PublicKey, 700, 700, found.Timestamp, Minted: true));
    }

    [Fact]
    public async Task A_settlement_whose_receiver_gave_his_account_away_fails_and_the_other_side_is_free()
    {
        var (seller, buyer, sell, buy) = await _rig.CreatePairAsync(_process);
        var grid = _process.Programs.AccountsOf(buyer.PublicKey.ToKey32()).Grid;
        (await _rig.SendAsync(buyer, TokenProgram.SetAuthority(
            grid, buyer.PublicKey, AuthorityType.AccountOwner, Keypair.Generate().PublicKey))).ShouldBeTrue();

        var trade = Some.Settlement(sell, buy, 10, 4_000, _process.Sponsor());
        await _rig.EnqueueAsync(_process, trade);
        await _rig.UntilStatusAsync("refused", trade);
        (await _rig.ErrorOfAsync(trade)).ShouldBe(Refusals.TokenAccountGivenAway);
        Refusals.IsFinalForSettlement(Refusals.TokenAccountGivenAway).ShouldBeTrue();
        (await _rig.CountAsync("select attempts::bigint from chain_outbox where intent_id = $1", trade.Id))
            .ShouldBe(1);

        await _rig.DoAsync(_process, Some.Release(sell, _process.Sponsor()));
        (await _process.BalancesAsync(seller)).Grid.ShouldBe(10 * PerWh);
    }

    [Fact]
    public async Task A_settlement_of_an_order_that_was_made_anew_with_another_payer_fails_and_the_other_side_is_free()
    {
        var (seller, _, sell, buy) = await _rig.CreatePairAsync(_process);
        var trading = _process.Programs.Trading;
        (await _rig.SendAsync(seller, trading.CancelOrder(Closing(seller, sell)))).ShouldBeTrue();
        (await _rig.SendAsync(seller, trading.CreateSellOrder(
            seller.PublicKey, seller.PublicKey, IntentInstructions.TermsOf(sell)))).ShouldBeTrue();

        var trade = Some.Settlement(sell, buy, 10, 4_000, _process.Sponsor());
        await _rig.EnqueueAsync(_process, trade);
        await _rig.UntilStatusAsync("refused", trade);
        (await _rig.ErrorOfAsync(trade)).ShouldBe(nameof(ProgramError.InvalidOrder));
        await _rig.DoAsync(_process, Some.Release(buy, _process.Sponsor()));
    }

    [Fact]
    public async Task Who_closes_his_account_before_each_release_has_it_paid_for_once()
    {
        var seller = await _rig.CreateSellerAsync(_process, 10);
        var first = await _rig.PlaceAsync(_process, seller, "sell", 10, 4_000);
        await CloseAsync(seller);
        await _rig.DoAsync(_process, Some.Release(first, _process.Sponsor()));
        (await _process.BalancesAsync(seller)).Grid.ShouldBe(10 * PerWh);

        var second = await _rig.PlaceAsync(_process, seller, "sell", 10, 4_000);
        await CloseAsync(seller);
        await PassAsync("1 hour");
        var release = Some.Release(second, _process.Sponsor());
        await _rig.EnqueueAsync(_process, release);
        await _rig.UntilStatusAsync("refused", release);
        (await _rig.ErrorOfAsync(release)).ShouldBe(Refusals.TokenAccountGivenAway);

        // He has his own way out, at his own expense; and after a month we pay again.
        var account = AssociatedTokenProgram.CreateIdempotent(
            seller.PublicKey, seller.PublicKey, _process.Programs.GridMint);
        (await _rig.SendAsync(seller, account, _process.Programs.Trading.CancelOrder(Closing(seller, second))))
            .ShouldBeTrue();
        var third = await _rig.PlaceAsync(_process, seller, "sell", 10, 4_000);
        await CloseAsync(seller);
        await PassAsync("30 days");
        await _rig.DoAsync(_process, Some.Release(third, _process.Sponsor()));
        (await _process.BalancesAsync(seller)).Grid.ShouldBe(10 * PerWh);
    }

    private OrderClosing Closing(Keypair owner, PlaceOrder order) => new(
        owner.PublicKey, order.ChainOrderId, OrderSide.Sell, _process.Sponsor().ToPublicKey());

    private async Task CloseAsync(Keypair owner)
    {
        var account = _process.Programs.AccountsOf(owner.PublicKey.ToKey32()).Grid;

        // Within one slot the same again would be the same transaction, which has happened already.
        var unlike = MemoProgram.AddMemo($"{Guid.NewGuid()}");
        (await _rig.SendAsync(owner, unlike, TokenProgram.CloseAccount(account, owner.PublicKey, owner.PublicKey)))
            .ShouldBeTrue();
    }

    private Task PassAsync(string time) =>
        _rig.ExecuteAsync("update paid_token_accounts set paid_at = paid_at - $1::interval", time);

    /// <summary>The owner's event of a transaction whose log does not have it.</summary>
    private async Task<ProgramEvent> HiddenAsync(string kind, Keypair owner)
    {
        const string Where = " from chain_events where kind = $1 and event->>'owner' = $2";
        var signature = await _rig.ScalarAsync<string>("select signature" + Where, kind, owner.PublicKey.ToString());
        var transaction = (await _rig.Rpc.GetTransactionAsync(Signature.Parse(signature))).ShouldNotBeNull();
        var logged = _process.Programs.Events.Read(transaction.Logs);
        logged.IsTruncated.ShouldBeTrue();
        logged.Events.ShouldBeEmpty();
        return ProgramEventJson.Read(
            kind, await _rig.ScalarAsync<string>("select event::text" + Where, kind, owner.PublicKey.ToString()));
    }
}
