using GridTokenX.Programs.Events;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Trading;

[Collection(ProgramTests.Name)]
public sealed class MatchOrderTests(WorldFixture fixture) : IAsyncLifetime
{
    private const ulong Amount = 2_000_000_000;
    private const ulong Price = 3_500_000;

    private readonly World _world = fixture.World;
    private Keypair _seller = null!;
    private Keypair _buyer = null!;
    private Keypair _payer = null!;
    private OrderReference _order = null!;

    public async Task InitializeAsync()
    {
        _seller = await _world.UserAsync(10_000);
        _buyer = await _world.UserAsync(0, 100_000_000);
        _payer = await _world.Chain.FundedAsync();
        var terms = new OrderTerms(1, Amount, Price, _world.Chain.Now + 3_600);
        await _world.Chain.RunAsync(
            _world.Trading.CreateSellOrder(_payer.PublicKey, _seller.PublicKey, terms), _payer, _seller);
        _order = new OrderReference(_seller.PublicKey, 1, _payer.PublicKey);
    }

    public Task DisposeAsync()
    {
        _seller.Dispose();
        _buyer.Dispose();
        _payer.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_share_of_a_listed_order_is_bought_at_its_price()
    {
        var fees = await _world.Chain.TokensAsync(_world.FeeAccount);
        var purchase = Purchase(500_000_001, Price + 1);
        var executed = await RunAsync(purchase);
        const ulong Value = 1_750_000;
        (await GridAsync(_buyer)).ShouldBe(500_000_001UL);
        (await GrxAsync(_buyer)).ShouldBe(100_000_000 - Value);
        (await GrxAsync(_seller)).ShouldBe(Value - 17_500);
        (await _world.Chain.TokensAsync(_world.FeeAccount)).ShouldBe(fees + 17_500);
        var order = await _world.OrderOfAsync(_order);
        (order.Filled, order.Escrowed).ShouldBe((500_000_001UL, Amount - 500_000_001));
        _world.EventOf(executed).ShouldBe(new TradeExecuted(
            purchase.SettlementId, 1, 0, _seller.PublicKey, _buyer.PublicKey, 500_000_001, Price, Value, 17_500,
            _world.Chain.Now));
    }

    [Fact]
    public async Task The_whole_order_is_bought_and_closed()
    {
        await RunAsync(Purchase(Amount, Price));
        (await _world.Chain.ExistsAsync(_world.Trading.Order(_seller.PublicKey, 1))).ShouldBeFalse();
        (await _world.Chain.LamportsAsync(_payer.PublicKey)).ShouldBe(100 * ProgramChain.Sol);
        await RefusesAsync(ProgramError.OrderNotActive, Purchase(1, Price));
    }

    [Fact]
    public async Task Nobody_pays_more_than_he_said_or_has()
    {
        await RefusesAsync(ProgramError.PriceOutOfBounds, Purchase(1_000, Price - 1));
        await RefusesAsync(ProgramError.PriceOutOfBounds, Purchase(1_000, 0));
        using var poor = await _world.UserAsync(0, 6_999_999);
        var instruction = Match(Purchase(Amount, Price) with { Buyer = poor.PublicKey });
        await _world.Chain.RefusesAsync(ProgramError.InsufficientBalance, instruction, poor, _world.Matcher);
    }

    [Fact]
    public async Task Nobody_buys_more_than_there_is()
    {
        await RefusesAsync(ProgramError.AmountMismatch, Purchase(0, Price));
        await RefusesAsync(ProgramError.AmountMismatch, Purchase(Amount + 1, Price));
        await RefusesAsync(ProgramError.AmountMismatch, Purchase(ulong.MaxValue, ulong.MaxValue));
        await RunAsync(Purchase(1, Price));
        await RefusesAsync(ProgramError.AmountMismatch, Purchase(Amount, Price));
    }

    [Fact]
    public async Task A_purchase_is_executed_once()
    {
        var purchase = Purchase(1_000, Price);
        await RunAsync(purchase);
        await RefusesAsync(ProgramError.SettlementAlreadyUsed, purchase);
        await RefusesAsync(ProgramError.SettlementAlreadyUsed, purchase with { Amount = 2_000 });
    }

    [Fact]
    public async Task A_seller_does_not_buy_from_himself() => await _world.Chain.RefusesAsync(
        ProgramError.SelfTradingNotAllowed, Match(Purchase(1_000, Price) with { Buyer = _seller.PublicKey }), _seller,
        _world.Matcher);

    [Fact]
    public async Task Only_sell_orders_are_listed()
    {
        var bid = await _world.OrderAsync(
            OrderSide.Buy, _buyer, new OrderTerms(5, Amount, Price, _world.Chain.Now + 100));
        using var other = await _world.UserAsync(0, 100_000_000);
        var instruction = Match(Purchase(1_000, Price) with { Sell = bid, Buyer = other.PublicKey });
        await _world.Chain.RefusesAsync(ProgramError.InvalidOrder, instruction, other, _world.Matcher);
    }

    [Fact]
    public async Task An_expired_order_is_not_bought()
    {
        await _world.Chain.AdvanceAsync(3_600);
        await RefusesAsync(ProgramError.OrderExpired, Purchase(1_000, Price));
    }

    [Fact]
    public async Task Buyer_and_matcher_both_sign()
    {
        using var stranger = await _world.Chain.FundedAsync();
        var purchase = Purchase(1_000, Price);
        await _world.Chain.RefusesAsync(
            ProgramError.Unauthorized,
            _world.Trading.MatchOrder(stranger.PublicKey, _world.FeeAccount, purchase), _buyer, stranger);
        await _world.Chain.RefusesAsync(
            ProgramError.Unauthorized,
            _world.Trading.MatchOrder(_buyer.PublicKey, _world.FeeAccount, purchase), _buyer);
        await _world.Chain.RefusesAsync(
            ProgramError.MissingSignature, Match(purchase).Unsigned(0), _world.Matcher);
        await _world.Chain.RefusesAsync(ProgramError.MissingSignature, Match(purchase).Unsigned(1), _buyer);
    }

    [Fact]
    public async Task Malformed_instructions_are_refused()
    {
        var valid = Match(Purchase(Amount, Price));
        await _world.Chain.RefusesMalformedAsync(valid, _buyer, _world.Matcher);
        await _world.Chain.RunAsync(valid, _buyer, _world.Matcher);
    }

    [Fact]
    public async Task Wrong_accounts_are_refused()
    {
        using var stranger = await _world.UserAsync(0, 100_000_000);
        var valid = Match(Purchase(Amount, Price));
        var (theirGrid, theirGrx) = (_world.GridOf(stranger.PublicKey), _world.GrxOf(stranger.PublicKey));
        (int Account, PublicKey Address, ProgramError Error)[] wrong =
        [
            (2, stranger.PublicKey, ProgramError.InvalidAccountOwner),
            (2, _world.Trading.SettlementPage(0), ProgramError.InvalidAccountData),
            (3, stranger.PublicKey, ProgramError.InvalidAccountOwner),
            (3, _world.Trading.Market, ProgramError.InvalidAccountData),
            (4, _world.Trading.Market, ProgramError.InvalidAccountData),
            (4, theirGrid, ProgramError.InvalidAccountOwner),
            (5, theirGrx, ProgramError.InvalidTokenAccount),
            (5, stranger.PublicKey, ProgramError.InvalidTokenAccount),
            (6, theirGrx, ProgramError.InvalidTokenAccount),
            (6, _world.GrxOf(_buyer.PublicKey), ProgramError.InvalidTokenAccount),
            (7, theirGrx, ProgramError.InvalidAddress),
            (8, _world.Trading.GrxVault, ProgramError.InvalidAddress),
            (8, theirGrid, ProgramError.InvalidAddress),
            (9, theirGrid, ProgramError.InvalidTokenAccount),
            (10, stranger.PublicKey, ProgramError.InvalidAddress),
            (10, _seller.PublicKey, ProgramError.InvalidAddress),
            (11, MemoProgram.Id, ProgramError.InvalidProgram),
        ];
        foreach (var (account, address, error) in wrong)
        {
            await _world.Chain.RefusesAsync(error, valid.With(account, address), _buyer, _world.Matcher);
        }

        await _world.Chain.RefusesMintMismatchAsync(
            valid.With(9, _world.GrxOf(_buyer.PublicKey)), _buyer, _world.Matcher);
        await _world.Chain.RefusesMintMismatchAsync(
            valid.With(6, _world.GridOf(_seller.PublicKey)), _buyer, _world.Matcher);
    }

    [Fact]
    public async Task A_worthless_token_buys_nothing()
    {
        var fakeMint = await _world.CreateMintAsync(6);
        var (mine, theirs) = (await _world.CreateTokenAccountAsync(fakeMint, _buyer.PublicKey),
            await _world.CreateTokenAccountAsync(fakeMint, _seller.PublicKey));
        await _world.Chain.RunAsync(
            TokenProgram.MintTo(fakeMint, mine, _world.Issuer.PublicKey, 1_000_000_000), _world.Issuer);
        // So little that there is no fee, whose transfer would notice it.
        var paidInFake = Match(Purchase(1_000_000, Price)).With(5, mine).With(6, theirs);
        await _world.Chain.RefusesAsync(ProgramError.InvalidTokenAccount, paidInFake, _buyer, _world.Matcher);
        var tiny = Match(Purchase(1_000, Price)).With(5, mine).With(6, theirs);
        await _world.Chain.RefusesAsync(ProgramError.InvalidTokenAccount, tiny, _buyer, _world.Matcher);
    }

    private DirectPurchase Purchase(ulong amount, ulong maxPrice) =>
        new(_world.NextSettlement(), amount, maxPrice, _buyer.PublicKey, _order);

    private Instruction Match(DirectPurchase purchase) =>
        _world.Trading.MatchOrder(_world.Matcher.PublicKey, _world.FeeAccount, purchase);

    private Task<Executed> RunAsync(DirectPurchase purchase) =>
        _world.Chain.RunAsync(Match(purchase), _buyer, _world.Matcher);

    private Task<Executed> RefusesAsync(ProgramError error, DirectPurchase purchase) =>
        _world.Chain.RefusesAsync(error, Match(purchase), _buyer, _world.Matcher);

    private Task<ulong> GridAsync(Keypair owner) => _world.Chain.TokensAsync(_world.GridOf(owner.PublicKey));

    private Task<ulong> GrxAsync(Keypair owner) => _world.Chain.TokensAsync(_world.GrxOf(owner.PublicKey));
}
