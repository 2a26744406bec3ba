using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Api;

/// <summary>
/// <c>POST /api/gateways/{gateway}/summary</c>, signed by the gateway: how it is and what its devices last said, so
/// that the view of them is fresh while a backlog drains. It settles nothing: readings count only when they arrive.
/// </summary>
/// <param name="SentAt">The gateway's time; null while it does not know it.</param>
/// <param name="Backlog">Readings that are still to come.</param>
/// <param name="OldestPending">When the oldest of them was made.</param>
/// <param name="Quarantined">Readings that were refused.</param>
/// <param name="Alarms">Names of the alarms that are raised.</param>
/// <param name="Devices">At most 1,000.</param>
/// <param name="Version">Of the gateway's program; null from one that does not tell it yet.</param>
public sealed record GatewaySummary(
    DateTimeOffset? SentAt,
    long Backlog,
    DateTimeOffset? OldestPending,
    long Quarantined,
    IReadOnlyList<string> Alarms,
    IReadOnlyList<DeviceSummary> Devices,
    string? Version = null);

/// <param name="Device">Its key.</param>
/// <param name="Online">Null while nothing was heard of it.</param>
/// <param name="LastSequence">Of its newest reading at the gateway; 0 for none.</param>
/// <param name="LastReadingAt">When that was made.</param>
/// <param name="SocPermille">Its battery then; null without one.</param>
/// <param name="ClockOffsetSeconds">How far its clock is off; null when it is right.</param>
public sealed record DeviceSummary(
    Key32 Device,
    bool? Online,
    long LastSequence,
    DateTimeOffset? LastReadingAt,
    int? SocPermille,
    long? ClockOffsetSeconds);

/// <summary>The answer to a summary.</summary>
/// <param name="Now">The cloud's market time.</param>
public sealed record SummaryReceipt(DateTimeOffset? Now);
