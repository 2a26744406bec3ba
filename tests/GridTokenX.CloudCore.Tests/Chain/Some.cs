using GridTokenX.CloudCore.Chain;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>Intents that are valid if the chain is as they need it.</summary>
internal static class Some
{
    private static long _lastNumber;

    public static long Number => Interlocked.Increment(ref _lastNumber);

    /// <summary>Unlike any other.</summary>
    public static string MeterId => $"m-{Guid.NewGuid().ToString("N")[..20]}";

    public static Key32 Key => Keypair.Generate().PublicKey.ToKey32();

    public static RegisterUserOnChain User(Keypair wallet, string role = "prosumer") =>
        new(Guid.NewGuid(), wallet.PublicKey.ToKey32(), role);

    /// <summary>Its registers count since a day before.</summary>
    public static RegisterMeterOnChain Meter(Keypair wallet, string meterId, DateTimeOffset now) =>
        new(Guid.NewGuid(), meterId, Key, wallet.PublicKey.ToKey32(), WholeSeconds(now.AddDays(-1)));

    /// <summary>The meter's first, or so much later than the one before that the chain takes it.</summary>
    public static MintEnergy Mint(Keypair wallet, string meterId, long netWh, DateTimeOffset readingAt) => new(
        Guid.NewGuid(),
        meterId,
        wallet.PublicKey.ToKey32(),
        new WattHours(netWh + 100),
        new WattHours(100),
        WholeSeconds(readingAt),
        new WattHours(netWh));

    public static GrantMoney Grant(Keypair wallet, long microGrx) =>
        new(Guid.NewGuid(), wallet.PublicKey.ToKey32(), new MicroGrx(microGrx));

    /// <summary>Of a managed wallet.</summary>
    public static PlaceOrder Order(Keypair wallet, string side, long wh, long price, DateTimeOffset expiresAt)
    {
        var id = Guid.NewGuid();
        var number = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
        return new PlaceOrder(
            id,
            id,
            wallet.PublicKey.ToKey32(),
            side,
            number,
            new WattHours(wh),
            new PricePerKwh(price),
            WholeSeconds(expiresAt),
            Transaction: null);
    }

    public static SettleTrade Settlement(
        PlaceOrder sell, PlaceOrder buy, long wh, long price, Key32 rentPayer, long? number = null) => new(
        Guid.NewGuid(),
        number ?? Number,
        new WattHours(wh),
        new PricePerKwh(price),
        new SettledOrder(sell.Wallet, sell.ChainOrderId, rentPayer),
        new SettledOrder(buy.Wallet, buy.ChainOrderId, rentPayer));

    public static ReleaseOrder Release(PlaceOrder order, Key32 rentPayer) =>
        new(Guid.NewGuid(), order.Order, order.Wallet, rentPayer, order.Side, order.ChainOrderId);

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
