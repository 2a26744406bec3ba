using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Trading;

/// <summary>What settle_match refuses.</summary>
[Collection(ProgramTests.Name)]
public sealed class SettleMatchRefusalTests(WorldFixture fixture)
{
    private const int FirstGroup = 7;
    private const ulong Ask = Pair.Ask;
    private const ulong Bid = Pair.Bid;
    private const ulong Amount = Pair.Amount;

    private readonly World _world = fixture.World;

    [Fact]
    public async Task Neither_limit_can_be_broken()
    {
        using var pair = await PairAsync();
        await RefusesAsync(ProgramError.PriceOutOfBounds, pair.Settlement(1_000, Ask - 1));
        await RefusesAsync(ProgramError.PriceOutOfBounds, pair.Settlement(1_000, Bid + 1));
        await RefusesAsync(ProgramError.PriceOutOfBounds, pair.Settlement(1_000, 0));
        await RefusesAsync(ProgramError.PriceOutOfBounds, pair.Settlement(1_000, ulong.MaxValue));
        using var apart = await PairAsync(bid: Ask - 1);
        await RefusesAsync(ProgramError.PriceOutOfBounds, apart.Settlement(1_000, Ask));
        await RefusesAsync(ProgramError.PriceOutOfBounds, apart.Settlement(1_000, Ask - 1));
    }

    [Fact]
    public async Task No_order_is_filled_beyond_its_amount()
    {
        using var pair = await PairAsync(buyAmount: Amount - 1_000);
        await RefusesAsync(ProgramError.AmountMismatch, pair.Settlement(0, Ask));
        await RefusesAsync(ProgramError.AmountMismatch, pair.Settlement(Amount - 999, Ask));
        await RefusesAsync(ProgramError.AmountMismatch, pair.Settlement(Amount, Ask));
        await RefusesAsync(ProgramError.AmountMismatch, pair.Settlement(ulong.MaxValue, Ask));
        await RunAsync(pair.Settlement(Amount - 2_000, Ask));
        await RefusesAsync(ProgramError.AmountMismatch, pair.Settlement(1_001, Ask));
        await RefusesAsync(ProgramError.AmountMismatch, pair.Settlement(501, Ask), pair.Settlement(500, Ask));
        await RunAsync(pair.Settlement(500, Ask), pair.Settlement(500, Ask));
    }

    [Fact]
    public async Task Both_sides_must_be_what_they_are_taken_for()
    {
        using var pair = await PairAsync();
        var valid = pair.Settlement(1_000, Ask);
        await RefusesAsync(ProgramError.InvalidOrder, valid with { Sell = pair.Buy, Buy = pair.Sell });
        using var other = await PairAsync();
        await RefusesAsync(ProgramError.InvalidOrder, valid with { Buy = other.Sell });
        await RefusesAsync(ProgramError.InvalidOrder, valid with { Sell = other.Buy });
        await RefusesAsync(ProgramError.DuplicateAccount, valid with { Buy = pair.Sell });
        await RefusesAsync(ProgramError.DuplicateAccount, valid with { Sell = pair.Buy });
    }

    [Fact]
    public async Task Nobody_trades_with_himself()
    {
        using var pair = await PairAsync();
        var own = await _world.OrderAsync(OrderSide.Buy, pair.Seller, Pair.Terms(_world, Bid) with { OrderId = 2 });
        await RefusesAsync(ProgramError.SelfTradingNotAllowed, pair.Settlement(1_000, Ask) with { Buy = own });
    }

    [Theory]
    [InlineData(OrderSide.Sell)]
    [InlineData(OrderSide.Buy)]
    public async Task An_expired_order_does_not_trade(OrderSide expiring)
    {
        using var pair = await PairAsync(expiring);
        await _world.Chain.AdvanceAsync(99);
        await RunAsync(pair.Settlement(1_000, Ask));
        await _world.Chain.AdvanceAsync(1);
        await RefusesAsync(ProgramError.OrderExpired, pair.Settlement(1_000, Ask));
    }

    [Fact]
    public async Task Only_matchers_settle()
    {
        using var pair = await PairAsync();
        var settlement = pair.Settlement(1_000, Ask);
        foreach (var key in (Keypair[])[pair.Seller, _world.Admin, _world.Registrar, _world.Oracle])
        {
            await _world.Chain.RefusesAsync(
                ProgramError.Unauthorized,
                _world.Trading.SettleMatch(key.PublicKey, _world.FeeAccount, settlement), key);
        }

        await _world.Chain.RunAsync(
            _world.Trading.SettleMatch(_world.SecondMatcher.PublicKey, _world.FeeAccount, settlement),
            _world.SecondMatcher);
    }

    [Fact]
    public async Task An_instruction_settles_on_the_page_of_its_numbers()
    {
        using var pair = await PairAsync();
        var valid = Settle(pair.Settlement(1_000, Ask));
        // The number's third byte is the page's first.
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAddress, valid.WithByte(12 + 2, 1), _world.Matcher);
        var next = pair.Settlement(1_000, Ask) with { Id = 65_536 };
        await _world.Chain.RefusesAsync(ProgramError.InvalidAccountOwner, Settle(next), _world.Matcher);
        await _world.Chain.RunAsync(
            _world.Trading.OpenSettlementPage(_world.Issuer.PublicKey, 1), _world.Issuer);
        await RunAsync(next);
        await RefusesAsync(ProgramError.SettlementAlreadyUsed, next);
        await RunAsync(next with { Id = 131_071 });
        // Number 65,536 has the same bit on page 1 as number 0 on page 0.
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAddress, Settle(next with { Id = 65_537 }).With(2, _world.Trading.SettlementPage(0)),
            _world.Matcher);
    }

    [Fact]
    public async Task Malformed_instructions_are_refused()
    {
        using var pair = await PairAsync();
        var valid = Settle(pair.Settlement(Amount, Ask));
        await _world.Chain.RefusesMalformedAsync(valid, _world.Matcher);
        await _world.Chain.RefusesAsync(ProgramError.InvalidInstruction, valid.WithByte(8, 0), _world.Matcher);
        await _world.Chain.RefusesAsync(ProgramError.InvalidInstruction, valid.WithByte(8, 2), _world.Matcher);
        await _world.Chain.RefusesAsync(ProgramError.InvalidInstruction, valid.WithByte(11, 0xff), _world.Matcher);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidInstruction, valid.WithData([.. valid.Data.Span[..8], 0, 0, 0, 0]), _world.Matcher);
        await _world.Chain.RefusesAsync(
            ProgramError.AmountMismatch, valid.WithAccounts([.. valid.Accounts, valid.Accounts[0]]), _world.Matcher);
        await _world.Chain.RunAsync(valid, _world.Matcher);
    }

    [Fact]
    public async Task Nothing_goes_to_strangers()
    {
        using var pair = await PairAsync();
        using var stranger = await _world.UserAsync();
        var valid = Settle(pair.Settlement(Amount, Ask));
        var (theirGrid, theirGrx) = (_world.GridOf(stranger.PublicKey), _world.GrxOf(stranger.PublicKey));
        (int Account, PublicKey Address, ProgramError Error)[] wrong =
        [
            (1, stranger.PublicKey, ProgramError.InvalidAccountOwner),
            (1, _world.Trading.SettlementPage(0), ProgramError.InvalidAccountData),
            (2, stranger.PublicKey, ProgramError.InvalidAccountOwner),
            (2, _world.Trading.Market, ProgramError.InvalidAccountData),
            (3, _world.Trading.GrxVault, ProgramError.InvalidAddress),
            (4, _world.Trading.GridVault, ProgramError.InvalidAddress),
            (5, theirGrx, ProgramError.InvalidAddress),
            (6, MemoProgram.Id, ProgramError.InvalidProgram),
            (FirstGroup, theirGrid, ProgramError.InvalidAccountOwner),
            (FirstGroup, _world.Trading.Market, ProgramError.InvalidAccountData),
            (FirstGroup, stranger.PublicKey, ProgramError.OrderNotActive),
            (FirstGroup + 1, _world.Trading.Market, ProgramError.InvalidAccountData),
            (FirstGroup + 1, _world.Registry.Registry, ProgramError.InvalidAccountOwner),
            (FirstGroup + 2, theirGrid, ProgramError.InvalidTokenAccount),
            (FirstGroup + 2, _world.GridOf(pair.Seller.PublicKey), ProgramError.InvalidTokenAccount),
            (FirstGroup + 3, theirGrx, ProgramError.InvalidTokenAccount),
            (FirstGroup + 3, _world.GrxOf(pair.Buyer.PublicKey), ProgramError.InvalidTokenAccount),
            (FirstGroup + 4, theirGrx, ProgramError.InvalidTokenAccount),
            (FirstGroup + 4, _world.Trading.GrxVault, ProgramError.InvalidTokenAccount),
            (FirstGroup + 5, stranger.PublicKey, ProgramError.InvalidAddress),
            (FirstGroup + 5, pair.BuyPayer.PublicKey, ProgramError.InvalidAddress),
            (FirstGroup + 6, stranger.PublicKey, ProgramError.InvalidAddress),
            (FirstGroup + 6, pair.SellPayer.PublicKey, ProgramError.InvalidAddress),
        ];
        foreach (var (account, address, error) in wrong)
        {
            await _world.Chain.RefusesAsync(error, valid.With(account, address), _world.Matcher);
        }

        // Of the right owner, but of the other mint.
        await _world.Chain.RefusesMintMismatchAsync(
            valid.With(FirstGroup + 2, _world.GrxOf(pair.Buyer.PublicKey)), _world.Matcher);
        await _world.Chain.RefusesMintMismatchAsync(
            valid.With(FirstGroup + 3, _world.GridOf(pair.Seller.PublicKey)), _world.Matcher);
        await _world.Chain.RefusesMintMismatchAsync(
            valid.With(FirstGroup + 4, _world.GridOf(pair.Buyer.PublicKey)), _world.Matcher);
        var (mint, frozen) = await _world.FreezableAccountAsync(pair.Buyer.PublicKey);
        await _world.FreezeAsync(mint, frozen);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidTokenAccount, valid.With(FirstGroup + 2, frozen), _world.Matcher);
        await _world.Chain.RunAsync(valid, _world.Matcher);
    }

    private Task<Pair> PairAsync(
        OrderSide? expiring = null, ulong bid = Bid, ulong buyAmount = Amount) =>
        Pair.PlacedAsync(_world, expiring, bid, buyAmount);

    private Instruction Settle(params MatchSettlement[] settlements) =>
        _world.Trading.SettleMatch(_world.Matcher.PublicKey, _world.FeeAccount, settlements);

    private Task<Executed> RunAsync(params MatchSettlement[] settlements) =>
        _world.Chain.RunAsync(Settle(settlements), _world.Matcher);

    private Task<Executed> RefusesAsync(ProgramError error, params MatchSettlement[] settlements) =>
        _world.Chain.RefusesAsync(error, Settle(settlements), _world.Matcher);
}
