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

                if (await ConnectionSlots.ShortageAsync(source, stoppingToken) is { } shortage)
                {
                    Log.PoolTooLarge(logger, shortage.Wanted, shortage.Given);
                }

                readiness.Set();
                return;
            }
            catch (Exception exception) when (exception is MigrationException
                || (exception is PostgresException && !DatabaseFaults.IsUnavailable(exception)))
            {
                readiness.Fail(exception);
                throw;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Away, or a connection that broke in the middle of something, however that shows.
                Log.WaitingForDatabase(logger, exception.Message, delay);
            }

            await wall.DelayAsync(delay, stoppingToken);
            delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, LongestDelay.Ticks));
        }
    }
}
