using System.Text.Json.Serialization;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Protocol.Commands;

[JsonConverter(typeof(WordJsonConverter<LockState>))]
public enum LockState
{
    [JsonStringEnumMemberName("none")] None = 0,
    [JsonStringEnumMemberName("idle")] Idle = StateBytes.StateIdle,
    [JsonStringEnumMemberName("locked")] Locked = StateBytes.StateLocked,
    [JsonStringEnumMemberName("delivering")] Delivering = StateBytes.StateDelivering,
}

[JsonConverter(typeof(WordJsonConverter<StateCause>))]
public enum StateCause
{
    [JsonStringEnumMemberName("none")] None = 0,
    [JsonStringEnumMemberName("boot")] Boot = StateBytes.CauseBoot,
    [JsonStringEnumMemberName("lock_accepted")] LockAccepted = StateBytes.CauseLockAccepted,
    [JsonStringEnumMemberName("delivery_began")] DeliveryBegan = StateBytes.CauseDeliveryBegan,
    [JsonStringEnumMemberName("delivered")] Delivered = StateBytes.CauseDelivered,
    [JsonStringEnumMemberName("released")] Released = StateBytes.CauseReleased,
    [JsonStringEnumMemberName("expired")] Expired = StateBytes.CauseExpired,
    [JsonStringEnumMemberName("refused")] Refused = StateBytes.CauseRefused,
}

[JsonConverter(typeof(WordJsonConverter<CommandRefusal>))]
public enum CommandRefusal
{
    [JsonStringEnumMemberName("none")] None = StateBytes.RefusalNone,
    [JsonStringEnumMemberName("counter")] Counter = StateBytes.RefusalCounter,
    [JsonStringEnumMemberName("expired")] Expired = StateBytes.RefusalExpired,
    [JsonStringEnumMemberName("energy_unavailable")] EnergyUnavailable = StateBytes.RefusalEnergyUnavailable,
    [JsonStringEnumMemberName("busy")] Busy = StateBytes.RefusalBusy,
    [JsonStringEnumMemberName("unknown_order")] UnknownOrder = StateBytes.RefusalUnknownOrder,
    [JsonStringEnumMemberName("time_unknown")] TimeUnknown = StateBytes.RefusalTimeUnknown,
}

/// <summary>
/// A device's signed answer to a command, and every later change of its lock. Published again after a reconnect, and
/// for ever, more and more rarely, until a newer one takes its place, so a lost message heals; receivers ignore a
/// sequence they have seen. A command with a wrong MAC gets no answer: a device signs nothing for a stranger.
/// </summary>
public sealed record DeviceState
{
    public required Key32 Device { get; init; }

    /// <summary>Strictly increasing over the device's statements; from 1.</summary>
    public required long Sequence { get; init; }

    [JsonConverter(typeof(IsoSecondsJsonConverter))]
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>The command that is answered, or the last one obeyed; 0 before the first.</summary>
    public required long Counter { get; init; }

    public required LockState State { get; init; }

    public required StateCause Cause { get; init; }

    public required CommandRefusal Refusal { get; init; }

    public required ushort SocPermille { get; init; }

    public required ushort Flags { get; init; }

    /// <summary>The order it is about; all zero for none.</summary>
    public required Guid Order { get; init; }

    public required long EnergyWh { get; init; }

    public required long DeliveredWh { get; init; }

    /// <summary>64 bytes, Base58 in JSON.</summary>
    [JsonConverter(typeof(Base58SignatureJsonConverter))]
    public required byte[] Signature { get; init; }

    public byte[] CanonicalBytes()
    {
        var bytes = new byte[StateBytes.Length];
        StateBytes.WriteHeader(
            bytes, Device.ToArray(), Sequence, Timestamp.ToUnixTimeSeconds(), SocPermille, Flags);
        StateBytes.WriteLock(
            bytes,
            Counter,
            (int)State,
            (int)Cause,
            (int)Refusal,
            Order.ToByteArray(bigEndian: true),
            EnergyWh,
            DeliveredWh);
        return bytes;
    }

    public bool HasValidSignature() => Ed25519.Verify(Device, CanonicalBytes(), Signature);
}

/// <summary>Device, retained, with its last will: whether it is there.</summary>
public sealed record DeviceStatus(
    bool Online, string? Firmware, [property: JsonPropertyName("uptime_s")] long UptimeSeconds);

/// <summary>Gateway, retained, each minute: UTC for devices without SNTP.</summary>
public sealed record TimeAnnouncement(long Unix);
