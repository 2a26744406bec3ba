using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Api;

/// <summary><c>GET /api/trading/orders</c>: one's own, newest first.</summary>
public sealed record OwnOrderList(IReadOnlyList<OrderView> Orders, string? Next);

/// <param name="SettlementId">Server's id.</param>
/// <param name="Number">Its number on chain; a decimal number.</param>
/// <param name="MatchId">Of the trade.</param>
/// <param name="Direction"><c>sold</c> or <c>bought</c>.</param>
/// <param name="Epoch">In which it was matched.</param>
/// <param name="Zone">Where.</param>
/// <param name="AmountKwh">Energy.</param>
/// <param name="TotalGrx">What the buyer pays.</param>
/// <param name="FeeGrx">The platform's part of it.</param>
/// <param name="NetGrx">What the seller receives.</param>
/// <param name="Status"><c>pending</c>, <c>completed</c> or <c>failed</c>.</param>
/// <param name="TxSignature">On-chain proof; null until there is one.</param>
/// <param name="CreatedAt">Market time.</param>
/// <param name="CompletedAt">Market time.</param>
public sealed record SettlementView(
    Guid SettlementId,
    string Number,
    Guid MatchId,
    string Direction,
    long Epoch,
    string Zone,
    decimal AmountKwh,
    decimal TotalGrx,
    decimal FeeGrx,
    decimal NetGrx,
    string Status,
    string? TxSignature,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt);

/// <summary><c>GET /api/settlements</c>, newest first.</summary>
public sealed record SettlementList(IReadOnlyList<SettlementView> Settlements, string? Next);

/// <summary>What a device is to hold for a sell order.</summary>
/// <param name="OrderId">The sell order.</param>
/// <param name="Device">Whose battery.</param>
/// <param name="EnergyKwh">What it is to hold.</param>
/// <param name="AcknowledgedKwh">What it holds.</param>
/// <param name="DeliveredKwh">What it has delivered under locks that have ended.</param>
/// <param name="Status"><c>queued sent acknowledged rejected released expired</c>.</param>
/// <param name="Refusal">Why the device refused.</param>
/// <param name="ExpiresAt">Market time.</param>
public sealed record LockView(
    Guid OrderId,
    Key32 Device,
    decimal EnergyKwh,
    decimal AcknowledgedKwh,
    decimal DeliveredKwh,
    string Status,
    string? Refusal,
    DateTimeOffset ExpiresAt);

/// <summary><c>GET /api/locks</c>, those of the newest orders first.</summary>
public sealed record LockList(IReadOnlyList<LockView> Locks, string? Next);

/// <summary>An accepted reading; the registers count since the installation.</summary>
public sealed record ReadingView(
    string MeterId,
    long Sequence,
    DateTimeOffset Timestamp,
    decimal ProductionKwh,
    decimal ConsumptionKwh,
    int? SocPermille,
    int Flags,
    long IntervalS);

/// <summary><c>GET /api/readings</c>, newest first within each meter.</summary>
public sealed record ReadingList(IReadOnlyList<ReadingView> Readings, string? Next);

/// <summary><c>GET /api/meters</c>: one's own.</summary>
public sealed record MeterList(IReadOnlyList<MeterView> Meters);

/// <summary>GRID that was minted for a meter.</summary>
/// <param name="MintId">Server's id.</param>
/// <param name="MeterId">For which.</param>
/// <param name="AmountKwh">1 kWh is 1 GRID.</param>
/// <param name="Status"><c>pending</c> or <c>completed</c>.</param>
/// <param name="TxSignature">On-chain proof; null until there is one.</param>
/// <param name="CreatedAt">Market time.</param>
/// <param name="CompletedAt">Market time.</param>
public sealed record MintView(
    Guid MintId,
    string MeterId,
    decimal AmountKwh,
    string Status,
    string? TxSignature,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt);

/// <summary><c>GET /api/mints</c>, newest first.</summary>
public sealed record MintList(IReadOnlyList<MintView> Mints, string? Next);
