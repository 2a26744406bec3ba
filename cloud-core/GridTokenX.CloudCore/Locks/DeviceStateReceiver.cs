using System.Text.Json;
using System.Threading.Channels;
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
/// Takes the devices' signed statements from the broker. What is malformed, unknown or not signed is refused and
/// logged; a statement that gets lost is no harm, because the device repeats its newest one.
/// </summary>
internal sealed class DeviceStateReceiver(
    DeviceStateRecords records,
    DatabaseReadiness readiness,
    WallTime wall,
    ILogger<DeviceStateReceiver> logger,
    IMqttConnection? broker = null) : BackgroundService
{
    private const int MaxBytes = 2_048;
    private const int MaxWaiting = 4_096;
    private const int MaxAtOnce = 256;

    // No order is larger than this by far; it keeps sums of statements within 64 bits.
    private const long MaxEnergyWh = 1_000_000_000_000;
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(5);

    // Most statements are repetitions: those are passed over without asking the database.
    private const int MaxSeen = 100_000;

    private sealed record Statement(MqttMessage Message, DeviceState State);

    private readonly Dictionary<Key32, long> _seen = [];

    // By topic, the bytes of what was seen last: the very same ones are not even read.
    private readonly Dictionary<string, byte[]> _taken = new(StringComparer.Ordinal);
    private readonly Channel<MqttMessage> _messages = Channel.CreateBounded<MqttMessage>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (broker is not null)
        {
            broker.MessageReceived -= Receive;
        }

        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (broker is null)
        {
            return;
        }

        await readiness.WaitAsync(stoppingToken);
        broker.MessageReceived += Receive;
        broker.Subscribe(Topics.AllStates, MqttQos.AtLeastOnce);
        broker.Start();
        while (await _messages.Reader.WaitToReadAsync(stoppingToken))
        {
            await HandleWaitingAsync(stoppingToken);
        }
    }

    private void Receive(MqttMessage message) => _ = _messages.Writer.TryWrite(message);

    /// <summary>
    /// What has come is stored together, one statement a device: the next one of a device comes after.
    /// </summary>
    private async Task HandleWaitingAsync(CancellationToken cancellationToken)
    {
        Dictionary<Key32, Statement> group = [];
        for (var i = 0; i < MaxAtOnce && _messages.Reader.TryRead(out var message); i++)
        {
            if (Read(message) is not { } statement)
            {
                continue;
            }

            if (group.ContainsKey(statement.State.Device))
            {
                await StoreAsync(group.Values, cancellationToken);
                group.Clear();
            }

            if (await IsNewsAsync(statement, cancellationToken))
            {
                group.Add(statement.State.Device, statement);
            }
        }

        await StoreAsync(group.Values, cancellationToken);
    }

    /// <summary>Null when it is refused, or was taken before.</summary>
    private Statement? Read(MqttMessage message)
    {
        if (_taken.TryGetValue(message.Topic, out var taken) && message.Payload.AsSpan().SequenceEqual(taken))
        {
            return null;
        }

        if (!TryRead(message, out var state, out var reason))
        {
            Log.StateRefused(logger, message.Topic, reason);
            return null;
        }

        return new Statement(message, state);
    }

    private async Task<bool> IsNewsAsync(Statement statement, CancellationToken cancellationToken)
    {
        var (message, state) = statement;
        var isKnown = _seen.TryGetValue(state.Device, out var seen);
        if (isKnown && state.Sequence <= seen)
        {
            return false;
        }

        // What we have stored of the device is older.
        var news = isKnown ? DeviceStateNews.Newer : DeviceStateNews.None;
        if (!isKnown)
        {
            _ = await TryAsync(
                async () => news = await records.NewsAsync(state.Device, state.Sequence, cancellationToken),
                cancellationToken);
        }

        switch (news)
        {
            case DeviceStateNews.UnknownDevice:
                Log.StateRefused(logger, message.Topic, "the device is not registered");
                return false;
            case DeviceStateNews.Newer when !state.HasValidSignature():
                Log.StateRefused(logger, message.Topic, "the signature does not verify");
                return false;
            case DeviceStateNews.Newer:
                return true;
            case DeviceStateNews.Seen:
                Remember(statement);
                return false;
            default:
                return false;
        }
    }

    private async Task StoreAsync(IReadOnlyCollection<Statement> group, CancellationToken cancellationToken)
    {
        if (group.Count == 0
            || await TryAsync(() => ApplyAsync(group, cancellationToken), cancellationToken)
            || group.Count == 1)
        {
            return;
        }

        // One of them spoils it for all: each for itself.
        foreach (var statement in group)
        {
            _ = await TryAsync(() => ApplyAsync([statement], cancellationToken), cancellationToken);
        }
    }

    private async Task ApplyAsync(IReadOnlyCollection<Statement> group, CancellationToken cancellationToken)
    {
        var stored = await records.ApplyAsync([.. group.Select(static one => one.State)], cancellationToken);
        foreach (var statement in group)
        {
            var state = statement.State;
            if (stored.Contains(state.Device))
            {
                Remember(statement);
                TellRefusal(state);
            }
            else if (_seen.ContainsKey(state.Device)
                && await records.NewsAsync(state.Device, state.Sequence, cancellationToken) == DeviceStateNews.Seen)
            {
                // Another process was faster.
                Remember(statement);
            }
        }
    }

    /// <summary>
    /// While the database is away it is tried again; false when something else is wrong, which must not stop the
    /// others.
    /// </summary>
    private async Task<bool> TryAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await work();
                return true;
            }
            catch (NpgsqlException exception) when (DatabaseFaults.IsUnavailable(exception))
            {
                Log.LockWorkFailed(logger, exception, "Storing a device's state", FailureDelay);
                await wall.DelayAsync(FailureDelay, cancellationToken);
            }
#pragma warning disable CA1031 // One statement that cannot be stored must not stop the others.
            catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
            {
                Log.LockWorkFailed(logger, exception, "Storing a device's state", TimeSpan.Zero);
                return false;
            }
        }
    }

    private void TellRefusal(DeviceState state)
    {
        if (state.Cause == StateCause.Refused)
        {
            Log.CommandRefused(logger, state.Device.ToString(), state.Counter, state.Refusal.ToString());
        }
    }

    /// <summary>It stands in the database, or a newer one does.</summary>
    private void Remember(Statement statement)
    {
        if (_seen.Count >= MaxSeen)
        {
            _seen.Clear();
            _taken.Clear();
        }

        _seen[statement.State.Device] = statement.State.Sequence;
        _taken[statement.Message.Topic] = statement.Message.Payload;
    }

    private static bool TryRead(MqttMessage message, out DeviceState state, out string reason)
    {
        state = null!;
        if (message.Payload.Length > MaxBytes)
        {
            reason = $"{message.Payload.Length} bytes are too many";
            return false;
        }

        try
        {
            state = JsonSerializer.Deserialize(message.Payload, ProtocolJson.Default.DeviceState)
                ?? throw new JsonException("null");
        }
        catch (JsonException exception)
        {
            reason = exception.Message;
            return false;
        }

        reason = Fault(message.Topic, state) ?? string.Empty;
        return reason.Length == 0;
    }

    private static string? Fault(string topic, DeviceState state)
    {
        if (!Key32.TryParse(Topics.DeviceOf(topic), out var device) || device != state.Device)
        {
            return "the topic is another device's";
        }

        if (state.State == LockState.None || state.Cause == StateCause.None)
        {
            return "state or cause is missing";
        }

        return state.Sequence <= 0
            || state.Counter < 0
            || state.EnergyWh is < 0 or > MaxEnergyWh
            || state.DeliveredWh is < 0 or > MaxEnergyWh
                ? "a number is out of range"
                : null;
    }
}
