using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Locks;

internal static class LocksSetup
{
    internal static void AddLocks(this IServiceCollection services, IConfiguration configuration)
    {
        var options = configuration.Load<BrokerOptions>("Mqtt", BrokerOptions.Faults);
        if (options.Host is not null)
        {
            _ = services.AddSingleton<IMqttConnection>(
                provider => Connect(options, provider.GetRequiredService<ILogger<CommandPublisher>>()));
        }

        _ = services
            .AddSingleton<CommandPublisher>()
            .AddHostedService(static provider => provider.GetRequiredService<CommandPublisher>())
            .AddSingleton<DeviceStateRecords>()
            .AddHostedService<DeviceStateReceiver>()
            .AddSingleton<IMarketWorker, LockWorker>()
            .AddSingleton<ISimulationStatus, LockSimulationStatus>();
    }

    private static MosquittoConnection Connect(BrokerOptions options, ILogger<CommandPublisher> logger) =>
        new MosquittoConnection(options.ToMqtt(), (reason, exception) => Log.Broker(logger, exception, reason));
}

/// <summary>The locks' part of the simulation's status.</summary>
internal sealed class LockSimulationStatus(NpgsqlDataSource database, TimeProvider marketTime) : ISimulationStatus
{
    private sealed record DeviceSequence(Key32 Device, long Sequence);

    public async Task AddToAsync(SimulationCounts counts, CancellationToken cancellationToken)
    {
        counts.LocksUnanswered = await database.FirstOrDefaultAsync<int>(
            "select count(*)::integer from device_locks where status = 'sent' and commanded_until > @now",
            new { now = marketTime.GetUtcNow() },
            cancellationToken);
        var states = await database.QueryAsync<DeviceSequence>(
            "select device, sequence from device_states", null, cancellationToken);
        foreach (var (device, sequence) in states)
        {
            counts.DeviceStates[device.ToString()] = sequence;
        }
    }
}
