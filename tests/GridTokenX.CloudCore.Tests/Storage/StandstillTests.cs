using System.Diagnostics;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Testing;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Storage;

/// <summary>What a process that was killed, or stands still, held in the database is free again after a while.</summary>
public sealed class StandstillTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    // Far beyond the bounds: a busy machine may be late.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private string _database = null!;
    private NpgsqlDataSource _source = null!;

    public async Task InitializeAsync()
    {
        _database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        _source = NpgsqlDataSource.Create(_database);
    }

    public async Task DisposeAsync() => await _source.DisposeAsync();

    [Fact]
    public async Task Statement_of_a_killed_process_ends_and_its_locks_are_free()
    {
        var connection = new NpgsqlConnectionStringBuilder(_database);
        using var client = Process.Start(new ProcessStartInfo("psql")
        {
            ArgumentList =
            {
                "-h", connection.Host!, "-U", connection.Username!, "-d", connection.Database!,
                "-c", "select pg_advisory_lock(1), pg_sleep(3600)",
            },
            Environment = { ["PGOPTIONS"] = StorageSetup.Bounds },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await Eventually.HoldsAsync(async () => !await TryLockAsync(), Patience);

        client.Kill();

        await Eventually.HoldsAsync(TryLockAsync, Patience);
    }

    [Fact]
    public async Task Zone_of_a_process_that_stands_still_is_taken_over()
    {
        await using var still = NpgsqlDataSource.Create(_database);
        await using var stuck = await still.BeginAsync(None);
        await ZoneLock.TakeAsync(stuck.Transaction, "zone-1", None);

        await using var other = await _source.BeginAsync(None);
        await ZoneLock.TakeAsync(other.Transaction, "zone-1", None).WaitAsync(Patience);

        _ = await Should.ThrowAsync<NpgsqlException>(() => stuck.CommitAsync(None));
    }

    private async Task<bool> TryLockAsync()
    {
        await using var command = _source.CreateCommand("select pg_try_advisory_lock(1) and pg_advisory_unlock(1)");
        return await command.ExecuteScalarAsync() is true;
    }
}
