using GridTokenX.CloudCore.Chain;
using GridTokenX.Programs;
using GridTokenX.Programs.Accounts;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>Several rows in one transaction, on the chain.</summary>
public sealed class OutboxPackTests(LocalnetFixture fixture) : IClassFixture<LocalnetFixture>, IAsyncLifetime
{
    private const decimal PerWh = 1_000_000;

    private ChainRig _rig = null!;
    private CloudProcess _process = null!;

    public async Task InitializeAsync()
    {
        _rig = await ChainRig.CreateAsync(fixture.Chain);
        _process = await _rig.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task Nine_meters_are_minted_in_one_transaction()
    {
        var wallets = await CreateUsersAsync(9);
        var meters = wallets.Select(static _ => Some.MeterId).ToList();
        await _rig.DoAsync(_process, [.. wallets.Zip(meters, (w, m) => Some.Meter(w, m, Neighbourhood.Now))]);
        ChainIntent[] mints = [.. wallets.Zip(meters, (w, m) => Some.Mint(w, m, 7, Neighbourhood.Now))];
        await _rig.DoAsync(_process, mints);

        (await TransactionsOfAsync(mints)).ShouldBe(1);
        foreach (var wallet in wallets)
        {
            (await _process.BalancesAsync(wallet)).Grid.ShouldBe(7 * PerWh);
        }

        await _rig.UntilIdleAsync(_process);
        (await _rig.CountAsync(
            "select count(*) from test_events where what = 'MeterBalanceSettled' and signature = $1",
            await _rig.SignatureOfAsync(mints[0]))).ShouldBe(9);
    }

    [Fact]
    public async Task At_least_three_settlements_go_in_one_transaction()
    {
        var trades = new List<ChainIntent>();
        for (var i = 0; i < 3; i++)
        {
            trades.Add(await CreateTradeAsync());
        }

        await _rig.DoAsync(_process, [.. trades]);
        (await TransactionsOfAsync([.. trades])).ShouldBe(1);
    }

    [Fact]
    public async Task A_row_that_is_refused_does_not_hold_back_the_others_of_its_transaction()
    {
        var good = new List<SettleTrade> { await CreateTradeAsync(), await CreateTradeAsync() };
        var bad = await CreateTradeAsync();
        bad = bad with { Price = new(9_000) };
        await _rig.EnqueueAsync(_process, good[0], bad, good[1]);
        await _rig.UntilStatusAsync("confirmed", [.. good]);
        await _rig.UntilStatusAsync("refused", bad);

        (await _rig.ErrorOfAsync(bad)).ShouldBe(nameof(ProgramError.PriceOutOfBounds));
        (await _rig.EffectsAsync(bad, "refused")).ShouldBe(1);
        (await _rig.EffectsAsync(good[0], "refused")).ShouldBe(0);
        await _rig.UntilIdleAsync(_process);
        foreach (var trade in good)
        {
            (await _rig.CountAsync(
                "select count(*) from test_events where what = 'TradeExecuted' and signature = $1",
                await _rig.SignatureOfAsync(trade))).ShouldBe(1);
        }
    }

    [Fact]
    public async Task A_settlement_of_an_order_that_its_owner_took_back_fails_at_once()
    {
        var (seller, _, sell, buy) = await _rig.CreatePairAsync(_process);
        var cancel = _process.Programs.Trading.CancelOrder(new OrderClosing(
            seller.PublicKey, sell.ChainOrderId, OrderSide.Sell, _process.Sponsor().ToPublicKey()));
        (await _rig.SendAsync(seller, cancel)).ShouldBeTrue();

        var trade = Some.Settlement(sell, buy, 10, 4_000, _process.Sponsor());
        var release = Some.Release(sell, _process.Sponsor());
        await _rig.EnqueueAsync(_process, trade, release);
        await _rig.UntilStatusAsync("refused", trade);
        (await _rig.ErrorOfAsync(trade)).ShouldBe(nameof(ProgramError.OrderNotActive));

        // There is nothing left to release, which is what a release wants.
        await _rig.UntilStatusAsync("confirmed", release);
        (await _process.BalancesAsync(seller)).Grid.ShouldBe(10 * PerWh);
    }

    [Fact]
    public async Task What_the_chain_has_done_already_counts_as_done()
    {
        var (seller, buyer, sell, buy) = await _rig.CreatePairAsync(_process);
        var trade = Some.Settlement(sell, buy, 4, 4_000, _process.Sponsor());
        await _rig.DoAsync(_process, trade);

        // As a database restored from before would ask again.
        await _rig.DoAsync(
            _process,
            trade with { Id = Guid.NewGuid() },
            sell with { Id = Guid.NewGuid() },
            Some.User(seller) with { Id = Guid.NewGuid() });
        (await _process.BalancesAsync(buyer)).Grid.ShouldBe(4 * PerWh);
        (await OrderAsync(sell)).Filled.ShouldBe(4 * 1_000_000UL);
        await _rig.UntilIdleAsync(_process);
    }

    [Fact]
    public async Task An_account_that_the_receiver_closed_is_made_again_for_the_row_alone()
    {
        var trade = await CreateTradeAsync();
        var buyer = trade.BuyOrder.Wallet;
        var grid = _process.Programs.AccountsOf(buyer).Grid;
        var owner = _rig.Managed[buyer];
        (await _rig.SendAsync(owner, TokenProgram.CloseAccount(grid, owner.PublicKey, owner.PublicKey)))
            .ShouldBeTrue();

        await _rig.DoAsync(_process, trade);
        (await _process.BalancesAsync(owner)).Grid.ShouldBe(trade.Energy.Value * PerWh);
        (await _rig.CountAsync("select count(*) from chain_outbox where creates_accounts")).ShouldBe(1);
    }

    /// <summary>What is there already for the one is nothing that the other brings.</summary>
    [Fact]
    public async Task One_seller_is_paid_by_two_buyers_who_have_closed_their_accounts()
    {
        var seller = await _rig.CreateSellerAsync(_process, 20);
        var sell = await _rig.PlaceAsync(_process, seller, "sell", 20, 4_000);
        List<(Keypair Buyer, SettleTrade Trade)> sold = [];
        for (var i = 0; i < 2; i++)
        {
            var buyer = await _rig.CreateBuyerAsync(_process, 1_000);
            var buy = await _rig.PlaceAsync(_process, buyer, "buy", 10, 4_000);
            var grid = _process.Programs.AccountsOf(buyer.PublicKey.ToKey32()).Grid;
            (await _rig.SendAsync(buyer, TokenProgram.CloseAccount(grid, buyer.PublicKey, buyer.PublicKey)))
                .ShouldBeTrue();
            sold.Add((buyer, Some.Settlement(sell, buy, 10, 4_000, _process.Sponsor())));
        }

        await _rig.DoAsync(_process, [.. sold.Select(static each => each.Trade)]);

        foreach (var (buyer, _) in sold)
        {
            (await _process.BalancesAsync(buyer)).Grid.ShouldBe(10 * PerWh);
        }

        (await _rig.CountAsync("select count(*) from chain_outbox where creates_accounts")).ShouldBe(2);
    }

    [Fact]
    public async Task Maintenance_is_waited_out_without_counting_attempts()
    {
        var wallet = await _rig.CreateUserAsync(_process);
        var meter = Some.MeterId;
        await SetMaintenanceAsync(true);
        var register = Some.Meter(wallet, meter, Neighbourhood.Now);
        await _rig.EnqueueAsync(_process, register);
        await Testing.Eventually.HoldsAsync(async () => await _rig.CountAsync(
            "select count(*) from chain_outbox where last_error = 'MaintenanceMode'") == 1);
        await SetMaintenanceAsync(false);
        await _rig.UntilStatusAsync("confirmed", register);
        (await _rig.EffectsAsync(register, "refused")).ShouldBe(0);
    }

    [Fact]
    public async Task An_order_that_its_owner_signed_is_sent_as_it_is()
    {
        var wallet = await _rig.CreateSellerAsync(_process, 10);
        var order = await _rig.SignedByOwnerAsync(
            _process, wallet, Some.Order(wallet, "sell", 10, 4_000, Neighbourhood.Now.AddHours(1)));
        await _rig.DoAsync(_process, order);

        (await _rig.SignatureOfAsync(order)).ShouldBe(Transaction.FromBase64(order.Transaction!).Id.ToString());
        (await OrderAsync(order)).RentPayer.ShouldBe(wallet.PublicKey);
    }

    [Fact]
    public async Task An_order_that_its_owner_signed_and_that_can_no_longer_land_is_refused()
    {
        var wallet = await _rig.CreateSellerAsync(_process, 10);
        var order = Some.Order(wallet, "sell", 10, 4_000, Neighbourhood.Now.AddHours(1));
        var create = _process.Programs.Trading.CreateSellOrder(
            wallet.PublicKey, wallet.PublicKey, IntentInstructions.TermsOf(order));
        var old = new Transaction(Message.CompileLegacy(wallet.PublicKey, new Blockhash(new byte[32]), create));
        order = order with { Transaction = old.Sign(wallet).ToBase64() };
        await _process.DisposeAsync();
        using var rpc = new ScriptedRpc
        {
            Before = static (method, _) => method == "getBlockHeight" ? "1000000000" : null,
        };
        await using var next = await _rig.StartAsync(rpc);
        await _rig.EnqueueAsync(next, order);
        await _rig.UntilStatusAsync("refused", order);
        (await _rig.ErrorOfAsync(order)).ShouldBe(Refusals.TransactionExpired);
        (await _rig.EffectsAsync(order, "refused")).ShouldBe(1);
    }

    [Fact]
    public async Task An_order_of_a_wallet_whose_key_is_not_here_is_parked()
    {
        var order = Some.Order(Keypair.Generate(), "sell", 10, 4_000, Neighbourhood.Now.AddHours(1));
        await _rig.EnqueueAsync(_process, order);
        await _rig.UntilStatusAsync("parked", order);
    }

    [Fact]
    public async Task A_page_of_settlements_is_opened_when_it_is_needed()
    {
        var number = (3L << 16) + 5;
        var trade = await CreateTradeAsync() with { Number = number };
        await _rig.DoAsync(_process, trade);
        var account = await _rig.Rpc.GetAccountInfoAsync(_process.Programs.Trading.SettlementPage(3));
        SettlementPageAccount.Parse(account!.Data.Span).IsUsed((ulong)number).ShouldBeTrue();
    }

    [Fact]
    public async Task The_logs_of_the_fullest_transactions_are_not_cut_off()
    {
        var seller = await _rig.CreateSellerAsync(_process, 100);
        var buyer = await _rig.CreateBuyerAsync(_process, 100_000);
        var sells = await PlaceManyAsync(seller, "sell", 4_000);
        var buys = await PlaceManyAsync(buyer, "buy", 5_000);
        ChainIntent[] trades =
            [.. sells.Zip(buys, (sell, buy) => Some.Settlement(sell, buy, 4, 4_500, _process.Sponsor()))];
        await _rig.DoAsync(_process, trades);
        ChainIntent[] releases = [.. sells.Concat(buys).Select(order => Some.Release(order, _process.Sponsor()))];
        await _rig.DoAsync(_process, releases);

        await ShouldKeepLogsAsync(trades, rows: 6);
        await ShouldKeepLogsAsync(releases, rows: 10);
        var meters = Enumerable.Range(0, 9).Select(static _ => Some.MeterId).ToList();
        await _rig.DoAsync(_process, [.. meters.Select(m => Some.Meter(seller, m, Neighbourhood.Now))]);
        ChainIntent[] mints = [.. meters.Select(m => Some.Mint(seller, m, 7, Neighbourhood.Now))];
        await _rig.DoAsync(_process, mints);
        await ShouldKeepLogsAsync(mints, rows: 9);
    }

    private async Task<IReadOnlyList<PlaceOrder>> PlaceManyAsync(Keypair wallet, string side, long price)
    {
        PlaceOrder[] orders =
            [.. Enumerable.Range(0, 10).Select(_ => Some.Order(wallet, side, 5, price, Neighbourhood.Now.AddHours(1)))];
        await _rig.DoAsync(_process, orders);
        return orders;
    }

    /// <summary>A validator keeps 10,000 bytes of a transaction's log.</summary>
    private async Task ShouldKeepLogsAsync(ChainIntent[] intents, int rows)
    {
        var fullest = await _rig.ScalarAsync<string>(
            """
            select tx_signature from chain_outbox where intent_id = any ($1)
            group by tx_signature order by count(*) desc limit 1
            """,
            intents.Select(static intent => intent.Id).ToArray());
        (await _rig.CountAsync("select count(*) from chain_outbox where tx_signature = $1", fullest))
            .ShouldBeGreaterThanOrEqualTo(rows);
        var transaction = await _rig.Rpc.GetTransactionAsync(Signature.Parse(fullest));
        transaction!.Logs.Sum(static line => line.Length).ShouldBeLessThan(9_000);
    }

    private async Task<SettleTrade> CreateTradeAsync()
    {
        var (_, _, sell, buy) = await _rig.CreatePairAsync(_process, bid: 5_000);
        return Some.Settlement(sell, buy, 10, 4_500, _process.Sponsor());
    }

    private async Task<List<Keypair>> CreateUsersAsync(int count)
    {
        var wallets = Enumerable.Range(0, count).Select(static _ => Keypair.Generate()).ToList();
        await _rig.DoAsync(_process, [.. wallets.Select(static wallet => Some.User(wallet))]);
        return wallets;
    }

    private async Task SetMaintenanceAsync(bool isEnabled)
    {
        var keys = _process.Get<PlatformKeys>();
        var set = _process.Programs.Registry.SetMaintenance(keys.Admin!.PublicKey, isEnabled);
        var latest = await _rig.Rpc.GetLatestBlockhashAsync();
        var message = Message.CompileLegacy(keys.Platform.PublicKey, latest.Blockhash, set);
        var transaction = new Transaction(message).Sign(keys.Platform, keys.Admin);
        var signed = Solana.Sending.SignedTransaction.From(transaction, latest);
        _ = (await _rig.Sender.SubmitAsync(signed)).RequireConfirmed();
    }

    private async Task<OrderAccount> OrderAsync(PlaceOrder order)
    {
        var address = _process.Programs.Trading.Order(order.Wallet.ToPublicKey(), order.ChainOrderId);
        return OrderAccount.Parse((await _rig.Rpc.GetAccountInfoAsync(address))!.Data.Span);
    }

    private Task<long> TransactionsOfAsync(ChainIntent[] intents) => _rig.CountAsync(
        "select count(distinct tx_signature) from chain_outbox where intent_id = any ($1)",
        intents.Select(static intent => intent.Id).ToArray());
}
