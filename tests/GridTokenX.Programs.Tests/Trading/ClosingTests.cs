using GridTokenX.Programs.Events;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Trading;

/// <summary>cancel_order, expire_order and release_order.</summary>
[Collection(ProgramTests.Name)]
public sealed class ClosingTests(WorldFixture fixture)
{
    private readonly World _world = fixture.World;

    public static TheoryData<OrderSide, OrderClosingReason> EveryWay
    {
        get
        {
            var ways = new TheoryData<OrderSide, OrderClosingReason>();
            foreach (var reason in Enum.GetValues<OrderClosingReason>())
            {
                ways.Add(OrderSide.Buy, reason);
                ways.Add(OrderSide.Sell, reason);
            }

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(EveryWay))]
    public async Task The_rest_goes_to_the_owner_and_the_rent_to_its_payer(OrderSide side, OrderClosingReason reason)
    {
        using var trader = await TraderAsync();
        using var payer = await _world.Chain.FundedAsync();
        var order = await PlaceAsync(side, trader, payer, 1);
        var (grid, grx) = await TokensAsync(trader);
        var vault = await _world.Chain.TokensAsync(_world.Trading.Vault(side));
        var executed = await CloseAsync(reason, trader, order);

        var escrow = side == OrderSide.Sell ? 2_000_000_000UL : 7_000_000UL;
        var after = await TokensAsync(trader);
        after.ShouldBe(side == OrderSide.Sell ? (grid + escrow, grx) : (grid, grx + escrow));
        (await _world.Chain.TokensAsync(_world.Trading.Vault(side))).ShouldBe(vault - escrow);
        (await _world.Chain.LamportsAsync(payer.PublicKey)).ShouldBe(100 * ProgramChain.Sol);
        var address = _world.Trading.Order(trader.PublicKey, 1);
        (await _world.Chain.ExistsAsync(address)).ShouldBeFalse();
        _world.EventOf(executed).ShouldBe(new OrderCancelled(
            address, 1, trader.PublicKey, side, escrow, reason, _world.Chain.Now));
    }

    [Theory]
    [MemberData(nameof(EveryWay))]
    public async Task A_closed_order_is_not_active(OrderSide side, OrderClosingReason reason)
    {
        using var trader = await TraderAsync();
        var order = await PlaceAsync(side, trader, trader, 1);
        await CloseAsync(reason, trader, order);
        await _world.Chain.RefusesAsync(ProgramError.OrderNotActive, Cancel(order), trader);
        await _world.Chain.RefusesAsync(ProgramError.OrderNotActive, _world.Trading.ExpireOrders(order));
        await _world.Chain.RefusesAsync(ProgramError.OrderNotActive, Release(order), _world.Matcher);
        await _world.Chain.RefusesAsync(
            ProgramError.OrderNotActive, Cancel(order with { OrderId = 99 }), trader);
    }

    [Fact]
    public async Task Only_the_owner_cancels()
    {
        using var trader = await TraderAsync();
        using var stranger = await TraderAsync();
        var order = await PlaceAsync(OrderSide.Sell, trader, trader, 1);
        foreach (var key in (Keypair[])[stranger, _world.Matcher, _world.Admin])
        {
            await _world.Chain.RefusesAsync(ProgramError.Unauthorized, Cancel(order).With(0, key.PublicKey), key);
        }
    }

    [Fact]
    public async Task Only_a_matcher_releases()
    {
        using var trader = await TraderAsync();
        var order = await PlaceAsync(OrderSide.Sell, trader, trader, 1);
        foreach (var key in (Keypair[])[trader, _world.Admin, _world.Oracle])
        {
            await _world.Chain.RefusesAsync(
                ProgramError.Unauthorized, _world.Trading.ReleaseOrders(key.PublicKey, order), key);
        }

        await _world.Chain.RunAsync(
            _world.Trading.ReleaseOrders(_world.SecondMatcher.PublicKey, order), _world.SecondMatcher);
    }

    [Fact]
    public async Task Nobody_expires_an_order_before_its_time()
    {
        using var trader = await TraderAsync();
        var order = await PlaceAsync(OrderSide.Buy, trader, trader, 1);
        await _world.Chain.RefusesAsync(ProgramError.OrderNotExpired, _world.Trading.ExpireOrders(order));
        await _world.Chain.AdvanceAsync(3_599);
        await _world.Chain.RefusesAsync(ProgramError.OrderNotExpired, _world.Trading.ExpireOrders(order));
        await _world.Chain.AdvanceAsync(1);
        await _world.Chain.RunAsync(_world.Trading.ExpireOrders(order));
    }

    [Fact]
    public async Task The_owner_cancels_an_expired_order_too()
    {
        using var trader = await TraderAsync();
        var order = await PlaceAsync(OrderSide.Buy, trader, trader, 1);
        await _world.Chain.AdvanceAsync(4_000);
        await _world.Chain.RunAsync(Cancel(order), trader);
    }

    [Theory]
    [InlineData(OrderClosingReason.Expired)]
    [InlineData(OrderClosingReason.Released)]
    public async Task Several_orders_are_closed_at_once(OrderClosingReason reason)
    {
        using var first = await TraderAsync();
        using var second = await TraderAsync();
        OrderClosing[] orders =
        [
            await PlaceAsync(OrderSide.Sell, first, first, 1), await PlaceAsync(OrderSide.Buy, first, second, 2),
            await PlaceAsync(OrderSide.Buy, second, first, 1), await PlaceAsync(OrderSide.Sell, second, second, 2),
        ];
        var executed = await CloseAsync(reason, first, orders);
        _world.EventsOf(executed).OfType<OrderCancelled>().Select(e => (e.Owner, e.OrderId, e.Reason))
            .ShouldBe(orders.Select(order => (order.Owner, order.OrderId, reason)));
        foreach (var trader in (Keypair[])[first, second])
        {
            (await TokensAsync(trader)).ShouldBe((10_000_000_000UL, 100_000_000UL));
            (await _world.Chain.LamportsAsync(trader.PublicKey)).ShouldBe(100 * ProgramChain.Sol);
        }
    }

    [Theory]
    [InlineData(OrderClosingReason.Expired)]
    [InlineData(OrderClosingReason.Released)]
    public async Task An_order_is_not_refunded_twice_in_one_instruction(OrderClosingReason reason)
    {
        using var trader = await TraderAsync();
        var order = await PlaceAsync(OrderSide.Sell, trader, trader, 1);
        var between = await PlaceAsync(OrderSide.Sell, trader, trader, 2);
        await RefusesAsync(reason, trader, ProgramError.DuplicateAccount, order, order);
        await RefusesAsync(reason, trader, ProgramError.DuplicateAccount, order, between, order);
    }

    [Theory]
    [InlineData(OrderClosingReason.Expired)]
    [InlineData(OrderClosingReason.Released)]
    public async Task One_order_that_cannot_be_closed_keeps_all_open(OrderClosingReason reason)
    {
        using var trader = await TraderAsync();
        var order = await PlaceAsync(OrderSide.Sell, trader, trader, 1);
        await RefusesAsync(reason, trader, ProgramError.OrderNotActive, order, order with { OrderId = 2 });
        (await _world.Chain.ExistsAsync(_world.Trading.Order(trader.PublicKey, 1))).ShouldBeTrue();
        await RefusesAsync(reason, trader, ProgramError.NotEnoughAccounts);
    }

    [Theory]
    [MemberData(nameof(EveryWay))]
    public async Task Malformed_instructions_are_refused(OrderSide side, OrderClosingReason reason)
    {
        using var trader = await TraderAsync();
        using var payer = await _world.Chain.FundedAsync();
        var order = await PlaceAsync(side, trader, payer, 1);
        var (instruction, signers) = await ClosingAsync(reason, trader, order);
        await _world.Chain.RefusesMalformedAsync(instruction, signers);
        await _world.Chain.RunAsync(instruction, signers);
    }

    [Theory]
    [MemberData(nameof(EveryWay))]
    public async Task Neither_refund_nor_rent_goes_elsewhere(OrderSide side, OrderClosingReason reason)
    {
        using var trader = await TraderAsync();
        using var stranger = await TraderAsync();
        using var payer = await _world.Chain.FundedAsync();
        var order = await PlaceAsync(side, trader, payer, 1);
        var (valid, signers) = await ClosingAsync(reason, trader, order);
        var at = valid.Accounts.Count - 4;
        var otherSide = side == OrderSide.Sell ? OrderSide.Buy : OrderSide.Sell;
        (int Account, PublicKey Address, ProgramError Error)[] wrong =
        [
            (at - 2, stranger.PublicKey, ProgramError.InvalidAccountOwner),
            (at - 2, _world.Trading.SettlementPage(0), ProgramError.InvalidAccountData),
            (at - 1, MemoProgram.Id, ProgramError.InvalidProgram),
            (at, _world.Trading.Market, ProgramError.InvalidAccountData),
            (at, _world.Registry.Registry, ProgramError.InvalidAccountOwner),
            (at, _world.GridOf(trader.PublicKey), ProgramError.InvalidAccountOwner),
            (at + 1, _world.Trading.Vault(otherSide), ProgramError.InvalidAddress),
            (at + 1, _world.GridOf(stranger.PublicKey), ProgramError.InvalidAddress),
            (at + 2, _world.GridOf(stranger.PublicKey), ProgramError.InvalidTokenAccount),
            (at + 2, _world.GrxOf(stranger.PublicKey), ProgramError.InvalidTokenAccount),
            (at + 2, stranger.PublicKey, ProgramError.InvalidTokenAccount),
            (at + 2, _world.Trading.Vault(side), ProgramError.InvalidTokenAccount),
            (at + 3, stranger.PublicKey, ProgramError.InvalidAddress),
            (at + 3, trader.PublicKey, ProgramError.InvalidAddress),
        ];
        foreach (var (account, address, error) in wrong)
        {
            await _world.Chain.RefusesAsync(error, valid.With(account, address), signers);
        }

        // Of the owner's, but of the other mint.
        var otherMint = side == OrderSide.Sell ? _world.GrxOf(trader.PublicKey) : _world.GridOf(trader.PublicKey);
        var inOtherMint = valid.With(at + 2, otherMint);
        await (reason == OrderClosingReason.Expired
            ? _world.Chain.RefusesAsync(ProgramError.InvalidAddress, inOtherMint, signers)
            : _world.Chain.RefusesMintMismatchAsync(inOtherMint, signers));
        var (mint, frozen) = await _world.FreezableAccountAsync(trader.PublicKey);
        await _world.FreezeAsync(mint, frozen);
        await _world.Chain.RefusesAsync(ProgramError.InvalidTokenAccount, valid.With(at + 2, frozen), signers);
        await _world.Chain.RunAsync(valid, signers);
    }

    [Theory]
    [MemberData(nameof(EveryWay))]
    public async Task A_stranger_does_not_choose_the_account_of_a_refund(OrderSide side, OrderClosingReason reason)
    {
        using var trader = await TraderAsync();
        using var stranger = await _world.Chain.FundedAsync();
        var order = await PlaceAsync(side, trader, trader, 1);
        var mint = _world.Trading.EscrowMint(side);
        // The trader's, but its maker could close it whenever it is empty.
        var kept = await _world.KeptAccountAsync(mint, trader.PublicKey, stranger);
        var (instruction, signers) = await ClosingAsync(reason, trader, order with { RefundAccount = kept });
        if (reason == OrderClosingReason.Expired)
        {
            await _world.Chain.RefusesAsync(ProgramError.InvalidAddress, instruction, signers);
            var second = await _world.CreateTokenAccountAsync(mint, trader.PublicKey);
            await _world.Chain.RefusesAsync(
                ProgramError.InvalidAddress, _world.Trading.ExpireOrders(order with { RefundAccount = second }));
            await _world.Chain.RunAsync(_world.Trading.ExpireOrders(order));
            return;
        }

        await _world.Chain.RunAsync(instruction, signers);
        (await _world.Chain.TokensAsync(kept)).ShouldBe(side == OrderSide.Sell ? 2_000_000_000UL : 7_000_000UL);
    }

    [Theory]
    [MemberData(nameof(EveryWay))]
    public async Task Nothing_is_refunded_into_an_account_that_was_given_away(
        OrderSide side, OrderClosingReason reason)
    {
        using var trader = await TraderAsync();
        using var stranger = await _world.Chain.FundedAsync();
        var order = await PlaceAsync(side, trader, trader, 1);
        var associated = side == OrderSide.Sell ? _world.GridOf(trader.PublicKey) : _world.GrxOf(trader.PublicKey);
        await _world.GiveAwayAsync(associated, trader, stranger.PublicKey);
        await RefusesAsync(reason, trader, ProgramError.InvalidTokenAccount, order);
        // The owner still gets it back, by his own signature.
        var second = await _world.CreateTokenAccountAsync(_world.Trading.EscrowMint(side), trader.PublicKey);
        await _world.Chain.RunAsync(Cancel(order with { RefundAccount = second }), trader);
    }

    [Fact]
    public async Task Of_a_partly_filled_order_the_rest_comes_back()
    {
        using var seller = await TraderAsync();
        using var buyer = await TraderAsync();
        var sell = await PlaceAsync(OrderSide.Sell, seller, seller, 1);
        var buy = await PlaceAsync(OrderSide.Buy, buyer, buyer, 1);
        await _world.Chain.RunAsync(
            _world.Trading.SettleMatch(_world.Matcher.PublicKey, _world.FeeAccount, new MatchSettlement(
                _world.NextSettlement(), 333_333_333, 3_500_000,
                new OrderReference(seller.PublicKey, 1, seller.PublicKey),
                new OrderReference(buyer.PublicKey, 1, buyer.PublicKey))),
            _world.Matcher);
        var executed = await CloseAsync(OrderClosingReason.Released, seller, sell, buy);
        _world.EventsOf(executed).Cast<OrderCancelled>().Select(e => e.Refunded)
            .ShouldBe([2_000_000_000 - 333_333_333UL, 7_000_000 - 1_166_666UL]);
        (await TokensAsync(seller)).ShouldBe((10_000_000_000 - 333_333_333UL, 100_000_000 + 1_155_000UL));
        (await TokensAsync(buyer)).ShouldBe((10_000_000_000 + 333_333_333UL, 100_000_000 - 1_166_666UL));
    }

    private Task<Keypair> TraderAsync() => _world.UserAsync(10_000, 100_000_000);

    private async Task<OrderClosing> PlaceAsync(OrderSide side, Keypair owner, Keypair payer, ulong orderId)
    {
        var terms = new OrderTerms(orderId, 2_000_000_000, 3_500_000, _world.Chain.Now + 3_600);
        await _world.Chain.RunAsync(
            _world.Trading.CreateOrder(side, payer.PublicKey, owner.PublicKey, terms), payer, owner);
        return new OrderClosing(owner.PublicKey, orderId, side, payer.PublicKey);
    }

    private async Task<(ulong Grid, ulong Grx)> TokensAsync(Keypair trader) =>
        (await _world.Chain.TokensAsync(_world.GridOf(trader.PublicKey)),
            await _world.Chain.TokensAsync(_world.GrxOf(trader.PublicKey)));

    /// <summary>An instruction that can succeed now, and who signs it.</summary>
    private async Task<(Instruction Instruction, Keypair[] Signers)> ClosingAsync(
        OrderClosingReason reason, Keypair owner, params OrderClosing[] orders)
    {
        if (reason == OrderClosingReason.Expired)
        {
            await _world.Chain.AdvanceAsync(3_600);
            return (_world.Trading.ExpireOrders(orders), []);
        }

        return reason == OrderClosingReason.Released
            ? (Release(orders), [_world.Matcher])
            : (Cancel(orders.Single()), [owner]);
    }

    private async Task<Executed> CloseAsync(OrderClosingReason reason, Keypair owner, params OrderClosing[] orders)
    {
        var (instruction, signers) = await ClosingAsync(reason, owner, orders);
        return await _world.Chain.RunAsync(instruction, signers);
    }

    private async Task RefusesAsync(
        OrderClosingReason reason, Keypair owner, ProgramError error, params OrderClosing[] orders)
    {
        var (instruction, signers) = await ClosingAsync(reason, owner, orders);
        await _world.Chain.RefusesAsync(error, instruction, signers);
    }

    private Instruction Cancel(OrderClosing order) => _world.Trading.CancelOrder(order);

    private Instruction Release(params OrderClosing[] orders) =>
        _world.Trading.ReleaseOrders(_world.Matcher.PublicKey, orders);
}
