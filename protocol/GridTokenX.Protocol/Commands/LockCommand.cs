using System.Security.Cryptography;
using System.Text.Json.Serialization;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Protocol.Commands;

[JsonConverter(typeof(WordJsonConverter<CommandKind>))]
public enum CommandKind
{
    [JsonStringEnumMemberName("none")] None = 0,
    [JsonStringEnumMemberName("lock")] Lock = CommandBytes.KindLock,
    [JsonStringEnumMemberName("release")] Release = CommandBytes.KindRelease,
}

/// <summary>
/// Cloud → device: hold energy of the battery for a sell order, or let it go. Authenticated with the device's command
/// key, which the gateway in between does not have. A second lock for the same order sets a new total.
/// </summary>
public sealed record LockCommand
{
    public required Key32 Device { get; init; }

    /// <summary>Strictly increasing per device; from 1.</summary>
    public required long Counter { get; init; }

    public required CommandKind Kind { get; init; }

    /// <summary>The sell order.</summary>
    public required Guid Order { get; init; }

    /// <summary>Energy to hold for the order in all, Wh; 0 with a release.</summary>
    public required long EnergyWh { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long Expires { get; init; }

    /// <summary>HMAC-SHA256 over the canonical bytes; 32 bytes, Base58 in JSON.</summary>
    [JsonConverter(typeof(Base58MacJsonConverter))]
    public byte[] Mac { get; init; } = [];

    public byte[] CanonicalBytes()
    {
        var bytes = new byte[CommandBytes.Length];
        CommandBytes.Write(
            bytes, Device.ToArray(), Counter, (int)Kind, Order.ToByteArray(bigEndian: true), EnergyWh, Expires);
        return bytes;
    }

    public LockCommand Authenticated(ReadOnlySpan<byte> commandKey) =>
        this with { Mac = HMACSHA256.HashData(commandKey, CanonicalBytes()) };

    public bool HasValidMac(ReadOnlySpan<byte> commandKey) =>
        CryptographicOperations.FixedTimeEquals(Mac, HMACSHA256.HashData(commandKey, CanonicalBytes()));
}
