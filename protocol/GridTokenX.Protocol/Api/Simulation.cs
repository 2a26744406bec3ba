namespace GridTokenX.Protocol.Api;

/// <summary>
/// <c>POST /simulation/advance</c> (cloud core) and <c>/simulation/time</c> (gateway): sets market time; never back.
/// </summary>
public sealed record AdvanceRequest(DateTimeOffset Now);

/// <summary><c>GET /simulation/status</c> of cloud core: what is still under way at the present market time.</summary>
/// <param name="Now">Market time; null until it has been set after a start.</param>
/// <param name="OutboxPending">Chain transactions not yet final.</param>
/// <param name="OutboxParked">Chain transactions that need a hand.</param>
/// <param name="EventsOutstanding">Confirmed transactions whose events are not applied yet.</param>
/// <param name="LocksUnanswered">Lock commands sent whose device has not answered.</param>
/// <param name="ReadingsAccepted">Readings stored so far.</param>
/// <param name="DeviceStates">The newest state sequence known of each device (Base58).</param>
public sealed record CloudSimulationStatus(
    DateTimeOffset? Now,
    int OutboxPending,
    int OutboxParked,
    int EventsOutstanding,
    int LocksUnanswered,
    long ReadingsAccepted,
    IReadOnlyDictionary<string, long> DeviceStates);

/// <summary><c>GET /status</c> of the gateway.</summary>
/// <param name="Now">Market time.</param>
/// <param name="Backlog">Readings stored and not yet confirmed by the cloud.</param>
/// <param name="Quarantined">Readings the cloud refused.</param>
/// <param name="HomeBroker">Connected to the LAN broker.</param>
/// <param name="CloudBroker">Connected to the cloud's broker.</param>
/// <param name="CloudReachable">The last request to the cloud was answered.</param>
/// <param name="Devices">Devices it speaks for.</param>
/// <param name="Alarm">What needs attention; null for nothing.</param>
public sealed record GatewayStatus(
    DateTimeOffset? Now,
    long Backlog,
    long Quarantined,
    bool HomeBroker,
    bool CloudBroker,
    bool CloudReachable,
    int Devices,
    string? Alarm);
