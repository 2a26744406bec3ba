using System.Security.Cryptography;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>Large buffers are looked through beside the work, and a recovery may be killed as well.</summary>
public sealed class PatrolTests : IAsyncLifetime
{
    private const int PageBytes = 4096;

    private World _world = null!;

    public async Task InitializeAsync() => _world = await World.CreateAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Damage_in_the_history_of_a_large_buffer_is_found_and_mended_while_readings_come_in()
    {
        Store(1, 500);
        AddHistory(rows: 100_000);
        var pages = new FileInfo(_world.Database).Length / PageBytes;
        pages.ShouldBeGreaterThan(16 * 1024 * 1024 / PageBytes, "a smaller one is looked through at the start");
        Damage(pages * 9 / 10, 3);

        await _world.StartGatewayAsync();
        await _world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(_world.Device, 501)]);

        await Eventually.HoldsAsync(
            () => _world.Part<Alarms>().All().Any(static alarm => alarm.Name == Alarms.DatabaseRecovered),
            TimeSpan.FromSeconds(60));
        await _world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(_world.Device, 502)]);
        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.Select(static reading => reading.Sequence).Distinct().Order()
            .ShouldBe(Enumerable.Range(1, 502).Select(static i => (long)i));
        _world.Cloud.Accepted.Count.ShouldBe(502);
        _world.Count("reading").ShouldBeInRange(100_000, 100_502);
    }

    [Fact]
    public async Task A_sound_large_buffer_is_looked_through_and_left_alone()
    {
        AddHistory(rows: 100_000);
        await _world.StartGatewayAsync();

        await Eventually.HoldsAsync(() => _world.Part<DatabasePatrol>().Rounds == 1, TimeSpan.FromSeconds(60));

        (await _world.StatusAsync()).Alarm.ShouldBeNull();
        Directory.GetFiles(_world.Folder, "*.corrupt-*").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_recovery_that_is_killed_again_and_again_loses_nothing_that_was_whole()
    {
        const int Count = 20_000;
        Store(1, Count);
        Damage(firstPage: 100, pages: 2);
        for (var round = 0; round < 3; round++)
        {
            using var gateway = GatewayProcess.Begin(_world.Settings);
            await Eventually.HoldsAsync(() => File.Exists(_world.Database + ".recovering") || IsSetAside());
            gateway.Kill9();
            File.Exists(_world.Database).ShouldBeTrue("the damaged file stays until the new one is whole");
        }

        // On a machine that stood still meanwhile a recovery may have come to its end.
        bool IsSetAside() => Directory.GetFiles(_world.Folder, "*.corrupt-*").Length > 0;

        await _world.StartGatewayAsync();

        await Eventually.HoldsAsync(() => _world.Count("reading where status = 0") == 0, TimeSpan.FromSeconds(60));

        // Two pages hold some thirty readings each, unless one of them is an index's.
        _world.Cloud.Accepted.Count.ShouldBeInRange(Count - 80, Count);
        Directory.GetFiles(_world.Folder, "*.recover*").ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_kill_between_the_new_files_being_whole_and_its_being_used_is_made_good(bool isMoved)
    {
        Store(1, 50);
        File.Move(_world.Database, _world.Database + ".recovered");
        await File.WriteAllTextAsync(_world.Database + "-wal", "what is left of the damaged one's log");
        if (!isMoved)
        {
            await File.WriteAllTextAsync(_world.Database, "the damaged one");
        }

        await _world.StartGatewayAsync();

        await Eventually.HoldsAsync(() => _world.Cloud.Accepted.Count == 50);
        Directory.GetFiles(_world.Folder, "*.recover*").ShouldBeEmpty();
        Directory.GetFiles(_world.Folder, "*.corrupt-*-wal").Length.ShouldBe(1);
    }

    private void Store(int first, int count) =>
        _world.Store([.. Enumerable.Range(first, count).Select(i => Some.Reading(_world.Device, i))]);

    /// <summary>Forwarded readings of earlier years; nobody looks at their signatures any more.</summary>
    private void AddHistory(int rows)
    {
        _world.Store([]);
        _world.Execute(
            $"""
            with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows})
            insert into reading (device, sequence, timestamp, production_wh, consumption_wh, soc_permille, flags,
              interval_s, signature, status)
            select randomblob(32), i, 1700000000, i, 5, 65535, 0, 900, randomblob(64), 1 from n
            """);
    }

    private void Damage(long firstPage, int pages)
    {
        using var file = new FileStream(_world.Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = firstPage * PageBytes;
        var noise = new byte[pages * PageBytes];
        RandomNumberGenerator.Fill(noise);
        file.Write(noise);
    }
}
