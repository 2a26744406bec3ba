using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Storage;

/// <summary>
/// Waits for the database, for ever, and migrates it. Until then requests are answered with database_unavailable. A
/// schema that does not fit ends the process.
/// </summary>
internal sealed class DatabaseStart(
    NpgsqlDataSource source,
    DatabaseReadiness readiness,
    WallTime wall,
    ILogger<DatabaseStart> logger) : BackgroundService
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var delay = FirstDelay;
        while (true)
        {
            try
            {
                foreach (var name in await Migrator.ApplyAsync(source, Migration.Embedded(), stoppingToken))
                {
                    Log.Migrated(logger, name);
                }

                readiness.Set();
                return;
            }
            catch (NpgsqlException exception) when (DatabaseFaults.IsUnavailable(exception))
            {
                Log.WaitingForDatabase(logger, exception.Message, delay);
            }
            catch (Exception exception) when (exception is MigrationException or PostgresException)
            {
                readiness.Fail(exception);
                throw;
            }

            await wall.DelayAsync(delay, stoppingToken);
            delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, LongestDelay.Ticks));
        }
    }
}
