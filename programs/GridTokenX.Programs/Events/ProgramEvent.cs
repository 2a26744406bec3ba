using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Wire;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Events;

/// <summary>Something that one of the programs did.</summary>
/// <param name="Timestamp">The chain's clock, Unix seconds.</param>
public abstract record ProgramEvent(long Timestamp);

public sealed record UserRegistered(PublicKey Wallet, UserType Type, long Timestamp) : ProgramEvent(Timestamp)
{
    internal static UserRegistered Read(ref BorshReader reader) =>
        new(reader.Key(), UserAccount.ReadType(reader.U8()), reader.I64());
}

public sealed record MeterRegistered(string MeterId, PublicKey Owner, PublicKey Device, long Timestamp)
    : ProgramEvent(Timestamp)
{
    internal static MeterRegistered Read(ref BorshReader reader) =>
        new(reader.Text(Programs.MeterId.MaxLength), reader.Key(), reader.Key(), reader.I64());
}

/// <param name="Settled">Wh settled now.</param>
/// <param name="TotalSettled">Wh settled in all.</param>
/// <param name="Minted">Whether GRID was minted for it; else the owner settled it elsewhere.</param>
public sealed record MeterBalanceSettled(
    string MeterId, PublicKey Owner, ulong Settled, ulong TotalSettled, long Timestamp, bool Minted)
    : ProgramEvent(Timestamp)
{
    internal static MeterBalanceSettled Read(ref BorshReader reader) => new(
        reader.Text(Programs.MeterId.MaxLength), reader.Key(), reader.U64(), reader.U64(), reader.I64(),
        reader.Bool());
}

public sealed record MeterDeactivated(string MeterId, PublicKey Owner, long Timestamp) : ProgramEvent(Timestamp)
{
    internal static MeterDeactivated Read(ref BorshReader reader) =>
        new(reader.Text(Programs.MeterId.MaxLength), reader.Key(), reader.I64());
}

/// <param name="Amount">GRID base units.</param>
public sealed record TokensRetired(PublicKey Owner, ulong Amount, long Timestamp) : ProgramEvent(Timestamp)
{
    internal static TokensRetired Read(ref BorshReader reader) => new(reader.Key(), reader.U64(), reader.I64());
}

/// <param name="Amount">GRID base units.</param>
/// <param name="Price">µGRX per kWh.</param>
/// <param name="ExpiresAt">Unix seconds.</param>
public sealed record OrderCreated(
    PublicKey Order, ulong OrderId, PublicKey Owner, OrderSide Side, ulong Amount, ulong Price, long ExpiresAt,
    long Timestamp) : ProgramEvent(Timestamp)
{
    internal static OrderCreated Read(ref BorshReader reader) => new(
        reader.Key(), reader.U64(), reader.Key(), OrderAccount.ReadSide(reader.U8()), reader.U64(), reader.U64(),
        reader.I64(), reader.I64());
}

/// <summary>The values are the trading program's.</summary>
public enum OrderClosingReason
{
    Cancelled = 0,
    Expired = 1,
    Released = 2,
}

/// <param name="Refunded">GRID base units of a sell order, µGRX of a buy order.</param>
public sealed record OrderCancelled(
    PublicKey Order, ulong OrderId, PublicKey Owner, OrderSide Side, ulong Refunded, OrderClosingReason Reason,
    long Timestamp) : ProgramEvent(Timestamp)
{
    internal static OrderCancelled Read(ref BorshReader reader) => new(
        reader.Key(), reader.U64(), reader.Key(), OrderAccount.ReadSide(reader.U8()), reader.U64(),
        ReadReason(reader.U8()), reader.I64());

    private static OrderClosingReason ReadReason(byte value) => value <= 2
        ? (OrderClosingReason)value
        : throw new FormatException("An order is cancelled for the reason 0, 1 or 2.");
}

/// <param name="SellOrderId">Of the seller's order.</param>
/// <param name="BuyOrderId">Of the buyer's order, 0 when the buyer took a listed order.</param>
/// <param name="Amount">GRID base units.</param>
/// <param name="Price">µGRX per kWh.</param>
/// <param name="Value">µGRX that the buyer paid.</param>
/// <param name="Fee">µGRX of the value that went to the fee account.</param>
public sealed record TradeExecuted(
    ulong SettlementId, ulong SellOrderId, ulong BuyOrderId, PublicKey Seller, PublicKey Buyer, ulong Amount,
    ulong Price, ulong Value, ulong Fee, long Timestamp) : ProgramEvent(Timestamp)
{
    internal static TradeExecuted Read(ref BorshReader reader) => new(
        reader.U64(), reader.U64(), reader.U64(), reader.Key(), reader.Key(), reader.U64(), reader.U64(),
        reader.U64(), reader.U64(), reader.I64());
}
