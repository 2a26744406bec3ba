using System.Diagnostics;
using System.Net;
using System.Text;

namespace GridTokenX.Benchmarks.Market;

/// <summary>
/// Readings over HTTP in gateways' batches, packed as gateways pack them, until they are committed; beside what the
/// cores could verify if there were nothing else to do. Rates share the machine with clients and database.
/// </summary>
internal static class ReadingsBench
{
    private const string Name = "market";
    private const int WarmBatches = 6;
    private const int CleanBatches = 14;
    private const int BadBatches = 8;

    internal static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time)
    {
        await using var rig = await ReadingsRig.StartAsync(time);
        var next = 0;
        ReadingsStream Make(int batches, int badOneIn)
        {
            var stream = ReadingsStream.Make(rig, next, batches, badOneIn);
            next += batches;
            return stream;
        }

        var warm = Make(WarmBatches, 100);
        Task<StreamRun> SendAsync(ReadingsStream stream, string status) =>
            ReadingsBench.SendAsync(rig, stream, stream.SignedAt(rig, time.GetUtcNow()), status);
        _ = await SendAsync(warm, "accepted");
        _ = await SendAsync(warm, "duplicate");

        var clean = Make(CleanBatches, 0);
        var cleanRun = await SendAsync(clean, "accepted");
        foreach (var measurement in cleanRun.Measurements("readings, clean"))
        {
            yield return measurement;
        }

        var replayed = await SendAsync(clean, "duplicate");
        foreach (var measurement in replayed.Measurements("readings, replayed"))
        {
            yield return measurement;
        }

        foreach (var badOneIn in (int[])[100, 10])
        {
            var stream = Make(BadBatches, badOneIn);
            var run = await SendAsync(stream, "accepted");
            foreach (var measurement in run.Measurements($"readings, {100 / badOneIn} % bad signatures"))
            {
                yield return measurement;
            }

            yield return new Measurement(
                Name, $"CPU a reading, {100 / badOneIn} % bad signatures beside clean", "µs", run.Cpu, cleanRun.Cpu);
        }

        await foreach (var measurement in RequestBench.RunAsync(rig, time))
        {
            yield return measurement;
        }
    }

    private static async Task<StreamRun> SendAsync(
        ReadingsRig rig, ReadingsStream stream, IReadOnlyList<IReadOnlyList<ReadyBatch>> requests, string status)
    {
        var expected = stream.Readings - stream.Bad;
        await rig.CheckpointAsync();
        using var client = new HttpClient { BaseAddress = rig.Address };
        var before = VerifyRate.Measure();
        var (postgres, process) = (rig.PostgresCpu.Total(), Environment.CpuUsage.TotalTime);
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(requests.Select(batches => SendAsync(client, batches, status)));
        var elapsed = watch.Elapsed;
        (postgres, process) = (rig.PostgresCpu.Total() - postgres, Environment.CpuUsage.TotalTime - process);
        var after = VerifyRate.Measure();
        return counts.Sum() == expected
            ? new StreamRun(stream.Readings, elapsed, process, postgres, VerifyRate.Mean(before, after))
            : throw new InvalidOperationException($"{counts.Sum()} readings were {status}, not {expected}.");
    }

    private static async Task<int> SendAsync(HttpClient client, IReadOnlyList<ReadyBatch> batches, string status)
    {
        var wanted = Encoding.UTF8.GetBytes($"\"status\":\"{status}\"");
        var count = 0;
        foreach (var batch in batches)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, batch.Path);
            request.Content = new ByteArrayContent(batch.Body);
            request.Content.Headers.ContentEncoding.Add("gzip");
            _ = request.Headers.TryAddWithoutValidation("Signature-Input", batch.Headers.SignatureInput);
            _ = request.Headers.TryAddWithoutValidation("Signature", batch.Headers.Signature);
            _ = request.Headers.TryAddWithoutValidation("Content-Digest", batch.Headers.ContentDigest);
            using var answer = await client.SendAsync(request);
            var text = await answer.Content.ReadAsByteArrayAsync();
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                throw new InvalidOperationException(Encoding.UTF8.GetString(text));
            }

            count += text.AsSpan().Count(wanted);
        }

        return count;
    }

    /// <param name="Process">Processor time of cloud core and the clients.</param>
    /// <param name="Verify">What all cores verify, just before and after.</param>
    private sealed record StreamRun(
        int Readings, TimeSpan Elapsed, TimeSpan Process, TimeSpan Postgres, VerifyRate Verify)
    {
        /// <summary>µs of processor time a reading, everything together.</summary>
        internal double Cpu => Micros(Process + Postgres);

        internal IEnumerable<Measurement> Measurements(string what)
        {
            yield return new Measurement(
                Name, what, "readings/s", Math.Round(Readings / Elapsed.TotalSeconds), Math.Round(Verify.PerSecond));
            yield return new Measurement(
                Name, $"{what}: readings in the CPU time of one verification", "readings", 1, Cpu / Verify.Cpu);
            yield return new Measurement(Name, $"{what}: CPU of cloud core and clients", "µs", Micros(Process));
            yield return new Measurement(Name, $"{what}: CPU of PostgreSQL", "µs", Micros(Postgres));
        }

        private double Micros(TimeSpan time) => Math.Round(time.TotalMicroseconds / Readings, 1);
    }
}
