using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Api;

/// <summary>
/// <c>GET /api/gateways</c>: one's own; all of them for an operator who names no <c>wallet</c>. By key; <c>Next</c> is
/// the cursor of the next page, null at the end.
/// </summary>
public sealed record GatewayList(IReadOnlyList<GatewayListing> Gateways, string? Next);

/// <param name="Gateway">Its key.</param>
/// <param name="Name">As its owner or the operator calls it.</param>
/// <param name="Zone">Of the meters that are paired through it; null when it is the operator's.</param>
/// <param name="Owner">The owner's wallet; null when it is the operator's.</param>
/// <param name="PairingUntil">Until then it may register meters for its owner; null when it may not.</param>
/// <param name="Health">What it last told; null before its first summary.</param>
/// <param name="Devices">In service.</param>
/// <param name="DevicesOnline">Of them, what it last saw online.</param>
public sealed record GatewayListing(
    Key32 Gateway,
    string Name,
    string? Zone,
    Key32? Owner,
    DateTimeOffset? PairingUntil,
    GatewayHealth? Health,
    long Devices,
    long DevicesOnline);

/// <summary>
/// <c>GET /api/operator/devices</c>, by meter; <c>Next</c> is the cursor of the next page, null at the end.
/// </summary>
public sealed record DeviceList(IReadOnlyList<DeviceListing> Devices, string? Next);

/// <param name="Device">Its key.</param>
/// <param name="MeterId">Its meter.</param>
/// <param name="Zone">The grid area.</param>
/// <param name="Owner">The owner's wallet.</param>
/// <param name="OwnerName">As he has registered.</param>
/// <param name="Gateway">Through which it speaks.</param>
/// <param name="Paired">It has proved that it shares its command key with the cloud.</param>
/// <param name="RevokedAt">Since then nothing of it is believed; null while it is in service.</param>
/// <param name="AcceptedSequence">Of its last reading that counts; 0 before the first.</param>
/// <param name="LastReadingAt">When that was made, market time.</param>
/// <param name="Newest">What its gateway has last seen of it; null for nothing.</param>
public sealed record DeviceListing(
    Key32 Device,
    string MeterId,
    string Zone,
    Key32 Owner,
    string OwnerName,
    Key32 Gateway,
    bool Paired,
    DateTimeOffset? RevokedAt,
    long AcceptedSequence,
    DateTimeOffset? LastReadingAt,
    DeviceSummary? Newest);

/// <summary>
/// <c>GET /api/operator/users?verified=</c>, the newest first; <c>Next</c> is the cursor of the next page, null at the
/// end.
/// </summary>
public sealed record UserList(IReadOnlyList<UserView> Users, string? Next);

/// <summary><c>GET /api/operator/health</c>: how everything is, at one look.</summary>
/// <param name="Status">The worst of the parts: <c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</param>
/// <param name="Parts">By name.</param>
/// <param name="Maintenance">Whether new orders are refused.</param>
/// <param name="LiveClients">Watching this process.</param>
public sealed record OperationsHealth(
    string Status, IReadOnlyList<PartHealth> Parts, MaintenanceView Maintenance, int LiveClients);

/// <param name="Name"><c>chain</c>, <c>database</c>, <c>devices</c>, <c>gateways</c>, <c>outbox</c>,
/// <c>workers</c>.</param>
/// <param name="Status"><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</param>
/// <param name="Detail">What is the matter, or how many there are.</param>
public sealed record PartHealth(string Name, string Status, string? Detail);

/// <summary><c>GET /api/operator/maintenance</c>, and the answer to a change.</summary>
/// <param name="Enabled">New orders are refused; everything else goes on.</param>
/// <param name="Reason">As the operator put it.</param>
/// <param name="Since">Wall time of the last change; null when there was none.</param>
/// <param name="By">Whose key changed it.</param>
public sealed record MaintenanceView(bool Enabled, string? Reason, DateTimeOffset? Since, Key32? By);

/// <summary><c>PUT /api/operator/maintenance</c>. The same again changes nothing.</summary>
/// <param name="Enabled">Whether new orders are to be refused.</param>
/// <param name="Reason">At most 200 characters, shown to whoever is refused.</param>
public sealed record MaintenanceRequest(bool Enabled, string? Reason = null);
