using System.Text.Json.Serialization;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Api;

/// <summary>
/// <c>POST /api/users</c>. The key that signs is the user's access key: it signs all the user's requests.
/// </summary>
/// <param name="Name">1–80 characters.</param>
/// <param name="Role"><c>prosumer</c> or <c>consumer</c>.</param>
/// <param name="Wallet"><c>own</c>, the default: the access key is the wallet. <c>managed</c>: the server makes a
/// wallet and signs for it on chain.</param>
public sealed record RegisterUserRequest(string Name, string Role, string? Wallet = null);

/// <param name="Id">Server's id.</param>
/// <param name="Name">As registered.</param>
/// <param name="Role"><c>prosumer</c> or <c>consumer</c>.</param>
/// <param name="Wallet">The address on chain.</param>
/// <param name="AccessKey">Signs the user's requests; the wallet itself unless that is managed.</param>
/// <param name="Verified">May submit readings and trade.</param>
/// <param name="RegisteredOnChain">May trade now.</param>
public sealed record UserView(
    Guid Id, string Name, string Role, Key32 Wallet, Key32 AccessKey, bool Verified, bool RegisteredOnChain);

/// <summary>The answer to <c>POST /api/wallets/export</c>, signed by the access key of a managed wallet.</summary>
/// <param name="Wallet">Whose secret it is.</param>
/// <param name="SealedSecret">Base64: the 64 bytes of a Solana key file in a libsodium sealed box
/// (<c>crypto_box_seal</c>) to the X25519 form of the access key; 112 bytes.</param>
/// <param name="ExportedAt">Market time of this export; the newest is kept.</param>
public sealed record WalletExport(Key32 Wallet, byte[] SealedSecret, DateTimeOffset ExportedAt);

/// <summary><c>POST /api/gateways</c>, signed by the operator.</summary>
public sealed record RegisterGatewayRequest(Key32 Gateway, string Name);

/// <summary><c>POST /api/meters</c>, signed by the owner.</summary>
/// <param name="MeterId">1–32 characters of A–Z a–z 0–9 - _ .</param>
/// <param name="Device">The ESP32 whose key signs for the meter.</param>
/// <param name="Zone">The grid area, 1–32 characters as in a meter id.</param>
/// <param name="Gateway">The gateway the device talks to.</param>
/// <param name="Consent">The device's signature over <see cref="Wire.RegistrationBytes"/>.</param>
/// <param name="Replaces">The device whose meter it takes over; null for a new meter, or one that moves to another
/// gateway with its device.</param>
public sealed record RegisterMeterRequest(
    string MeterId,
    Key32 Device,
    string Zone,
    Key32 Gateway,
    [property: JsonConverter(typeof(Base58SignatureJsonConverter))] byte[] Consent,
    Key32? Replaces = null);

/// <summary>The answer; asking again with the same request gives the same answer.</summary>
/// <param name="MeterId">As asked.</param>
/// <param name="Device">As asked.</param>
/// <param name="CloudKey">The cloud's X25519 key for this device; goes to the device, through anybody.</param>
/// <param name="PairingCode">What the installer compares with the device's, <c>7KQ2-M0XV-9TDA</c>.</param>
public sealed record RegisterMeterResponse(string MeterId, Key32 Device, Key32 CloudKey, string PairingCode);

/// <param name="MeterId">1–32 characters.</param>
/// <param name="Device">Whose key signs for it now.</param>
/// <param name="Owner">The owner's wallet.</param>
/// <param name="Zone">The grid area.</param>
/// <param name="LastSequence">Of the device's last reading that counts; 0 before the first.</param>
/// <param name="LastReadingAt">When that was made.</param>
/// <param name="ProductionKwh">Of all its devices since it was registered.</param>
/// <param name="ConsumptionKwh">Likewise.</param>
/// <param name="MintedKwh">What of the net generation became GRID.</param>
/// <param name="RegisteredOnChain">May be minted for.</param>
/// <param name="Gateway">The gateway its device speaks through.</param>
/// <param name="Paired">The device has proved that it shares its command key with the cloud.</param>
/// <param name="PairingCode">What the device must show before its second press, by the cloud's own word.</param>
/// <param name="RevokedAt">Since then nothing of its device is believed; null while it is in service.</param>
public sealed record MeterView(
    string MeterId,
    Key32 Device,
    Key32 Owner,
    string Zone,
    long LastSequence,
    DateTimeOffset? LastReadingAt,
    decimal ProductionKwh,
    decimal ConsumptionKwh,
    decimal MintedKwh,
    bool RegisteredOnChain,
    Key32? Gateway = null,
    bool Paired = false,
    string? PairingCode = null,
    DateTimeOffset? RevokedAt = null);

/// <summary>One row of <c>GET /api/gateways/{gateway}/devices</c>: the devices this gateway speaks for.</summary>
public sealed record GatewayDevice(Key32 Device, string MeterId);
