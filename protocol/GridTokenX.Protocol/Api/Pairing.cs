using System.Text.Json.Serialization;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Api;

/// <summary><c>POST /api/gateways/claims</c>, signed by the owner: a code for whoever stands at the gateway.</summary>
/// <param name="Name">What the gateway is to be called, 1–80 characters.</param>
/// <param name="Zone">The grid area of its meters, 1–32 characters as in a meter id.</param>
public sealed record MakeClaimRequest(string Name, string Zone);

/// <param name="Code"><c>GTX-7KQ2-M0XV-9TDA</c>; shown this once.</param>
/// <param name="ExpiresAt">By the real clock.</param>
public sealed record MadeClaim(string Code, DateTimeOffset ExpiresAt);

/// <summary>
/// <c>POST /api/gateways/{gateway}/claim</c>, signed by that gateway, registered or not. The same gateway with the same
/// code again gets the same answer.
/// </summary>
public sealed record ClaimGatewayRequest(string Code);

/// <summary>Whose the gateway is now, and what it may do for him.</summary>
/// <param name="Gateway">The gateway.</param>
/// <param name="Name">As the owner calls it.</param>
/// <param name="Zone">Of the meters that are paired through it.</param>
/// <param name="Owner">The wallet that devices have to consent to.</param>
/// <param name="PairingUntil">By the real clock: until then it may register meters for its owner.</param>
public sealed record ClaimedGateway(
    Key32 Gateway, string Name, string Zone, Key32 Owner, DateTimeOffset PairingUntil);

/// <summary>
/// <c>POST /api/gateways/{gateway}/meters</c>, signed by that gateway while it may register meters for its owner.
/// Answered as the owner's own registration is; the same again gets the same answer.
/// </summary>
/// <param name="MeterId">1–32 characters of A–Z a–z 0–9 - _ .</param>
/// <param name="Device">Its key signs for the meter. At another gateway before: it moves to this one.</param>
/// <param name="Consent">The device's signature over <see cref="Wire.RegistrationBytes"/>.</param>
/// <param name="Replaces">The device at this gateway whose meter it takes over; null for a new meter.</param>
public sealed record PairMeterRequest(
    string MeterId,
    Key32 Device,
    [property: JsonConverter(typeof(Base58SignatureJsonConverter))] byte[] Consent,
    Key32? Replaces = null);

/// <summary>
/// The answer to <c>POST /api/gateways/{gateway}/devices/{device}/confirm</c>, signed by that gateway once the codes
/// have been compared: the cloud sends a command that changes nothing, and the device's answer is the proof.
/// </summary>
/// <param name="Device">Which one.</param>
/// <param name="Paired">It has answered under the key that both agreed on.</param>
public sealed record PairingProof(Key32 Device, bool Paired);

/// <summary><c>GET /api/gateways/{gateway}</c>, signed by its owner, the operator, or itself.</summary>
/// <param name="Gateway">Its key.</param>
/// <param name="Name">As its owner or the operator calls it.</param>
/// <param name="Zone">Of the meters that are paired through it; null when it is the operator's.</param>
/// <param name="Owner">The owner's wallet; null when it is the operator's.</param>
/// <param name="PairingUntil">Until then it may register meters for its owner; null when it may not.</param>
/// <param name="Health">Null before its first summary.</param>
/// <param name="Devices">Those it speaks for, and the revoked ones.</param>
public sealed record GatewayView(
    Key32 Gateway,
    string Name,
    string? Zone,
    Key32? Owner,
    DateTimeOffset? PairingUntil,
    GatewayHealth? Health,
    IReadOnlyList<GatewayDeviceView> Devices);

/// <param name="ReceivedAt">When it last told, by the real clock.</param>
/// <param name="ClockOffsetSeconds">How far its clock is ahead of the cloud's; null while it does not know the
/// time.</param>
/// <param name="Backlog">Readings that are still to come.</param>
/// <param name="OldestPending">When the oldest of them was made.</param>
/// <param name="Quarantined">Readings that were refused.</param>
/// <param name="Alarms">Names of those that were raised.</param>
/// <param name="Version">Of its program; null when it does not tell it.</param>
public sealed record GatewayHealth(
    DateTimeOffset ReceivedAt,
    long? ClockOffsetSeconds,
    long Backlog,
    DateTimeOffset? OldestPending,
    long Quarantined,
    IReadOnlyList<string> Alarms,
    string? Version = null);

/// <param name="Device">Its key.</param>
/// <param name="MeterId">Its meter.</param>
/// <param name="Paired">It has proved that it shares its command key with the cloud.</param>
/// <param name="Revoked">Nothing of it is believed any more.</param>
/// <param name="AcceptedSequence">Of its last reading that counts.</param>
/// <param name="Newest">What its gateway has last seen of it; null for nothing.</param>
public sealed record GatewayDeviceView(
    Key32 Device, string MeterId, bool Paired, bool Revoked, long AcceptedSequence, DeviceSummary? Newest);

/// <summary>On the pairing topic: the device is asked for its consent.</summary>
public sealed record ConsentRequest(Key32 Device, Key32 Owner, Key32 Gateway);

/// <summary>On the pairing topic: the cloud's key for the device.</summary>
public sealed record PairingOffer(Key32 Device, Key32 CloudKey);

/// <summary>On the consent topic: the device's answer, signed at its button.</summary>
public sealed record DeviceConsent(
    Key32 Device,
    Key32 Owner,
    Key32 Gateway,
    [property: JsonConverter(typeof(Base58SignatureJsonConverter))] byte[] Consent);
