using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Hears at once that something lies in a zone's inbox, whichever process put it there. Not in a simulation, where all
/// work waits for the clock.
/// </summary>
internal sealed class MarketListener(
    NpgsqlDataSource database,
    ZoneMarkets markets,
    DatabaseReadiness readiness,
    SimulationOptions simulation,
    WallTime wall,
    ILogger<MarketListener> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (simulation.Enabled)
        {
            return;
        }

        await readiness.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever is wrong, the worker looks into the inboxes meanwhile.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.MarketListenerFailed(logger, exception, Pause);
                await wall.DelayAsync(Pause, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        // In a gathering market new orders wait for their cycle.
        var scope = markets.AreImmediate ? ZoneScope.All : ZoneScope.Leaving;
        HashSet<string> zones = new(StringComparer.Ordinal);
        await using var connection = await database.OpenConnectionAsync(stoppingToken);
        connection.Notification += (_, notification) => zones.Add(notification.Payload);
        await using (var listen = new NpgsqlCommand($"listen {MarketInbox.Channel}", connection))
        {
            _ = await listen.ExecuteNonQueryAsync(stoppingToken);
        }

        try
        {
            await ServeAsync(markets.RunAsync(scope, stoppingToken));
            while (!stoppingToken.IsCancellationRequested)
            {
                await connection.WaitAsync(stoppingToken);
                string[] heard = [.. zones];
                zones.Clear();
                await ServeAsync(EachZone.RunAsync(heard, zone => markets.RunAsync(zone, scope, stoppingToken)));
            }
        }
        finally
        {
            // It listens still: closed, not pooled.
            NpgsqlConnection.ClearPool(connection);
        }
    }

    private static async Task ServeAsync(Task served)
    {
        try
        {
            await served;
        }
        catch (ZonesFailedException)
        {
            // The worker comes to these zones in a moment, fails as well, and says so; the others are heard meanwhile.
        }
    }
}
