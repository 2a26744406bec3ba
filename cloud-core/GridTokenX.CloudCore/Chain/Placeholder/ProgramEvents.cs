using GridTokenX.Solana;

// Stands in until GridTokenX.Programs is merged, and goes with that merge.
namespace GridTokenX.Programs.Events;

public abstract record ProgramEvent;

public sealed record UserRegistered(PublicKey Wallet, byte UserType, long Timestamp) : ProgramEvent;

public sealed record MeterRegistered(string MeterId, PublicKey Owner, PublicKey Device, long Timestamp) : ProgramEvent;

public sealed record MeterBalanceSettled(
    string MeterId, PublicKey Owner, ulong NewTokens, ulong TotalSettled, long Timestamp, bool Minted) : ProgramEvent;

public sealed record MeterDeactivated(string MeterId, PublicKey Owner, long Timestamp) : ProgramEvent;

public sealed record TokensRetired(PublicKey Owner, ulong Amount, long Timestamp) : ProgramEvent;

public sealed record OrderCreated(
    PublicKey Order, ulong OrderId, PublicKey Owner, byte Side, ulong Amount, ulong Price, long ExpiresAt,
    long Timestamp) : ProgramEvent;

public sealed record TradeExecuted(
    ulong SettlementId, ulong OrderId, ulong BuyOrderId, PublicKey Seller, PublicKey Buyer, ulong AmountTokens,
    ulong Price, ulong TotalPrice, ulong Fee, long Timestamp) : ProgramEvent;

public sealed record OrderCancelled(
    PublicKey Order, ulong OrderId, PublicKey Owner, byte Side, ulong Refunded, byte Reason, long Timestamp)
    : ProgramEvent;
