using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Events;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Trading;

[Collection(ProgramTests.Name)]
public sealed class SettleMatchTests(WorldFixture fixture)
{
    private const int FirstGroup = 7;
    private const ulong Ask = 3_000_000;
    private const ulong Bid = 4_000_000;
    private const ulong Amount = 2_000_000_000;

    private readonly World _world = fixture.World;

    [Fact]
    public async Task Energy_money_fee_and_the_unused_bid_go_where_they_belong()
    {
        using var pair = await PairAsync();
        var fees = await _world.Chain.TokensAsync(_world.FeeAccount);
        var vaults = await VaultsAsync();
        var settlement = pair.Settlement(1_500_000_001, 3_333_333);
        var executed = await RunAsync(settlement);

        // floor(1,500,000,001 × 3,333,333 / 10^9), 1 % of it, floor(1,500,000,001 × 4,000,000 / 10^9)
        const ulong Value = 4_999_999;
        const ulong Fee = 49_999;
        const ulong Share = 6_000_000;
        (await TokensAsync(pair.Seller)).ShouldBe((8_000_000_000UL, 100_000_000UL + Value - Fee));
        (await TokensAsync(pair.Buyer)).ShouldBe((11_500_000_001UL, 92_000_000UL + Share - Value));
        (await _world.Chain.TokensAsync(_world.FeeAccount)).ShouldBe(fees + Fee);
        (await VaultsAsync()).ShouldBe((vaults.Grid - 1_500_000_001, vaults.Grx - Share));
        var (sell, buy) = (await _world.OrderOfAsync(pair.Sell), await _world.OrderOfAsync(pair.Buy));
        (sell.Filled, sell.Escrowed).ShouldBe((1_500_000_001UL, 499_999_999UL));
        (buy.Filled, buy.Escrowed).ShouldBe((1_500_000_001UL, 8_000_000 - Share));
        _world.EventOf(executed).ShouldBe(new TradeExecuted(
            settlement.Id, 1, 1, pair.Seller.PublicKey, pair.Buyer.PublicKey, 1_500_000_001, 3_333_333, Value, Fee,
            _world.Chain.Now));
        var page = await _world.Chain.AccountAsync(_world.Trading.SettlementPage(0), SettlementPageAccount.Parse);
        page.IsUsed(settlement.Id).ShouldBeTrue();
    }

    [Fact]
    public async Task Filled_orders_are_closed_and_their_rent_goes_to_its_payers()
    {
        using var pair = await PairAsync();
        await RunAsync(pair.Settlement(1_999_999_999, Ask));
        await RunAsync(pair.Settlement(1, Bid));
        foreach (var order in (OrderReference[])[pair.Sell, pair.Buy])
        {
            (await _world.Chain.ExistsAsync(_world.Trading.Order(order.Owner, order.OrderId))).ShouldBeFalse();
        }

        (await _world.Chain.LamportsAsync(pair.SellPayer.PublicKey)).ShouldBe(100 * ProgramChain.Sol);
        (await _world.Chain.LamportsAsync(pair.BuyPayer.PublicKey)).ShouldBe(100 * ProgramChain.Sol);
        // 8,000,000 escrowed: nothing of it is left behind.
        var (seller, buyer) = (await TokensAsync(pair.Seller), await TokensAsync(pair.Buyer));
        buyer.ShouldBe((12_000_000_000UL, 100_000_000UL - 5_999_999));
        seller.ShouldBe((8_000_000_000UL, 100_000_000UL + 5_999_999 - 59_999));
        await RefusesAsync(ProgramError.OrderNotActive, pair.Settlement(1, Ask));
    }

    [Fact]
    public async Task Three_settlements_of_seven_accounts_each_fit_one_transaction()
    {
        using var first = await PairAsync();
        using var second = await PairAsync();
        using var third = await PairAsync();
        Pair[] pairs = [first, second, third];
        MatchSettlement[] settlements = [.. pairs.Select(pair => pair.Settlement(Amount, Ask))];
        var instruction = Settle(settlements);
        instruction.Accounts.Select(meta => meta.Address).Distinct().Count().ShouldBe(FirstGroup + (3 * 7));
        await _world.Chain.AirdropAsync(_world.Matcher.PublicKey, ProgramChain.Sol);
        var blockhash = (await _world.Chain.Rpc.GetLatestBlockhashAsync()).Blockhash;
        var transaction = new Transaction(Message.CompileV0(_world.Matcher.PublicKey, blockhash, [instruction]));
        transaction.Length.ShouldBeLessThanOrEqualTo(Transaction.MaxLength);
        var fees = await _world.Chain.TokensAsync(_world.FeeAccount);
        (await _world.Chain.SendAsync(transaction.Sign(_world.Matcher))).Error.ShouldBeNull();
        (await _world.Chain.TokensAsync(_world.FeeAccount)).ShouldBe(fees + (3 * 60_000));
        foreach (var pair in pairs)
        {
            (await TokensAsync(pair.Buyer)).ShouldBe((12_000_000_000UL, 94_000_000UL));
            (await TokensAsync(pair.Seller)).ShouldBe((8_000_000_000UL, 105_940_000UL));
            (await _world.Chain.LamportsAsync(pair.SellPayer.PublicKey)).ShouldBe(100 * ProgramChain.Sol);
            (await _world.Chain.LamportsAsync(pair.BuyPayer.PublicKey)).ShouldBe(100 * ProgramChain.Sol);
        }
    }

    [Fact]
    public async Task One_order_is_settled_with_several_in_one_instruction()
    {
        using var pair = await PairAsync();
        var (half, rest) = (pair.Settlement(Amount / 2, Ask), pair.Settlement(Amount / 2, Bid));
        await RunAsync(half, rest);
        (await TokensAsync(pair.Seller)).ShouldBe((8_000_000_000UL, 100_000_000UL + 7_000_000 - 70_000));
        (await TokensAsync(pair.Buyer)).ShouldBe((12_000_000_000UL, 100_000_000UL - 7_000_000));
        (await _world.Chain.LamportsAsync(pair.SellPayer.PublicKey)).ShouldBe(100 * ProgramChain.Sol);
        (await _world.Chain.LamportsAsync(pair.BuyPayer.PublicKey)).ShouldBe(100 * ProgramChain.Sol);
    }

    [Fact]
    public async Task A_settlement_is_executed_once()
    {
        using var pair = await PairAsync();
        var settlement = pair.Settlement(1_000, Ask);
        await RunAsync(settlement);
        await RefusesAsync(ProgramError.SettlementAlreadyUsed, settlement);
        await RefusesAsync(ProgramError.SettlementAlreadyUsed, settlement with { Amount = 2_000, Price = Bid });
        var next = pair.Settlement(1_000, Ask);
        await RefusesAsync(ProgramError.SettlementAlreadyUsed, next, settlement);
        await RefusesAsync(ProgramError.SettlementAlreadyUsed, next, next);
        await RunAsync(next);
        // Also when the orders are gone: whoever repeats it learns that it is done.
        await RunAsync(pair.Settlement(Amount - 2_000, Ask));
        await RefusesAsync(ProgramError.SettlementAlreadyUsed, settlement);
    }

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
        var own = await _world.OrderAsync(OrderSide.Buy, pair.Seller, Terms(Bid) with { OrderId = 2 });
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

    private OrderTerms Terms(ulong price) => new(1, Amount, price, _world.Chain.Now + 3_600);

    private async Task<Pair> PairAsync(
        OrderSide? expiring = null, ulong bid = Bid, ulong buyAmount = Amount)
    {
        var (seller, buyer) =
            (await _world.UserAsync(10_000, 100_000_000), await _world.UserAsync(10_000, 100_000_000));
        var (sellPayer, buyPayer) = (await _world.Chain.FundedAsync(), await _world.Chain.FundedAsync());
        var soon = _world.Chain.Now + 100;
        var ask = expiring == OrderSide.Sell ? Terms(Ask) with { ExpiresAt = soon } : Terms(Ask);
        var bidding = Terms(bid) with { Amount = buyAmount };
        bidding = expiring == OrderSide.Buy ? bidding with { ExpiresAt = soon } : bidding;
        await _world.Chain.RunAsync(
            [
                _world.Trading.CreateSellOrder(sellPayer.PublicKey, seller.PublicKey, ask),
                _world.Trading.CreateBuyOrder(buyPayer.PublicKey, buyer.PublicKey, bidding),
            ],
            sellPayer, buyPayer, seller, buyer);
        return new Pair(_world, seller, buyer, sellPayer, buyPayer);
    }

    private Instruction Settle(params MatchSettlement[] settlements) =>
        _world.Trading.SettleMatch(_world.Matcher.PublicKey, _world.FeeAccount, settlements);

    private Task<Executed> RunAsync(params MatchSettlement[] settlements) =>
        _world.Chain.RunAsync(Settle(settlements), _world.Matcher);

    private Task<Executed> RefusesAsync(ProgramError error, params MatchSettlement[] settlements) =>
        _world.Chain.RefusesAsync(error, Settle(settlements), _world.Matcher);

    private async Task<(ulong Grid, ulong Grx)> TokensAsync(Keypair trader) =>
        (await _world.Chain.TokensAsync(_world.GridOf(trader.PublicKey)),
            await _world.Chain.TokensAsync(_world.GrxOf(trader.PublicKey)));

    private async Task<(ulong Grid, ulong Grx)> VaultsAsync() =>
        (await _world.Chain.TokensAsync(_world.Trading.GridVault),
            await _world.Chain.TokensAsync(_world.Trading.GrxVault));

    /// <summary>A seller and a buyer with 10 GRID and 100 GRX each, less one order of 2 GRID.</summary>
    private sealed record Pair(World World, Keypair Seller, Keypair Buyer, Keypair SellPayer, Keypair BuyPayer)
        : IDisposable
    {
        public OrderReference Sell => new(Seller.PublicKey, 1, SellPayer.PublicKey);

        public OrderReference Buy => new(Buyer.PublicKey, 1, BuyPayer.PublicKey);

        public MatchSettlement Settlement(ulong amount, ulong price) =>
            new(World.NextSettlement(), amount, price, Sell, Buy);

        public void Dispose()
        {
            Seller.Dispose();
            Buyer.Dispose();
            SellPayer.Dispose();
            BuyPayer.Dispose();
        }
    }
}
