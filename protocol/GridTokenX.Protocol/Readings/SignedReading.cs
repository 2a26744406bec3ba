using System.Text.Json.Serialization;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Protocol.Readings;

/// <summary>
/// What a device signs at the end of every interval: its registers at one instant. The JSON form is the same on MQTT
/// and HTTP; the signature is over the canonical bytes (<see cref="ReadingBytes"/>), never over the JSON.
/// </summary>
[JsonConverter(typeof(SignedReadingJsonConverter))]
public sealed record SignedReading
{
    public required Key32 Device { get; init; }

    /// <summary>Strictly increasing, never reused, survives a reboot; from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>End of the interval, whole seconds UTC.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Production register, Wh since installation; never goes back.</summary>
    public required long ProductionWh { get; init; }

    /// <summary>Consumption register, Wh since installation; never goes back.</summary>
    public required long ConsumptionWh { get; init; }

    /// <summary>0–1000, or <see cref="ReadingBytes.NoBattery"/>.</summary>
    public required ushort SocPermille { get; init; }

    /// <summary>Sum of the flags of <see cref="ReadingBytes"/>.</summary>
    public required ushort Flags { get; init; }

    /// <summary>Length of the interval in seconds.</summary>
    public required uint IntervalSeconds { get; init; }

    /// <summary>64 bytes, Base58 in JSON.</summary>
    public required byte[] Signature { get; init; }

    /// <summary>Every field is in its range; says nothing about the signature.</summary>
    public bool IsWellFormed =>
        Sequence >= 1
        && ProductionWh >= 0
        && ConsumptionWh >= 0
        && SocPermille is <= 1000 or ReadingBytes.NoBattery
        && Flags <= 0x0F
        && IntervalSeconds is >= 1 and <= 86_400
        && Timestamp.ToUnixTimeSeconds() >= 0;

    public byte[] CanonicalBytes()
    {
        var bytes = new byte[ReadingBytes.Length];
        ReadingBytes.WriteHeader(bytes, Device.ToArray());
        ReadingBytes.Write(
            bytes,
            Sequence,
            Timestamp.ToUnixTimeSeconds(),
            ProductionWh,
            ConsumptionWh,
            SocPermille,
            Flags,
            IntervalSeconds);
        return bytes;
    }

    /// <summary>
    /// Verifies with the key the reading names; the caller has looked that key up among the registered ones.
    /// </summary>
    public bool HasValidSignature() => Ed25519.Verify(Device, CanonicalBytes(), Signature);
}

/// <summary>Gateway → device: the reading is committed to the gateway's database.</summary>
public sealed record ReadingAcknowledgement(long Sequence);
