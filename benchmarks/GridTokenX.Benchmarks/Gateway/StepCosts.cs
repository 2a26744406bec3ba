using System.Diagnostics;
using System.Text.Json;
using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Benchmarks.Gateway;

/// <summary>
/// What each step of a reading's way costs in processor time, which a machine that has other work to do does not
/// falsify. Their sum is what the rates can be explained with.
/// </summary>
internal static class StepCosts
{
    private const string Name = "gateway-steps";
    private const int Readings = 10_000;
    private const int Devices = 200;
    private const int Batch = 500;

    internal static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time)
    {
        var devices = Enumerable.Range(0, Devices).Select(static _ => SigningKey.Generate()).ToList();
        List<SignedReading> readings =
            [.. Enumerable.Range(0, Readings).Select(i => GatewayRig.Reading(devices[i % Devices], (i / Devices) + 1))];
        var payloads = readings.ConvertAll(static reading =>
            JsonSerializer.SerializeToUtf8Bytes(reading, ProtocolJson.Default.SignedReading));
        yield return Each("verify Ed25519", i => readings[i].HasValidSignature());
        yield return Each("read JSON", i =>
            JsonSerializer.Deserialize(payloads[i], ProtocolJson.Default.SignedReading) is not null);
        yield return Each("write JSON", i =>
            JsonSerializer.SerializeToUtf8Bytes(readings[i], ProtocolJson.Default.SignedReading).Length > 0);
        yield return Each("Base58 of a signature, written", i => QuickBase58.Encode(readings[i].Signature).Length > 0);
        var texts = readings.ConvertAll(static r => Base58.Encode(r.Signature));
        var bytes = new byte[Ed25519.SignatureLength];
        yield return Each("Base58 of a signature, read", i => QuickBase58.TryDecode(texts[i], bytes));
        yield return Whole("batch written and packed", i =>
        {
            using var body = CloudClient.Body(readings.GetRange(i, Batch));
            return body.Headers.ContentLength > 0;
        });
        var answer = JsonSerializer.SerializeToUtf8Bytes(
            new ReadingBatchResponse([.. readings.Take(Batch).Select(static r =>
                new ReadingResult(r.Device, r.Sequence, ReadingResult.Accepted, null))]),
            ProtocolJson.Default.ReadingBatchResponse);
        yield return Whole("cloud's answer read", _ =>
            JsonSerializer.Deserialize(answer, ProtocolJson.Default.ReadingBatchResponse)!.Results.Count == Batch);
        foreach (var step in await GatewayRig.OutboxStepsAsync(time, readings, Measure))
        {
            yield return step;
        }

        devices.ForEach(static device => device.Dispose());
    }

    private static Measurement Each(string step, Func<int, bool> work)
    {
        void All()
        {
            for (var i = 0; i < Readings; i++)
            {
                if (!work(i))
                {
                    throw new InvalidOperationException($"{step} failed.");
                }
            }
        }

        All(); // For warmth.
        return Measure(step, Readings, All);
    }

    /// <summary>In batches; per reading.</summary>
    private static Measurement Whole(string step, Func<int, bool> work) =>
        Each(step, i => i % Batch != 0 || work(i));

    private static Measurement Measure(string step, int count, Action work)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        work();
        process.Refresh();
        var used = process.TotalProcessorTime - before;
        return new Measurement(Name, step, "µs of processor time", Math.Round(used.TotalMicroseconds / count, 2));
    }
}
