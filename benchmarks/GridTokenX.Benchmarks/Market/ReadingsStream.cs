using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Benchmarks.Market;

/// <summary>A request that is ready to be sent.</summary>
internal sealed record ReadyBatch(string Path, byte[] Body, SignatureHeaders Headers);

/// <summary>Bodies of each gateway's batches, in order; made before any clock runs.</summary>
internal sealed record ReadingsStream(IReadOnlyList<IReadOnlyList<byte[]>> ByGateway, int Readings, int Bad)
{
    internal const int BatchSize = 500;

    private const int PerDevice = BatchSize / ReadingsRig.DevicesPerGateway;

    /// <param name="rig">Whose gateways and devices.</param>
    /// <param name="first">The first batch's number: 0 for the first stream, then where the last one ended.</param>
    /// <param name="batches">Of each gateway.</param>
    /// <param name="badOneIn">Every so-manieth reading has another's signature; 0 for none.</param>
    internal static ReadingsStream Make(ReadingsRig rig, int first, int batches, int badOneIn)
    {
        var byGateway = new IReadOnlyList<byte[]>[rig.Fleet.Count];
        var bad = 0;
        _ = Parallel.For(0, rig.Fleet.Count, g =>
        {
            var made = new List<byte[]>(batches);
            for (var b = first; b < first + batches; b++)
            {
                made.Add(Batch(rig.Fleet[g], b, badOneIn));
            }

            byGateway[g] = made;
        });
        if (badOneIn > 0)
        {
            bad = rig.Fleet.Count * batches * (BatchSize / badOneIn);
        }

        return new ReadingsStream(byGateway, rig.Fleet.Count * batches * BatchSize, bad);
    }

    /// <summary>Ready to be sent, within the few minutes that a request's signature lasts.</summary>
    internal IReadOnlyList<IReadOnlyList<ReadyBatch>> SignedAt(ReadingsRig rig, DateTimeOffset created) =>
        [.. ByGateway.Select((bodies, g) =>
            (IReadOnlyList<ReadyBatch>)[.. bodies.Select(body => Sign(rig.Fleet[g].Key, body, created))])];

    private static byte[] Batch(GatewayKeys gateway, int number, int badOneIn)
    {
        using var lines = new MemoryStream();
        using (var gzip = new GZipStream(lines, CompressionLevel.Fastest, leaveOpen: true))
        {
            var written = 0;
            for (var step = 0; step < PerDevice; step++)
            {
                foreach (var device in gateway.Devices)
                {
                    written++;
                    var signer = badOneIn > 0 && written % badOneIn == 0 ? gateway.Key : device;
                    var reading = Reading(device, (number * PerDevice) + step + 1, signer);
                    JsonSerializer.Serialize(gzip, reading, ProtocolJson.Default.SignedReading);
                    gzip.WriteByte((byte)'\n');
                }
            }
        }

        return lines.ToArray();
    }

    private static SignedReading Reading(SigningKey device, long sequence, SigningKey signer)
    {
        var unsigned = new SignedReading
        {
            Device = device.PublicKey,
            Sequence = sequence,
            Timestamp = ReadingsRig.Now.AddDays(-6.9).AddMinutes(5 * sequence),
            ProductionWh = 812_345 + (sequence * 83),
            ConsumptionWh = 512_345 + (sequence * 41),
            SocPermille = sequence % 2 == 0 ? (ushort)(sequence % 1000) : (ushort)ReadingBytes.NoBattery,
            Flags = 0,
            IntervalSeconds = 300,
            Signature = [],
        };
        return unsigned with { Signature = signer.Sign(unsigned.CanonicalBytes()) };
    }

    private static ReadyBatch Sign(SigningKey gateway, byte[] body, DateTimeOffset created)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/api/gateways/{gateway}/readings");
        var parts = new SignedParts("POST", path, string.Empty, body, null);
        return new ReadyBatch(path, body, MessageSignature.Sign(parts, gateway, created));
    }
}
