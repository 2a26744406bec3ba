using System.Text.Json;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Time;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.EdgeGateway.Commands;

/// <summary>
/// Cloud → device: commands that came over the cloud connection, for our devices, go to the home broker byte for byte.
/// They are stored first, so that neither a restart nor an absent broker or device loses one before it expires; the MAC
/// is the device's to check.
/// </summary>
internal sealed class CommandRelay : SupervisedService
{
    internal const int MaxPayloadBytes = 2048;
    private const int InboxCapacity = 5000;
    private const int MaxBatch = 200;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    private readonly HomeBroker _home;
    private readonly CloudBroker _cloud;
    private readonly DeviceDirectory _directory;
    private readonly DeviceWatch _watch;
    private readonly CommandStore _store;
    private readonly ToldStates _told;
    private readonly MarketClock _clock;
    private readonly Refusals _refusals;
    private readonly ILogger _logger;
    private readonly Inbox<MqttMessage> _inbox = new(InboxCapacity);

    public CommandRelay(
        HomeBroker home,
        CloudBroker cloud,
        DeviceDirectory directory,
        DeviceWatch watch,
        CommandStore store,
        ToldStates told,
        MarketClock clock,
        Refusals refusals,
        WallTime wall,
        ILogger<CommandRelay> logger)
        : base(wall, logger)
    {
        (_home, _cloud, _directory, _watch, _store) = (home, cloud, directory, watch, store);
        (_told, _clock, _refusals, _logger) = (told, clock, refusals, logger);
        cloud.Connection.MessageReceived += OnMessage;
        home.Connection.ConnectionChanged += _ => _inbox.Wake();
        watch.Changed += _inbox.Wake;
        directory.Refreshed += Subscribe;
        Subscribe();
    }

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        // What waits for an absent device is looked at from time to time, so that it goes when it has expired.
        await using var timer = Wall.Clock.CreateTimer(_ => _inbox.Wake(), null, LookAgain, LookAgain);
        while (!cancellationToken.IsCancellationRequested)
        {
            var commands = Checked(await _inbox.TakeAsync(MaxBatch, cancellationToken));
            if (commands.Count > 0)
            {
                _store.Add(commands);
            }

            await RelayAsync(cancellationToken);
        }
    }

    private void Subscribe()
    {
        foreach (var name in _directory.Names)
        {
            _cloud.Connection.Subscribe(Topics.Command(name), MqttQos.AtLeastOnce);
        }
    }

    private void OnMessage(MqttMessage message)
    {
        if (!_inbox.TryAdd(message))
        {
            _refusals.Add(Refusals.InboxFull, message.Topic);
        }
    }

    private List<StoredCommand> Checked(List<MqttMessage> messages)
    {
        var commands = new List<StoredCommand>();
        foreach (var message in messages)
        {
            if (Refuse(message, out var command) is { } code)
            {
                _refusals.Add(code, message.Topic);
            }
            else
            {
                commands.Add(new StoredCommand(command!.Device, command.Counter, command.Expires, message.Payload));
            }
        }

        return commands;
    }

    private string? Refuse(MqttMessage message, out LockCommand? command)
    {
        command = null;
        if (message.Payload.Length > MaxPayloadBytes)
        {
            return ProblemCodes.RequestTooLarge;
        }

        var name = Topics.DeviceOf(message.Topic) ?? string.Empty;
        if (!_directory.TryGet(name, out var device)
            || !string.Equals(message.Topic, Topics.Command(name), StringComparison.Ordinal))
        {
            return ProblemCodes.UnknownDevice;
        }

        try
        {
            command = JsonSerializer.Deserialize(message.Payload, ProtocolJson.Default.LockCommand);
        }
        catch (JsonException)
        {
            return Refusals.MalformedCommand;
        }

        if (command is not { Kind: not CommandKind.None, Counter: >= 1, EnergyWh: >= 0 })
        {
            return Refusals.MalformedCommand;
        }

        return command.Device == device ? null : Refusals.TopicMismatch;
    }

    /// <summary>In the order of their counters; what the home broker does not take stays for its return.</summary>
    private async Task RelayAsync(CancellationToken cancellationToken)
    {
        foreach (var command in _store.All())
        {
            if (_clock.Now is { } now && command.Expires <= now.ToUnixTimeSeconds())
            {
                Log.CommandExpired(_logger, command.Device, command.Counter);
                _store.Remove(command);
                continue;
            }

            if (_watch.IsOffline(command.Device) || !_directory.TryGet(command.Device.ToString(), out _))
            {
                continue;
            }

            if (!_home.Connection.IsConnected)
            {
                return;
            }

            // The cloud waits for an answer; to a repeated command it is what the device has said before.
            _told.Forget(command.Device);
            try
            {
                await _home.Connection.PublishAsync(
                    Topics.Command(command.Device.ToString()),
                    command.Payload,
                    MqttQos.AtLeastOnce,
                    retain: false,
                    cancellationToken);
            }
            catch (MqttException exception)
            {
                Log.CommandNotRelayed(_logger, command.Device, command.Counter, exception.Message);
                return;
            }

            _store.Remove(command);
            Log.CommandRelayed(_logger, command.Device, command.Counter);
        }
    }
}
