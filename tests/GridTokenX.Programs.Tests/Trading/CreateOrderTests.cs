using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Events;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Trading;

/// <summary>create_sell_order and create_buy_order.</summary>
[Collection(ProgramTests.Name)]
public sealed class CreateOrderTests(WorldFixture fixture)
{
    private const int Owner = 1;
    private const int Market = 2;
    private const int Order = 3;
    private const int Source = 4;
    private const int Vault = 5;

    private readonly World _world = fixture.World;

    private OrderTerms Terms => new(1, 2_000_000_001, 3_500_000, _world.Chain.Now + 3_600);

    [Theory]
    [InlineData(OrderSide.Sell, 2_000_000_001)]
    [InlineData(OrderSide.Buy, 7_000_000)]
    public async Task An_order_escrows_what_it_may_cost(OrderSide side, ulong escrow)
    {
        using var owner = await TraderAsync();
        using var payer = await _world.Chain.FundedAsync();
        var (source, vault) = (SourceOf(side, owner), _world.Trading.Vault(side));
        var (had, held) = (await _world.Chain.TokensAsync(source), await _world.Chain.TokensAsync(vault));
        var executed = await _world.Chain.RunAsync(
            _world.Trading.CreateOrder(side, payer.PublicKey, owner.PublicKey, Terms), payer, owner);

        var address = _world.Trading.Order(owner.PublicKey, 1);
        var order = await _world.Chain.AccountAsync(address, OrderAccount.Parse);
        order.ShouldBe(new OrderAccount(
            owner.PublicKey, payer.PublicKey, 1, Terms.Amount, 0, Terms.Price, escrow, _world.Chain.Now,
            Terms.ExpiresAt, World.FeeBasisPoints, side, order.Bump));
        (await _world.Chain.TokensAsync(source)).ShouldBe(had - escrow);
        (await _world.Chain.TokensAsync(vault)).ShouldBe(held + escrow);
        (await _world.Chain.LamportsAsync(payer.PublicKey))
            .ShouldBe((100 * ProgramChain.Sol) - await _world.RentAsync(OrderAccount.Length));
        _world.EventOf(executed).ShouldBe(new OrderCreated(
            address, 1, owner.PublicKey, side, Terms.Amount, Terms.Price, Terms.ExpiresAt, _world.Chain.Now));
    }

    [Theory]
    [InlineData(OrderSide.Sell)]
    [InlineData(OrderSide.Buy)]
    public async Task Terms_that_no_order_may_have_are_refused(OrderSide side)
    {
        using var owner = await TraderAsync();
        await RefusesAsync(ProgramError.InvalidOrder, Terms with { Amount = 0 });
        await RefusesAsync(ProgramError.InvalidOrder, Terms with { Amount = 999_999 });
        await RefusesAsync(ProgramError.PriceOutOfBounds, Terms with { Price = World.MinPrice - 1 });
        await RefusesAsync(ProgramError.PriceOutOfBounds, Terms with { Price = World.MaxPrice + 1 });
        await RefusesAsync(ProgramError.PriceOutOfBounds, Terms with { Price = ulong.MaxValue });
        await RefusesAsync(ProgramError.PriceOutOfBounds, Terms with { Price = 0 });
        await RefusesAsync(ProgramError.OrderExpired, Terms with { ExpiresAt = _world.Chain.Now });
        await RefusesAsync(ProgramError.OrderExpired, Terms with { ExpiresAt = -1 });
        await RefusesAsync(ProgramError.OrderExpired, Terms with { ExpiresAt = long.MinValue });
        await RefusesAsync(ProgramError.InsufficientBalance, Terms with { Amount = ulong.MaxValue, Price = 1_000 });
        var smallest = Terms with { Amount = 1_000_000, Price = 1_000, ExpiresAt = long.MaxValue };
        await _world.Chain.RunAsync(Create(side, owner, smallest), owner);

        Task RefusesAsync(ProgramError error, OrderTerms terms) =>
            _world.Chain.RefusesAsync(error, Create(side, owner, terms), owner);
    }

    [Fact]
    public async Task A_bid_that_would_escrow_nothing_or_overflow_is_refused()
    {
        using var owner = await TraderAsync();
        await _world.Chain.RefusesAsync(
            ProgramError.MathOverflow,
            Create(OrderSide.Buy, owner, Terms with { Amount = ulong.MaxValue, Price = 1_000_000_001 }), owner);
        await _world.Chain.RefusesAsync(
            ProgramError.InsufficientBalance,
            Create(OrderSide.Buy, owner, Terms with { Amount = ulong.MaxValue, Price = 1_000_000_000 }), owner);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidOrder,
            Create(OrderSide.Buy, owner, Terms with { Amount = 1_000_000, Price = 999 }), owner);
        await _world.Chain.RunAsync(
            Create(OrderSide.Buy, owner, Terms with { Amount = 1_000_000, Price = 1_000 }), owner);
        (await _world.OrderOfAsync(new OrderReference(owner.PublicKey, 1, owner.PublicKey))).Escrowed.ShouldBe(1UL);
    }

    [Theory]
    [InlineData(OrderSide.Sell, 1_000_001)]
    [InlineData(OrderSide.Buy, 1_001_000)]
    public async Task Nobody_escrows_more_than_he_has(OrderSide side, ulong tooMuch)
    {
        using var owner = await _world.UserAsync(1, 1_000);
        var all = Terms with { Amount = 1_000_000, Price = 1_000_000 };
        await _world.Chain.RefusesAsync(
            ProgramError.InsufficientBalance, Create(side, owner, all with { Amount = tooMuch }), owner);
        await _world.Chain.RunAsync(Create(side, owner, all), owner);
    }

    [Theory]
    [InlineData(OrderSide.Sell)]
    [InlineData(OrderSide.Buy)]
    public async Task An_open_orders_number_is_taken_until_it_closes(OrderSide side)
    {
        using var owner = await TraderAsync();
        await _world.Chain.RunAsync(Create(side, owner, Terms), owner);
        foreach (var again in Enum.GetValues<OrderSide>())
        {
            await _world.Chain.RefusesAsync(ProgramError.AlreadyInitialized, Create(again, owner, Terms), owner);
        }

        await _world.Chain.RunAsync(
            _world.Trading.CancelOrder(new OrderClosing(owner.PublicKey, 1, side, owner.PublicKey)), owner);
        await _world.Chain.RunAsync(Create(side, owner, Terms), owner);
    }

    [Theory]
    [InlineData(OrderSide.Sell)]
    [InlineData(OrderSide.Buy)]
    public async Task Malformed_instructions_are_refused(OrderSide side)
    {
        using var owner = await TraderAsync();
        using var payer = await _world.Chain.FundedAsync();
        var valid = _world.Trading.CreateOrder(side, payer.PublicKey, owner.PublicKey, Terms);
        await _world.Chain.RefusesMalformedAsync(valid, payer, owner);
        await _world.Chain.RunAsync(valid, payer, owner);
    }

    [Theory]
    [InlineData(OrderSide.Sell)]
    [InlineData(OrderSide.Buy)]
    public async Task Wrong_accounts_are_refused(OrderSide side)
    {
        using var owner = await TraderAsync();
        using var stranger = await TraderAsync();
        var otherSide = side == OrderSide.Sell ? OrderSide.Buy : OrderSide.Sell;
        var (fakeMint, valid) = (await _world.CreateMintAsync(9), Create(side, owner, Terms));
        var fakeTokens = await _world.CreateTokenAccountAsync(fakeMint, owner.PublicKey);
        (int Account, PublicKey Address, ProgramError Error)[] wrong =
        [
            (Market, owner.PublicKey, ProgramError.InvalidAccountOwner),
            (Market, _world.Registry.Registry, ProgramError.InvalidAccountOwner),
            (Market, _world.Trading.SettlementPage(0), ProgramError.InvalidAccountData),
            (Order, _world.Trading.Order(owner.PublicKey, 2), ProgramError.InvalidAddress),
            (Order, _world.Trading.Order(stranger.PublicKey, 1), ProgramError.InvalidAddress),
            (Order, _world.Trading.Market, ProgramError.InvalidAddress),
            (Source, SourceOf(side, stranger), ProgramError.InvalidTokenAccount),
            (Source, owner.PublicKey, ProgramError.InvalidTokenAccount),
            (Source, _world.Trading.Vault(side), ProgramError.InvalidTokenAccount),
            (Vault, _world.Trading.Vault(otherSide), ProgramError.InvalidAddress),
            (Vault, SourceOf(side, stranger), ProgramError.InvalidAddress),
            (6, TokenProgram.Id, ProgramError.InvalidProgram),
            (7, SystemProgram.Id, ProgramError.InvalidProgram),
            (7, MemoProgram.Id, ProgramError.InvalidProgram),
        ];
        foreach (var (account, address, error) in wrong)
        {
            await _world.Chain.RefusesAsync(error, valid.With(account, address), owner);
        }

        // Another mint's account holds nothing, or what it holds cannot move into the vault.
        await _world.Chain.RunAsync(
            TokenProgram.MintTo(fakeMint, fakeTokens, _world.Issuer.PublicKey, ulong.MaxValue), _world.Issuer);
        await _world.Chain.RefusesMintMismatchAsync(valid.With(Source, fakeTokens), owner);
        var otherToken = valid.With(Source, SourceOf(otherSide, owner));
        await (side == OrderSide.Buy
            ? _world.Chain.RefusesMintMismatchAsync(otherToken, owner)
            : _world.Chain.RefusesAsync(ProgramError.InsufficientBalance, otherToken, owner));
        var theirs = valid.With(Owner, stranger.PublicKey);
        await _world.Chain.RefusesAsync(ProgramError.InvalidAddress, theirs, owner, stranger);
        var theirOrder = theirs.With(Order, _world.Trading.Order(stranger.PublicKey, 1));
        await _world.Chain.RefusesAsync(ProgramError.InvalidTokenAccount, theirOrder, owner, stranger);
    }

    [Theory]
    [InlineData(OrderSide.Sell)]
    [InlineData(OrderSide.Buy)]
    public async Task A_frozen_account_and_one_that_was_given_away_escrow_nothing(OrderSide side)
    {
        using var owner = await TraderAsync();
        using var successor = await _world.Chain.FundedAsync();
        var valid = Create(side, owner, Terms);
        var (mint, account) = await _world.FreezableAccountAsync(owner.PublicKey);
        await _world.Chain.RefusesMintMismatchAsync(valid.With(Source, account), owner);
        await _world.FreezeAsync(mint, account);
        await _world.Chain.RefusesAsync(ProgramError.InvalidTokenAccount, valid.With(Source, account), owner);

        var source = SourceOf(side, owner);
        await _world.GiveAwayAsync(source, owner, successor.PublicKey);
        await _world.Chain.RefusesAsync(ProgramError.InvalidTokenAccount, valid, owner);
        await _world.Chain.RunAsync(Create(side, successor, Terms, source), successor);
    }

    [Fact]
    public async Task Who_may_close_an_account_does_not_keep_its_owner_from_escrowing()
    {
        using var owner = await TraderAsync();
        using var stranger = await _world.Chain.FundedAsync();
        var kept = await _world.KeptAccountAsync(_world.Trading.GrxMint, owner.PublicKey, stranger);
        await _world.Chain.RunAsync(
            TokenProgram.MintTo(_world.Trading.GrxMint, kept, _world.Issuer.PublicKey, 7_000_000), _world.Issuer);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidTokenAccount, Create(OrderSide.Buy, stranger, Terms, kept), stranger);
        await _world.Chain.RunAsync(Create(OrderSide.Buy, owner, Terms, kept), owner);
        // Its maker may well close it now; the order's rest goes elsewhere.
        await _world.Chain.RunAsync(
            TokenProgram.CloseAccount(kept, stranger.PublicKey, stranger.PublicKey), stranger);
        await _world.Chain.RunAsync(
            _world.Trading.CancelOrder(new OrderClosing(owner.PublicKey, 1, OrderSide.Buy, owner.PublicKey)), owner);
        (await _world.Chain.TokensAsync(_world.GrxOf(owner.PublicKey))).ShouldBe(107_000_000UL);
    }

    [Theory]
    [InlineData(OrderSide.Sell)]
    [InlineData(OrderSide.Buy)]
    public async Task An_order_is_cancelled_and_its_number_used_for_the_other_side_in_one_transaction(OrderSide side)
    {
        using var owner = await TraderAsync();
        await _world.Chain.RunAsync(Create(side, owner, Terms), owner);
        var otherSide = side == OrderSide.Sell ? OrderSide.Buy : OrderSide.Sell;
        var executed = await _world.Chain.RunAsync(
            [
                _world.Trading.CancelOrder(new OrderClosing(owner.PublicKey, 1, side, owner.PublicKey)),
                Create(otherSide, owner, Terms with { Amount = 1_000_000_000 }),
            ],
            owner);
        var events = _world.EventsOf(executed);
        events.Count.ShouldBe(2);
        events[0].ShouldBeOfType<OrderCancelled>().Side.ShouldBe(side);
        events[1].ShouldBeOfType<OrderCreated>().Side.ShouldBe(otherSide);
        var order = await _world.OrderOfAsync(new OrderReference(owner.PublicKey, 1, owner.PublicKey));
        var escrow = otherSide == OrderSide.Sell ? 1_000_000_000UL : 3_500_000UL;
        (order.Side, order.Amount, order.Filled, order.Escrowed).ShouldBe((otherSide, 1_000_000_000UL, 0UL, escrow));
        (await _world.Chain.TokensAsync(SourceOf(side, owner)))
            .ShouldBe(side == OrderSide.Sell ? 10_000_000_000UL : 100_000_000UL);
        (await _world.Chain.TokensAsync(SourceOf(otherSide, owner)))
            .ShouldBe((otherSide == OrderSide.Sell ? 10_000_000_000UL : 100_000_000UL) - escrow);
        (await _world.Chain.LamportsAsync(owner.PublicKey))
            .ShouldBe((100 * ProgramChain.Sol) - await _world.RentAsync(OrderAccount.Length));
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(500_000_000)]
    public async Task Lamports_sent_there_before_do_not_keep_an_order_out(ulong lamports)
    {
        using var owner = await TraderAsync();
        var address = _world.Trading.Order(owner.PublicKey, 1);
        await _world.Chain.AirdropAsync(address, lamports);
        var had = await _world.Chain.LamportsAsync(owner.PublicKey);
        var rent = await _world.RentAsync(OrderAccount.Length);
        await _world.Chain.RunAsync(Create(OrderSide.Sell, owner, Terms), owner);
        (await _world.Chain.LamportsAsync(address)).ShouldBe(Math.Max(lamports, rent));
        (await _world.Chain.LamportsAsync(owner.PublicKey)).ShouldBe(had - (rent - Math.Min(rent, lamports)));
        await _world.Chain.RunAsync(
            _world.Trading.CancelOrder(new OrderClosing(owner.PublicKey, 1, OrderSide.Sell, owner.PublicKey)), owner);
        (await _world.Chain.LamportsAsync(owner.PublicKey)).ShouldBe(had + lamports);
    }

    [Fact]
    public async Task An_order_may_draw_on_any_token_account_of_its_owner()
    {
        using var owner = await TraderAsync();
        var second = await _world.CreateTokenAccountAsync(_world.Trading.GrxMint, owner.PublicKey);
        await _world.Chain.RunAsync(
            TokenProgram.MintTo(_world.Trading.GrxMint, second, _world.Issuer.PublicKey, 7_000_000), _world.Issuer);
        await _world.Chain.RunAsync(
            _world.Trading.CreateBuyOrder(owner.PublicKey, owner.PublicKey, Terms, second), owner);
        (await _world.Chain.TokensAsync(second)).ShouldBe(0UL);
    }

    private Task<Keypair> TraderAsync() => _world.UserAsync(10_000, 100_000_000);

    private Instruction Create(OrderSide side, Keypair owner, OrderTerms terms, PublicKey? source = null) =>
        _world.Trading.CreateOrder(side, owner.PublicKey, owner.PublicKey, terms, source);

    private PublicKey SourceOf(OrderSide side, Keypair owner) =>
        side == OrderSide.Sell ? _world.GridOf(owner.PublicKey) : _world.GrxOf(owner.PublicKey);
}
