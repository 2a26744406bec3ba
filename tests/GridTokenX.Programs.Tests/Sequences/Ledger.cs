using System.Collections.Immutable;
using System.Numerics;

namespace GridTokenX.Programs.Tests.Sequences;

/// <summary>What a trader has, and his meter. The amounts are exact whatever their size.</summary>
internal sealed record Holdings(
    BigInteger Grid, BigInteger Grx, BigInteger Lamports, BigInteger Production, BigInteger Consumption,
    BigInteger Settled, long LastReadingAt, int Readings)
{
    public BigInteger Unsettled => BigInteger.Max(
        BigInteger.Max(Production - Consumption, BigInteger.Zero) - Settled, BigInteger.Zero);
}

/// <param name="Owner">Which of the traders.</param>
internal readonly record struct OrderKey(int Owner, ulong Id);

/// <param name="Payer">Which of the traders paid the rent.</param>
internal sealed record OpenOrder(
    OrderSide Side, int Payer, BigInteger Amount, BigInteger Filled, BigInteger Price, BigInteger Escrowed,
    long CreatedAt, long ExpiresAt, int FeeBasisPoints)
{
    public BigInteger Rest => Amount - Filled;
}

/// <summary>The plain model of everything that the programs keep: what must be on the chain after every step.
/// </summary>
internal sealed record Ledger
{
    public const long OrderRent = 1_837_440;

    public required ImmutableArray<Holdings> Traders { get; init; }

    public required BigInteger Supply { get; init; }

    public required BigInteger Fees { get; init; }

    public required long Now { get; init; }

    public ImmutableDictionary<OrderKey, OpenOrder> Orders { get; init; } =
        ImmutableDictionary<OrderKey, OpenOrder>.Empty;

    public ImmutableHashSet<ulong> Settlements { get; init; } = [];

    public BigInteger GridVault { get; init; }

    public BigInteger GrxVault { get; init; }

    public int FeeBasisPoints { get; init; }

    public BigInteger MinPrice { get; init; }

    public BigInteger MaxPrice { get; init; }

    public bool IsInMaintenance { get; init; }

    public BigInteger Vault(OrderSide side) => side == OrderSide.Sell ? GridVault : GrxVault;

    public Ledger With(int trader, Func<Holdings, Holdings> change) =>
        this with { Traders = Traders.SetItem(trader, change(Traders[trader])) };

    public Ledger WithVault(OrderSide side, BigInteger change) => side == OrderSide.Sell
        ? this with { GridVault = GridVault + change }
        : this with { GrxVault = GrxVault + change };

    /// <summary>Into the trader's account of what such an order escrows.</summary>
    public Ledger Credit(int trader, OrderSide side, BigInteger amount) => With(trader, has => side == OrderSide.Sell
        ? has with { Grid = has.Grid + amount }
        : has with { Grx = has.Grx + amount });

    /// <summary>The order is gone; its rent is back.</summary>
    public Ledger Without(OrderKey key) =>
        (this with { Orders = Orders.Remove(key) }).With(
            Orders[key].Payer, has => has with { Lamports = has.Lamports + OrderRent });
}
