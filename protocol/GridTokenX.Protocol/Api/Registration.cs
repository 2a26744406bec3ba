using System.Text.Json.Serialization;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Api;

/// <summary><c>POST /api/users</c>, signed by the wallet that becomes the user's.</summary>
/// <param name="Name">1–80 characters.</param>
/// <param name="Role"><c>prosumer</c> or <c>consumer</c>.</param>
public sealed record RegisterUserRequest(string Name, string Role);

public sealed record UserView(Guid Id, string Name, string Role, Key32 Wallet, bool Verified);

/// <summary><c>POST /api/gateways</c>, signed by the operator.</summary>
public sealed record RegisterGatewayRequest(Key32 Gateway, string Name);

/// <summary><c>POST /api/meters</c>, signed by the owner's wallet.</summary>
/// <param name="MeterId">1–64 characters of A–Z a–z 0–9 - _ .</param>
/// <param name="Device">The ESP32 whose key signs for the meter.</param>
/// <param name="Zone">The grid area, 1–32 characters as in a meter id.</param>
/// <param name="Gateway">The gateway the device talks to.</param>
/// <param name="Consent">The device's signature over <see cref="Wire.RegistrationBytes"/>.</param>
public sealed record RegisterMeterRequest(
    string MeterId,
    Key32 Device,
    string Zone,
    Key32 Gateway,
    [property: JsonConverter(typeof(Base58SignatureJsonConverter))] byte[] Consent);

/// <summary>The answer; asking again with the same request gives the same answer.</summary>
/// <param name="MeterId">As asked.</param>
/// <param name="Device">As asked.</param>
/// <param name="CommandKey">32 bytes, Base64: goes to the device, to nobody else.</param>
public sealed record RegisterMeterResponse(string MeterId, Key32 Device, byte[] CommandKey);

public sealed record MeterView(
    string MeterId,
    Key32 Device,
    Key32 Owner,
    string Zone,
    long LastSequence,
    DateTimeOffset? LastReadingAt,
    decimal ProductionKwh,
    decimal ConsumptionKwh,
    decimal MintedKwh);

/// <summary>One row of <c>GET /api/gateways/{gateway}/devices</c>: the devices this gateway speaks for.</summary>
public sealed record GatewayDevice(Key32 Device, string MeterId);
