using System.Text.Json;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.EdgeGateway.Commands;

/// <summary>
/// Device → cloud: signed statements are verified, the newest of each device is stored, and relayed byte for byte.
/// After every connect to the cloud's broker the newest of all devices are told again; receivers pass over what they
/// have seen.
/// </summary>
internal sealed class StateRelay : SupervisedService
{
    internal const int MaxPayloadBytes = 2048;
    private const int InboxCapacity = 5000;
    private const int MaxBatch = 200;

    private readonly CloudBroker _cloud;
    private readonly DeviceDirectory _directory;
    private readonly StateStore _store;
    private readonly Refusals _refusals;
    private readonly ILogger _logger;
    private readonly Inbox<MqttMessage> _inbox = new(InboxCapacity);
    private int _tellAll = 1;

    public StateRelay(
        HomeBroker home,
        CloudBroker cloud,
        DeviceDirectory directory,
        StateStore store,
        Refusals refusals,
        WallTime wall,
        ILogger<StateRelay> logger)
        : base(wall, logger)
    {
        (_cloud, _directory, _store, _refusals, _logger) = (cloud, directory, store, refusals, logger);
        home.Connection.MessageReceived += OnMessage;
        home.Connection.Subscribe(Topics.AllStates, MqttQos.AtLeastOnce);
        cloud.Connection.ConnectionChanged += OnCloudConnection;
    }

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var states = Checked(await _inbox.TakeAsync(MaxBatch, cancellationToken));
            var news = states.Count > 0 ? _store.Add(states) : [];
            if (!_cloud.Connection.IsConnected)
            {
                continue;
            }

            // All of them include the news, but only the newest of each device: the news in between are told as well.
            var told = await TryTellAsync(
                news.Select(static entry => (entry.State.Device, entry.Payload)), cancellationToken);
            if (told
                && Interlocked.Exchange(ref _tellAll, 0) == 1
                && !await TryTellAsync(_store.All(), cancellationToken))
            {
                _ = Interlocked.Exchange(ref _tellAll, 1);
            }
        }
    }

    private void OnCloudConnection(bool connected)
    {
        _ = Interlocked.Exchange(ref _tellAll, 1);
        _inbox.Wake();
    }

    private void OnMessage(MqttMessage message)
    {
        if (message.Topic.EndsWith("/state", StringComparison.Ordinal) && !_inbox.TryAdd(message))
        {
            _refusals.Add(Refusals.InboxFull, message.Topic);
        }
    }

    private List<(DeviceState State, byte[] Payload)> Checked(List<MqttMessage> messages)
    {
        var states = new List<(DeviceState, byte[])>();
        foreach (var message in messages)
        {
            if (Refuse(message, out var state) is { } code)
            {
                _refusals.Add(code, message.Topic);
            }
            else
            {
                states.Add((state!, message.Payload));
            }
        }

        return states;
    }

    private string? Refuse(MqttMessage message, out DeviceState? state)
    {
        state = null;
        if (message.Payload.Length > MaxPayloadBytes)
        {
            return ProblemCodes.RequestTooLarge;
        }

        if (!_directory.TryGet(Topics.DeviceOf(message.Topic) ?? string.Empty, out var device))
        {
            _directory.RefreshWanted.Set();
            return ProblemCodes.UnknownDevice;
        }

        try
        {
            state = JsonSerializer.Deserialize(message.Payload, ProtocolJson.Default.DeviceState);
        }
        catch (JsonException)
        {
            return Refusals.MalformedState;
        }

        if (state is not { Sequence: >= 1 })
        {
            return Refusals.MalformedState;
        }

        if (state.Device != device)
        {
            return Refusals.TopicMismatch;
        }

        return state.HasValidSignature() ? null : ProblemCodes.BadSignature;
    }

    private async Task<bool> TryTellAsync(
        IEnumerable<(Key32 Device, byte[] Payload)> states, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (device, payload) in states)
            {
                await _cloud.Connection.PublishAsync(
                    Topics.State(device.ToString()), payload, MqttQos.AtLeastOnce, retain: false, cancellationToken);
            }

            return true;
        }
        catch (MqttException exception)
        {
            // Told again after the next connect.
            Log.StateNotRelayed(_logger, exception.Message);
            return false;
        }
    }
}
