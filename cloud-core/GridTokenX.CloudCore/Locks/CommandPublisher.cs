using System.Text.Json;
using System.Threading.Channels;
using GridTokenX.CloudCore.Gateways;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;
using Npgsql;

namespace GridTokenX.CloudCore.Locks;

/// <summary>
/// Publishes every unanswered command, and again by wall time with a growing delay, until the device has answered it
/// or the lock has expired. The database says what is unanswered, so a restart only repeats; the device knows a
/// command by its counter.
/// </summary>
internal sealed class CommandPublisher(
    NpgsqlDataSource database,
    DatabaseReadiness readiness,
    ICommandKeys keys,
    TimeProvider marketTime,
    WallTime wall,
    ILogger<CommandPublisher> logger,
    IMqttConnection? broker = null) : BackgroundService
{
    private const int MaxCommands = 1_000;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(5);

    private readonly RepeatSchedule _schedule = new();

    // One waiting wake-up says everything: the publisher then looks at all commands.
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private sealed record Command
    {
        public required Key32 Device { get; init; }

        public required Guid OrderId { get; init; }

        public required long Counter { get; init; }

        public required long CommandedWh { get; init; }

        public required DateTimeOffset CommandedUntil { get; init; }
    }

    internal void Wake() => _ = _wakes.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (broker is null)
        {
            Log.NoBroker(logger);
            return;
        }

        await readiness.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await PublishDueAsync(broker, stoppingToken);
                await WaitAsync(stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                Log.LockWorkFailed(logger, exception, "Publishing commands", FailureDelay);
                await wall.DelayAsync(FailureDelay, stoppingToken);
            }
        }
    }

    private async Task PublishDueAsync(IMqttConnection connection, CancellationToken cancellationToken)
    {
        var commands = await database.QueryAsync<Command>(
            """
            (select device, order_id, counter, commanded_wh, commanded_until from device_locks
             where status = 'sent' and commanded_until > @now
             order by sent_at, order_id limit @MaxCommands)
            union all
            (select device, @Probe, probe_counter, 0::bigint, probe_until from meters
             where probe_counter is not null and paired_at is null and probe_until > @now and revoked_at is null
             order by probe_until, meter_id limit @MaxCommands)
            """,
            new { now = marketTime.GetUtcNow(), MaxCommands, PairingProbes.Probe },
            cancellationToken);
        _schedule.Keep(commands.Select(static command => (command.Device, command.Counter)));
        if (!connection.IsConnected)
        {
            return;
        }

        var now = wall.UtcNow;
        var due = commands.Where(command => _schedule.IsDue((command.Device, command.Counter), now)).ToList();
        if (due.Count > 0)
        {
            await PublishAsync(connection, due, cancellationToken);
        }
    }

    private async Task PublishAsync(
        IMqttConnection connection, IReadOnlyList<Command> commands, CancellationToken cancellationToken)
    {
        try
        {
            await connection.PublishAllAsync(
                [.. commands.Select(MessageOf)], MqttQos.AtLeastOnce, cancellationToken);
        }
        catch (MqttException exception)
        {
            // Not connected any more: the next tick tries all of them again.
            foreach (var command in commands)
            {
                Log.CommandNotPublished(logger, command.Counter, command.Device.ToString(), exception.Message);
            }

            return;
        }

        foreach (var command in commands)
        {
            _schedule.Published((command.Device, command.Counter), wall.UtcNow);
        }
    }

    private (string Topic, ReadOnlyMemory<byte> Payload) MessageOf(Command command)
    {
        var message = new LockCommand
        {
            Device = command.Device,
            Counter = command.Counter,
            Kind = command.CommandedWh == 0 ? CommandKind.Release : CommandKind.Lock,
            Order = command.OrderId,
            EnergyWh = command.CommandedWh,
            Expires = command.CommandedUntil.ToUnixTimeSeconds(),
        }.Authenticated(keys.For(command.Device));
        return (
            Topics.Command(command.Device.ToString()),
            JsonSerializer.SerializeToUtf8Bytes(message, ProtocolJson.Default.LockCommand));
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Tick, wall.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            _ = await _wakes.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The tick is over.
        }
    }
}
