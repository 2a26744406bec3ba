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
/// have seen. What a device repeats is not verified and stored anew, and relayed from time to time
/// (<see cref="ToldStates"/>).
/// </summary>
internal sealed class StateRelay : SupervisedService
{
    internal const int MaxPayloadBytes = 2048;
    private const int InboxCapacity = 5000;
    private const int MaxBatch = 200;

    private readonly CloudBroker _cloud;
    private readonly DeviceDirectory _directory;
    private readonly StateStore _store;
    private readonly ToldStates _told;
    private readonly Refusals _refusals;
    private readonly ILogger _logger;
    private readonly Inbox<MqttMessage> _inbox = new(InboxCapacity);
    private int _tellAll = 1;

    public StateRelay(
        HomeBroker home,
        CloudBroker cloud,
        DeviceDirectory directory,
        StateStore store,
        ToldStates told,
        Refusals refusals,
        WallTime wall,
        ILogger<StateRelay> logger)
        : base(wall, logger)
    {
        (_cloud, _directory, _store, _told) = (cloud, directory, store, told);
        (_refusals, _logger) = (refusals, logger);
        store.WhenOpened(told.ForgetAll);
        directory.Refreshed += () => told.ForgetBut(device => directory.TryGet(device.ToString(), out _));
        home.Connection.MessageReceived += OnMessage;
        home.Connection.Subscribe(Topics.AllStates, MqttQos.AtLeastOnce);
        cloud.Connection.ConnectionChanged += OnCloudConnection;
    }

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var (states, again) = Checked(await _inbox.TakeAsync(MaxBatch, cancellationToken));
            var news = states.Count > 0 ? _store.Add(states) : [];
            if (!_cloud.Connection.IsConnected)
            {
                continue;
            }

            // All of them include the news, but only the newest of each device: the news in between are told as well.
            again.AddRange(news.Select(static entry => (entry.State.Device, entry.Payload)));
            if (await TryTellAsync(again, cancellationToken) && Interlocked.Exchange(ref _tellAll, 0) == 1)
            {
                await TellAllAsync(cancellationToken);
            }
        }
    }

    private async Task TellAllAsync(CancellationToken cancellationToken)
    {
        var isDone = false;
        try
        {
            isDone = await TryTellAsync(_store.All(), cancellationToken);
        }
        finally
        {
            if (!isDone)
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

    /// <summary>What is to be stored before it is told, and what is only to be told again.</summary>
    private (List<(DeviceState State, byte[] Payload)> News, List<(Key32 Device, byte[] Payload)> Again) Checked(
        List<MqttMessage> messages)
    {
        var news = new List<(DeviceState, byte[])>();
        var again = new List<(Key32, byte[])>();
        var seen = new Dictionary<Key32, byte[]>();
        foreach (var message in messages)
        {
            var code = RefuseUnread(message, out var device);
            var telling = code is null ? TellingOf(device, message.Payload, seen) : Telling.None;
            DeviceState? state = null;
            code = telling == Telling.News ? Refuse(message, device, out state) : code;
            if (code is not null)
            {
                _refusals.Add(code, message.Topic);
                continue;
            }

            seen[device] = message.Payload;
            if (telling == Telling.News)
            {
                news.Add((state!, message.Payload));
            }
            else if (telling == Telling.Again)
            {
                again.Add((device, message.Payload));
            }
        }

        return (news, again);
    }

    /// <param name="device">Who speaks.</param>
    /// <param name="payload">What he says.</param>
    /// <param name="seen">What each device has said last among the messages at hand, which are about to go.</param>
    private Telling TellingOf(Key32 device, byte[] payload, Dictionary<Key32, byte[]> seen) =>
        seen.TryGetValue(device, out var last) && payload.AsSpan().SequenceEqual(last)
            ? Telling.Told
            : _told.Of(device, payload);

    private string? RefuseUnread(MqttMessage message, out Key32 device)
    {
        device = default;
        if (message.Payload.Length > MaxPayloadBytes)
        {
            return ProblemCodes.RequestTooLarge;
        }

        if (!_directory.TryGet(Topics.DeviceOf(message.Topic) ?? string.Empty, out device))
        {
            _directory.RefreshWanted.Set();
            return ProblemCodes.UnknownDevice;
        }

        return null;
    }

    private static string? Refuse(MqttMessage message, Key32 device, out DeviceState? state)
    {
        state = null;
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
        IReadOnlyList<(Key32 Device, byte[] Payload)> states, CancellationToken cancellationToken)
    {
        var forgotten = _told.Forgotten;
        try
        {
            await _cloud.Connection.PublishAllAsync(
                [.. states.Select(static one =>
                    (Topics.State(one.Device.ToString()), (ReadOnlyMemory<byte>)one.Payload))],
                MqttQos.AtLeastOnce,
                cancellationToken);
        }
        catch (MqttException exception)
        {
            // Told again after the next connect.
            Log.StateNotRelayed(_logger, exception.Message);
            return false;
        }

        _told.Told(states, forgotten);
        return true;
    }
}
