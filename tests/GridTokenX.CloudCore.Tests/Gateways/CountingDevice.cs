using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.CloudCore.Tests.Gateways;

/// <summary>A device with registers that only grow, and a sequence without gaps.</summary>
internal sealed class CountingDevice(long production = 0, long consumption = 0) : IDisposable
{
    private long _sequence;

    internal SigningKey Key { get; } = SigningKey.Generate();

    internal long Production { get; private set; } = production;

    internal long Consumption { get; private set; } = consumption;

    internal SignedReading Read(DateTimeOffset at, long producedWh, long consumedWh)
    {
        Production += producedWh;
        Consumption += consumedWh;
        var reading = new SignedReading
        {
            Device = Key.PublicKey,
            Sequence = ++_sequence,
            Timestamp = at,
            ProductionWh = Production,
            ConsumptionWh = Consumption,
            SocPermille = ReadingBytes.NoBattery,
            Flags = 0,
            IntervalSeconds = 900,
            Signature = new byte[Ed25519.SignatureLength],
        };
        return reading with { Signature = Key.Sign(reading.CanonicalBytes()) };
    }

    public void Dispose() => Key.Dispose();
}
