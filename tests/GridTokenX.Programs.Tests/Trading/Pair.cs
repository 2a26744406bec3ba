using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Tests.Trading;

/// <summary>A seller and a buyer with 10 GRID and 100 GRX each, less one order of 2 GRID, both numbered 1.</summary>
internal sealed record Pair(World World, Keypair Seller, Keypair Buyer, Keypair SellPayer, Keypair BuyPayer)
    : IDisposable
{
    public const ulong Ask = 3_000_000;
    public const ulong Bid = 4_000_000;
    public const ulong Amount = 2_000_000_000;

    public OrderReference Sell => new(Seller.PublicKey, 1, SellPayer.PublicKey);

    public OrderReference Buy => new(Buyer.PublicKey, 1, BuyPayer.PublicKey);

    public static OrderTerms Terms(World world, ulong price) =>
        new(1, Amount, price, world.Chain.Now + 3_600);

    /// <summary>Each order's rent is paid by somebody who does nothing else.</summary>
    /// <param name="expiring">Which order expires after 100 s; the others after an hour.</param>
    public static async Task<Pair> PlacedAsync(
        World world, OrderSide? expiring = null, ulong bid = Bid, ulong buyAmount = Amount)
    {
        var seller = await world.UserAsync(10_000, 100_000_000);
        var buyer = await world.UserAsync(10_000, 100_000_000);
        var sellPayer = await world.Chain.FundedAsync();
        var buyPayer = await world.Chain.FundedAsync();
        var soon = world.Chain.Now + 100;
        var asking = Terms(world, Ask);
        var bidding = Terms(world, bid) with { Amount = buyAmount };
        asking = expiring == OrderSide.Sell ? asking with { ExpiresAt = soon } : asking;
        bidding = expiring == OrderSide.Buy ? bidding with { ExpiresAt = soon } : bidding;
        await world.Chain.RunAsync(
            [
                world.Trading.CreateSellOrder(sellPayer.PublicKey, seller.PublicKey, asking),
                world.Trading.CreateBuyOrder(buyPayer.PublicKey, buyer.PublicKey, bidding),
            ],
            sellPayer, buyPayer, seller, buyer);
        return new Pair(world, seller, buyer, sellPayer, buyPayer);
    }

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
