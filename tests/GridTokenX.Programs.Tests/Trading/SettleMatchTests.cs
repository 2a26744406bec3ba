using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Events;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Tests.Trading;

[Collection(ProgramTests.Name)]
public sealed class SettleMatchTests(WorldFixture fixture)
{
    private const ulong Ask = Pair.Ask;
    private const ulong Bid = Pair.Bid;
    private const ulong Amount = Pair.Amount;

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
        instruction.Accounts.Select(meta => meta.Address).Distinct().Count().ShouldBe(7 + (3 * 7));
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

    private Task<Pair> PairAsync() => Pair.PlacedAsync(_world);

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
}
