using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Microsoft.Extensions.Configuration;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>The power goes at any byte of a write: what was committed before is there, nothing half is.</summary>
public sealed class PowerCutTests : IDisposable
{
    private static readonly WallTime Wall = new(new SteppedTime(Some.Noon));

    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-power-").FullName;
    private readonly SigningKey _device = SigningKey.Generate();

    private string Live => Path.Combine(_folder, "gateway.db");

    public void Dispose()
    {
        _device.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Whatever_was_committed_survives_a_log_cut_off_at_any_byte()
    {
        const int Commits = 30;
        using var database = new GatewayDatabase(Live, Wall);
        var outbox = Outbox(database, Live);
        var lengths = new List<long> { new FileInfo(Live + "-wal").Length };
        for (var i = 1; i <= Commits; i++)
        {
            _ = outbox.Append([Some.Reading(_device, (2 * i) - 1), Some.Reading(_device, 2 * i)]);
            lengths.Add(new FileInfo(Live + "-wal").Length);
        }

        // The same cuts each time: a failure can be looked at.
#pragma warning disable CA5394
        var random = new Random(4711);
        for (var commit = 0; commit < Commits; commit++)
        {
            var cut = random.NextInt64(lengths[commit], lengths[commit + 1]);
            CountAfterCut(cut).ShouldBe(2 * commit, $"cut at {cut}");
        }
#pragma warning restore CA5394

        CountAfterCut(lengths[^1]).ShouldBe(2 * Commits);
    }

    [Fact]
    public void A_cut_between_the_clouds_answer_and_its_note_means_sending_again_never_forgetting()
    {
        using var database = new GatewayDatabase(Live, Wall);
        var outbox = Outbox(database, Live);
        _ = outbox.Append([Some.Reading(_device, 1), Some.Reading(_device, 2)]);
        var before = new FileInfo(Live + "-wal").Length;
        outbox.Settle([.. outbox.Take(10, Some.Noon, []).Select(static pending => new Verdict(pending, null))]);
        var after = new FileInfo(Live + "-wal").Length;

        PendingAfterCut(before).ShouldBe(2);
        PendingAfterCut(after - 1).ShouldBe(2);
        PendingAfterCut(after).ShouldBe(0);
    }

    private static ReadingOutbox Outbox(GatewayDatabase database, string path) =>
        new(database, GatewayOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(Settings(path)).Build()));

    private static Dictionary<string, string?> Settings(string path) =>
        new(StringComparer.Ordinal)
        {
            ["Gateway:KeyFile"] = "key",
            ["Gateway:Database"] = path,
            ["Gateway:CloudUrl"] = "https://cloud.example",
            ["Gateway:CloudBroker:Port"] = "8883",
        };

    private long CountAfterCut(long bytes) => AfterCut(bytes, "select count(*) from reading");

    private long PendingAfterCut(long bytes) => AfterCut(bytes, "select count(*) from reading where status = 0");

    /// <summary>The disk as a power cut leaves it: the file, and so many bytes of its log.</summary>
    private long AfterCut(long bytes, string sql)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("N"))).FullName;
        var path = Path.Combine(folder, "gateway.db");
        File.Copy(Live, path);
        var log = new byte[bytes];
        using (var file = new FileStream(Live + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            file.ReadExactly(log);
        }

        File.WriteAllBytes(path + "-wal", log);
        using var database = new GatewayDatabase(path, Wall);
        database.IsOpen.ShouldBeTrue();
        Directory.GetFiles(folder, "*.corrupt-*").ShouldBeEmpty();
        return database.Read(db => (long)db.Command(sql).ExecuteScalar()!);
    }
}
