using GridTokenX.Solana;

namespace GridTokenX.Programs;

/// <summary>The values are the trading program's.</summary>
public enum OrderSide
{
    Buy = 0,
    Sell = 1,
}

/// <summary>What an owner asks for. Escrowed: of a sell order the amount, of a buy order its value.</summary>
/// <param name="OrderId">Unique among the owner's open orders.</param>
/// <param name="Amount">GRID base units, at least 10^6 (1 Wh).</param>
/// <param name="Price">µGRX per kWh; the least of a sell order, the most of a buy order.</param>
/// <param name="ExpiresAt">Unix seconds.</param>
public sealed record OrderTerms(ulong OrderId, ulong Amount, ulong Price, long ExpiresAt);

/// <summary>Whose order it is and who gets its rent back.</summary>
public sealed record OrderReference(PublicKey Owner, ulong OrderId, PublicKey RentPayer);

/// <summary>An order to be closed: its rest goes to the owner, its rent to who paid it.</summary>
/// <param name="RefundAccount">The owner's token account; the associated one when null, and always when anybody may
/// close the order because it has expired.</param>
public sealed record OrderClosing(
    PublicKey Owner, ulong OrderId, OrderSide Side, PublicKey RentPayer, PublicKey? RefundAccount = null);

/// <summary>A share of a sell order and of a buy order, at a price within both limits.</summary>
/// <param name="Id">Used once in the whole market.</param>
/// <param name="Amount">GRID base units.</param>
/// <param name="Price">µGRX per kWh.</param>
public sealed record MatchSettlement(ulong Id, ulong Amount, ulong Price, OrderReference Sell, OrderReference Buy);

/// <summary>A consumer takes a share of a listed sell order at its price.</summary>
/// <param name="SettlementId">Used once in the whole market.</param>
/// <param name="Amount">GRID base units.</param>
/// <param name="MaxPrice">µGRX per kWh: refused when the order asks for more.</param>
public sealed record DirectPurchase(
    ulong SettlementId, ulong Amount, ulong MaxPrice, PublicKey Buyer, OrderReference Sell);

/// <summary>What the admin decides about the market.</summary>
/// <param name="FeeBasisPoints">Of a trade's value, at most 1,000.</param>
/// <param name="MinPrice">µGRX per kWh, at least 1.</param>
/// <param name="MaxPrice">µGRX per kWh.</param>
/// <param name="Matchers">Who may settle: 1 to 4 different keys.</param>
public sealed record MarketSettings(
    ushort FeeBasisPoints, ulong MinPrice, ulong MaxPrice, IReadOnlyList<PublicKey> Matchers);
