using System.Text.Json;
using GridTokenX.Protocol.Api;
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

    /// <summary>A wallet.</summary>
    internal static Key32 Owner { get; } = MakeKey();

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

    internal static byte[] Consent(
        SigningKey device, Key32 owner, Key32 gateway, SigningKey? signer = null, Key32? named = null)
    {
        var bytes = new byte[RegistrationBytes.Length];
        RegistrationBytes.Write(bytes, device.PublicKey.ToArray(), owner.ToArray(), gateway.ToArray());
        return JsonSerializer.SerializeToUtf8Bytes(
            new DeviceConsent(named ?? device.PublicKey, owner, gateway, (signer ?? device).Sign(bytes)),
            ProtocolJson.Default.DeviceConsent);
    }

    private static Key32 MakeKey()
    {
        using var key = SigningKey.Generate();
        return key.PublicKey;
    }

    internal static byte[] Status(bool online) => JsonSerializer.SerializeToUtf8Bytes(
        new DeviceStatus(online, "1.0.0", 60), ProtocolJson.Default.DeviceStatus);

    internal static byte[] Json(SignedReading reading) =>
        JsonSerializer.SerializeToUtf8Bytes(reading, ProtocolJson.Default.SignedReading);

    internal static byte[] Json(DeviceState state) =>
        JsonSerializer.SerializeToUtf8Bytes(state, ProtocolJson.Default.DeviceState);

    internal static byte[] Json(LockCommand command) =>
        JsonSerializer.SerializeToUtf8Bytes(command, ProtocolJson.Default.LockCommand);
}
