using System.Text.Json;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.EdgeGateway.Tests.Support;

/// <summary>Valid things; a test says only what matters to it.</summary>
internal static class Some
{
    internal static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly byte[] CommandKey = new byte[32];

    internal static SignedReading Reading(SigningKey device, long sequence, long productionWh = 1000)
    {
        var unsigned = new SignedReading
        {
            Device = device.PublicKey,
            Sequence = sequence,
            Timestamp = Noon.AddMinutes(15 * sequence),
            ProductionWh = productionWh + sequence,
            ConsumptionWh = 500,
            SocPermille = ReadingBytes.NoBattery,
            Flags = 0,
            IntervalSeconds = 900,
            Signature = [],
        };
        return unsigned with { Signature = device.Sign(unsigned.CanonicalBytes()) };
    }

    internal static DeviceState State(SigningKey device, long sequence)
    {
        var unsigned = new DeviceState
        {
            Device = device.PublicKey,
            Sequence = sequence,
            Timestamp = Noon,
            Counter = sequence,
            State = LockState.Locked,
            Cause = StateCause.LockAccepted,
            Refusal = CommandRefusal.None,
            SocPermille = 700,
            Flags = 0,
            Order = new Guid("11111111-2222-3333-4444-555555555555"),
            EnergyWh = 1500,
            DeliveredWh = 0,
            Signature = [],
        };
        return unsigned with { Signature = device.Sign(unsigned.CanonicalBytes()) };
    }

    internal static LockCommand Command(SigningKey device, long counter, DateTimeOffset? expires = null) =>
        new LockCommand
        {
            Device = device.PublicKey,
            Counter = counter,
            Kind = CommandKind.Lock,
            Order = new Guid("11111111-2222-3333-4444-555555555555"),
            EnergyWh = 1500,
            Expires = (expires ?? Noon.AddYears(50)).ToUnixTimeSeconds(),
        }.Authenticated(CommandKey);

    internal static byte[] Status(bool online) => JsonSerializer.SerializeToUtf8Bytes(
        new DeviceStatus(online, "1.0.0", 60), ProtocolJson.Default.DeviceStatus);

    internal static byte[] Json(SignedReading reading) =>
        JsonSerializer.SerializeToUtf8Bytes(reading, ProtocolJson.Default.SignedReading);

    internal static byte[] Json(DeviceState state) =>
        JsonSerializer.SerializeToUtf8Bytes(state, ProtocolJson.Default.DeviceState);

    internal static byte[] Json(LockCommand command) =>
        JsonSerializer.SerializeToUtf8Bytes(command, ProtocolJson.Default.LockCommand);
}
