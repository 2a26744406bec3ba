using System.Security.Cryptography;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Readings;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>Damage, full and read-only disks: the gateway starts, says so, and goes on.</summary>
public sealed class RecoveryTests : IAsyncLifetime
{
    private const int PageBytes = 4096;

    private World _world = null!;

    public async Task InitializeAsync() => _world = await World.CreateAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_damaged_page_costs_its_readings_and_the_others_go_to_the_cloud()
    {
        const int Count = 2000;
        _world.Store(Readings(1, Count));
        Damage(firstPage: 40, pages: 2);

        await _world.StartGatewayAsync();

        (await _world.StatusAsync()).Alarm.ShouldNotBeNull().ShouldContain("was damaged");
        await Eventually.HoldsAsync(() => _world.Count("reading where status = 0") == 0, TimeSpan.FromSeconds(60));
        _world.Cloud.Accepted.Count.ShouldBeInRange(Count - 80, Count - 1);
        _world.Cloud.Accepted.Select(static reading => reading.Sequence).ShouldBeInOrder();
        SetAside().ShouldHaveSingleItem();

        // Acknowledged from now on means stored as ever.
        await _world.Fleet.SendUntilAcknowledgedAsync(Readings(Count + 1, 10));
        await _world.NothingIsLeftAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public async Task A_file_that_is_no_database_any_more_is_set_aside_and_the_gateway_starts(int from)
    {
        _world.Store(Readings(1, 200));
        var bytes = await File.ReadAllBytesAsync(_world.Database);
        RandomNumberGenerator.Fill(bytes.AsSpan(from));
        await File.WriteAllBytesAsync(_world.Database, bytes);

        await _world.StartGatewayAsync();

        await _world.Fleet.SendUntilAcknowledgedAsync(Readings(1, 5));
        await Eventually.HoldsAsync(() => _world.Cloud.Accepted.Count == 5);
        SetAside().ShouldHaveSingleItem();
        (await _world.StatusAsync()).Alarm.ShouldNotBeNull().ShouldContain("was damaged");
    }

    [Fact]
    public void Noise_in_the_form_of_a_page_is_passed_over()
    {
        var page = new byte[PageBytes];
        for (var i = 0; i < 20_000; i++)
        {
            RandomNumberGenerator.Fill(page);
            page[0] = (byte)(i % 2 == 0 ? 13 : 10);
            page[3] = 0;
            Should.NotThrow(() => PageScan.RowsOf(page, 0));
        }
    }

    [Fact]
    public async Task Damage_while_running_is_mended_without_a_restart()
    {
        const int Count = 20_000;
        _world.Store(Readings(1, Count));
        _world.Cloud.FailNext(1000, ScriptedCloud.Status(503));
        await _world.StartGatewayAsync();

        // Not the last ones, of some 900: a number that is missing before the next reading is waited for.
        Damage(firstPage: 100, pages: 600);

        // What SQLite still has in its memory it would not read from the disk.
        _ = _world.Part<GatewayDatabase>().Read(static database =>
            database.Command("PRAGMA shrink_memory").ExecuteNonQuery());
        _world.Cloud.Faults.Clear();

        await Eventually.HoldsAsync(() => SetAside().Count > 0, TimeSpan.FromSeconds(60));

        await _world.Fleet.SendUntilAcknowledgedAsync(Readings(Count + 1, 5));
        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.Select(static reading => reading.Sequence).ShouldContain(Count + 5);
    }

    [Fact]
    public void Only_a_few_damaged_files_are_kept()
    {
        for (var i = 0; i < DatabaseRecovery.MaxKept + 3; i++)
        {
            File.WriteAllText(_world.Database, $"no database {i}");
            using var database = new GatewayDatabase(_world.Database, _world.Wall);
            database.IsOpen.ShouldBeTrue();
        }

        SetAside().Count.ShouldBe(DatabaseRecovery.MaxKept);
    }

    [Fact]
    public void A_forged_row_does_not_survive_the_recovery()
    {
        _world.Store(Readings(1, 50));
        _world.Execute("update reading set production_wh = production_wh + 1000000 where sequence = 7");
        using (var database = new GatewayDatabase(_world.Database, _world.Wall))
        {
            database.CopyTo(_world.Database + ".copy");
        }

        var report = DatabaseRecovery.SetAsideAndRecover(_world.Database, _world.Wall);

        report.ShouldSatisfyAllConditions(
            () => report.Readings.ShouldBe(49),
            () => report.Dropped.ShouldBe(1),
            () => report.Fault.ShouldBeNull());
        _world.Count("reading where sequence = 7").ShouldBe(0);
    }

    [Fact]
    public async Task A_disk_that_cannot_be_written_at_the_start_is_an_alarm_until_it_can()
    {
        // A file where the folder should be: nothing can be made there, not even by root.
        var blocked = Path.Combine(_world.Folder, "disk");
        await File.WriteAllTextAsync(blocked, string.Empty);
        _world.StoreIn(Path.Combine(blocked, "gateway.db"));

        await _world.StartGatewayAsync(awaitDevices: false);

        (await _world.StatusAsync()).Alarm.ShouldNotBeNull().ShouldContain("cannot be used");
        (await _world.IsReadyAsync()).ShouldBeFalse();
        File.Delete(blocked);
        await Eventually.HoldsAsync(_world.IsReadyAsync);
        await Eventually.HoldsAsync(async () => (await _world.StatusAsync()).Alarm is null);
        await _world.Fleet.SendUntilAcknowledgedAsync(Readings(1, 3));
        await _world.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_full_disk_takes_nothing_acknowledges_nothing_and_goes_on_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(Path.Combine(_world.Folder, "small"), 3);
        if (disk is null)
        {
            return; // Only root can make one.
        }

        _world.StoreIn(Path.Combine(disk.Folder, "gateway.db"));
        await _world.StartGatewayAsync();
        await _world.Cloud.StopAsync();
        disk.Fill();

        var readings = Readings(1, 400);
        await _world.Fleet.SendAllAsync(readings);
        await Eventually.HoldsAsync(() => _world.Refusals.Count(Refusals.DatabaseFault) > 0);
        await Eventually.HoldsAsync(async () =>
            (await _world.StatusAsync()).Alarm?.Contains("cannot be stored", StringComparison.Ordinal) == true);
        var stored = _world.Count("reading");
        readings.Count(_world.Fleet.IsAcknowledged).ShouldBeLessThanOrEqualTo((int)stored);

        disk.Clear();
        await _world.Cloud.RestartAsync();
        await _world.Fleet.SendUntilAcknowledgedAsync(readings);
        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.Select(static reading => reading.Sequence)
            .ShouldBe(readings.Select(static reading => reading.Sequence));
        await AlarmIsOverAsync();
        await _world.StopGatewayAsync();
    }

    [Fact]
    public async Task A_buffer_of_a_newer_program_is_an_alarm_and_stays_as_it_is()
    {
        _world.Store(Readings(1, 3));
        var known = _world.Number("pragma user_version");
        _world.Execute("pragma user_version = 1000");

        await _world.StartGatewayAsync(awaitDevices: false);

        (await _world.StatusAsync()).Alarm.ShouldNotBeNull().ShouldContain("newer version (1000)");
        _world.Count("reading").ShouldBe(3);
        await _world.StopGatewayAsync();
        _world.Execute($"pragma user_version = {known}");
        await _world.StartGatewayAsync();
        await Eventually.HoldsAsync(() => _world.Cloud.Accepted.Count == 3);
        await AlarmIsOverAsync();
    }

    [Fact]
    public async Task A_disk_that_turns_read_only_is_an_alarm_and_loses_nothing()
    {
        using var disk = SmallDisk.Mount(Path.Combine(_world.Folder, "small"), 8);
        if (disk is null)
        {
            return;
        }

        _world.StoreIn(Path.Combine(disk.Folder, "gateway.db"));
        await _world.StartGatewayAsync();
        await _world.Fleet.SendUntilAcknowledgedAsync(Readings(1, 5));
        await _world.StopGatewayAsync();
        disk.ReadOnly(true);
        await _world.StartGatewayAsync(awaitDevices: false);
        (await _world.StatusAsync()).Alarm.ShouldNotBeNull().ShouldContain("cannot be used");

        disk.ReadOnly(false);
        await Eventually.HoldsAsync(_world.IsReadyAsync);
        await _world.Fleet.SendUntilAcknowledgedAsync(Readings(6, 5));
        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.Count.ShouldBe(10);
        await AlarmIsOverAsync();
        await _world.StopGatewayAsync();
    }

    [Fact]
    public async Task A_database_that_turns_read_only_at_work_is_an_alarm_until_it_can_be_written_again()
    {
        await _world.StartGatewayAsync();
        await _world.Fleet.SendUntilAcknowledgedAsync(Readings(1, 3));
        SetWritable(false);

        await _world.Fleet.SendAllAsync(Readings(4, 5));

        // Those behind the first one that could not be stored are not even tried.
        await Eventually.HoldsAsync(() => _world.Refusals.Count(Refusals.DatabaseFault) >= 1);
        await Eventually.HoldsAsync(async () =>
            (await _world.StatusAsync()).Alarm?.Contains("cannot be stored", StringComparison.Ordinal) == true);
        Readings(4, 5).ShouldAllBe(reading => !_world.Fleet.IsAcknowledged(reading));
        SetWritable(true);
        await _world.Fleet.SendUntilAcknowledgedAsync(Readings(4, 5));
        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.Select(static reading => reading.Sequence)
            .ShouldBe(Enumerable.Range(1, 8).Select(static sequence => (long)sequence));
        await Eventually.HoldsAsync(async () => (await _world.StatusAsync()).Alarm is null);
    }

    /// <summary>As SQLite answers on a file system that the kernel has set read-only after a fault.</summary>
    private void SetWritable(bool can) =>
        _ = _world.Part<GatewayDatabase>().Read(database =>
            database.Command($"PRAGMA query_only = {(can ? 0 : 1)}").ExecuteNonQuery());

    /// <summary>A disk as small as these is short of space for ever; that is another alarm.</summary>
    private Task AlarmIsOverAsync() =>
        Eventually.HoldsAsync(() => _world.Part<Alarms>().All().All(static alarm => alarm.Name == Alarms.DiskSpace));

    private List<string> SetAside() =>
        [.. Directory.GetFiles(Path.GetDirectoryName(_world.Database)!, "*.corrupt-*").Where(static file =>
            !file.EndsWith("-wal", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal))];

    private void Damage(int firstPage, int pages)
    {
        using var file = new FileStream(_world.Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = (long)firstPage * PageBytes;
        var noise = new byte[pages * PageBytes];
        RandomNumberGenerator.Fill(noise);
        file.Write(noise);
    }

    private List<SignedReading> Readings(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => Some.Reading(_world.Device, i))];
}
