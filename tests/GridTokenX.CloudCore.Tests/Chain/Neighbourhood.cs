using GridTokenX.CloudCore.Chain;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>Brings the chain to where a test begins, through a running process.</summary>
internal static class Neighbourhood
{
    /// <summary>A wallet of a registered user, with SOL; the server can sign for it.</summary>
    public static async Task<Keypair> CreateUserAsync(this ChainRig rig, CloudProcess process)
    {
        var wallet = Keypair.Generate();
        rig.Managed.Add(wallet);
        var airdrop = await rig.Rpc.RequestAirdropAsync(wallet.PublicKey, 1_000_000_000);
        await Eventually.HoldsAsync(async () => (await rig.Rpc.GetSignatureStatusesAsync([airdrop]))[0] is not null);
        await rig.DoAsync(process, Some.User(wallet));
        return wallet;
    }

    /// <summary>A seller with so much GRID from a meter.</summary>
    public static async Task<Keypair> CreateSellerAsync(this ChainRig rig, CloudProcess process, long wh)
    {
        var wallet = await rig.CreateUserAsync(process);
        var meter = Some.MeterId;
        await rig.DoAsync(process, Some.Meter(wallet, meter, Now));
        await rig.DoAsync(process, Some.Mint(wallet, meter, wh, Now));
        return wallet;
    }

    /// <summary>A buyer with so much GRX.</summary>
    public static async Task<Keypair> CreateBuyerAsync(this ChainRig rig, CloudProcess process, long microGrx)
    {
        var wallet = await rig.CreateUserAsync(process);
        await rig.DoAsync(process, Some.Grant(wallet, microGrx));
        return wallet;
    }

    public static async Task<PlaceOrder> PlaceAsync(
        this ChainRig rig, CloudProcess process, Keypair wallet, string side, long wh, long price)
    {
        var order = Some.Order(wallet, side, wh, price, Now.AddDays(1));
        await rig.DoAsync(process, order);
        return order;
    }

    /// <summary>A seller and a buyer with an order each, over 10 Wh, the sell order at 4,000 µGRX/kWh.</summary>
    public static async Task<(Keypair Seller, Keypair Buyer, PlaceOrder Sell, PlaceOrder Buy)> CreatePairAsync(
        this ChainRig rig, CloudProcess process, long bid = 4_000)
    {
        var seller = await rig.CreateSellerAsync(process, 10);
        var buyer = await rig.CreateBuyerAsync(process, 1_000);
        var sell = await rig.PlaceAsync(process, seller, "sell", 10, 4_000);
        return (seller, buyer, sell, await rig.PlaceAsync(process, buyer, "buy", 10, bid));
    }

    /// <summary>The same order with a transaction that its owner signed and pays for.</summary>
    public static async Task<PlaceOrder> SignedByOwnerAsync(
        this ChainRig rig, CloudProcess process, Keypair wallet, PlaceOrder order)
    {
        var latest = await rig.Rpc.GetLatestBlockhashAsync();
        var create = process.Programs.Trading.CreateOrder(
            IntentInstructions.SideOf(order.Side),
            wallet.PublicKey,
            wallet.PublicKey,
            IntentInstructions.TermsOf(order));
        var message = Message.CompileLegacy(wallet.PublicKey, latest.Blockhash, create);
        return order with { Transaction = new Transaction(message).Sign(wallet).ToBase64() };
    }

    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public static Key32 Sponsor(this CloudProcess process) => process.Chain.Sponsor;
}
