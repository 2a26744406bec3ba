using System.Text.Json;
using GridTokenX.Community.Scenarios;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Simulator.Faults;

/// <summary>Makes a cheat's readings of a meter's true ones; it knows every key but the meters'.</summary>
/// <param name="key">The cheat's own.</param>
internal sealed class Forgery(SigningKey key) : IDisposable
{
    private ReadOnlyMemory<byte>? _taken;

    /// <summary>In whose name it speaks; a device that has done nothing.</summary>
    public Func<Key32>? Neighbour { get; set; }

    /// <summary>A reading that was sent as it is: the first one is what is replayed.</summary>
    public void Remember(ReadOnlyMemory<byte> payload) => _taken ??= payload.ToArray();

    public (string Topic, ReadOnlyMemory<byte> Payload) Of(string topic, ReadOnlyMemory<byte> payload, Wire wire)
    {
        var reading = JsonSerializer.Deserialize(payload.Span, ProtocolJson.Default.SignedReading)
            ?? throw new InvalidOperationException("A meter has sent a reading that is none.");
        var claim = reading with { ProductionWh = Times(reading.ProductionWh, wire.Factor) };
        return wire.Cheat switch
        {
            CheatKind.Replay when _taken is { } taken => (topic, taken),
            CheatKind.ForeignKey => Sent(Signed(claim with { Device = key.PublicKey })),
            CheatKind.Impersonation when Neighbour is { } neighbour =>
                Sent(Signed(claim with { Device = neighbour() })),
            _ => Sent(claim),
        };
    }

    public void Dispose() => key.Dispose();

    private SignedReading Signed(SignedReading reading) =>
        reading with { Signature = key.Sign(reading.CanonicalBytes()) };

    private static (string Topic, ReadOnlyMemory<byte> Payload) Sent(SignedReading reading) => (
        Topics.Reading(reading.Device.ToString()),
        JsonSerializer.SerializeToUtf8Bytes(reading, ProtocolJson.Default.SignedReading));

    /// <summary>Never what it was, also of nothing.</summary>
    private static long Times(long energyWh, double factor) => (long)Math.Min(energyWh * factor, 1e12) + 1;
}
