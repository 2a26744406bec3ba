namespace GridTokenX.Protocol.Api;

/// <summary>
/// <c>GET /api/operator/report</c>: totals since the beginning, for an operator and for the demo's report.
/// </summary>
public sealed record OperatorReport(
    ReadingTotals Readings,
    EnergyTotals Energy,
    OrderTotals Orders,
    long Matches,
    EpochTotals Epochs,
    SettlementTotals Settlements,
    LockTotals Locks,
    ChainTotals Chain,
    MarketTotals Market,
    EffectTotals Effects);

/// <param name="Accepted">Stored.</param>
/// <param name="RejectedByCode">Refused, by problem code.</param>
public sealed record ReadingTotals(long Accepted, IReadOnlyDictionary<string, long> RejectedByCode);

/// <param name="ProducedWh">By the meters' registers.</param>
/// <param name="ConsumedWh">Likewise.</param>
/// <param name="NetWh">The one less the other.</param>
/// <param name="MintedWh">Became GRID.</param>
/// <param name="RetiredGrid">
/// GRID that was burned, base units: what is minted less this is the supply. Whoever's wallet it was, the platform's
/// or an owner's own.
/// </param>
public sealed record EnergyTotals(long ProducedWh, long ConsumedWh, long NetWh, long MintedWh, long RetiredGrid);

public sealed record OrderTotals(
    long Sell, long Buy, long Filled, long PartiallyFilled, long Cancelled, long Expired, long Rejected);

/// <summary>Epochs with at least the status; a settled one is also cleared.</summary>
public sealed record EpochTotals(long Cleared, long Settled);

/// <param name="Completed">On chain.</param>
/// <param name="Failed">Refused for good, as an owner had cancelled on chain: what was matched goes back.</param>
/// <param name="Pending">On their way, or parked for a hand.</param>
/// <param name="ValueUgrx">Of the completed ones.</param>
/// <param name="FeeUgrx">Of the completed ones.</param>
public sealed record SettlementTotals(long Completed, long Failed, long Pending, long ValueUgrx, long FeeUgrx);

/// <param name="Queued">Waiting for the device's present lock to end.</param>
/// <param name="Sent">Commands sent (a repeated one counts once).</param>
/// <param name="Acknowledged">Accepted by the device.</param>
/// <param name="Rejected">Refused by the device.</param>
/// <param name="Released">Ended: delivered, released or expired on the device.</param>
/// <param name="Expired">Never answered, or never sent, before expiry.</param>
public sealed record LockTotals(long Queued, long Sent, long Acknowledged, long Rejected, long Released, long Expired);

public sealed record ChainTotals(long Transactions, long Failed, long Pending);

/// <summary>
/// Shares of the theoretical maximum from the merit order of each epoch's orders; null before the first trade.
/// </summary>
public sealed record MarketTotals(decimal? WelfareRatio, decimal? VolumeRatio);

/// <summary><c>GET /api/operator/reconciliation</c>: the database against the chain.</summary>
/// <param name="Matches">No difference at all but those from outside.</param>
/// <param name="Checked">How many accounts and totals were compared.</param>
/// <param name="Pending">
/// Chain transactions that were under way meanwhile; only with 0 of them is a difference certain to be one.
/// </param>
/// <param name="Differences">The first 1,000 of them.</param>
/// <param name="Outside">
/// The first 1,000 that come from what owners did with their own tokens, past the platform: not a fault of anybody.
/// </param>
public sealed record ReconciliationReport(
    bool Matches,
    int Checked,
    int Pending,
    IReadOnlyList<ReconciliationDifference> Differences,
    IReadOnlyList<ReconciliationDifference> Outside);

/// <param name="What">Which account, balance or total.</param>
/// <param name="Database">By our books, in the chain's units.</param>
/// <param name="Chain">On chain.</param>
public sealed record ReconciliationDifference(string What, decimal Database, decimal Chain);
