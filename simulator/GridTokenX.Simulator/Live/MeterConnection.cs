using GridTokenX.Mqtt;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Simulator.Live;

/// <summary>A user's connection to a gateway's broker: one meter's, or all meters'.</summary>
internal sealed class MeterConnection : IAsyncDisposable
{
    private readonly MosquittoConnection _connection;
    private readonly LiveBroker _broker;
    private readonly TaskCompletionSource _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="broker">Where it is.</param>
    /// <param name="device">Whose it is; null for one of all.</param>
    /// <param name="received">Told of the gateway's acknowledgements.</param>
    /// <param name="loop">Serves it.</param>
    public MeterConnection(LiveBroker broker, Key32? device, Action<MqttMessage> received, MqttLoop loop)
    {
        _broker = broker;
        var user = device is { } key && broker.Devices is { } devices ? devices.UserOf(key) : broker.User;
        _connection = new MosquittoConnection(
            new MqttOptions
            {
                Host = broker.Host,
                Port = broker.Port,
                ClientId = $"simulator-{Guid.NewGuid():N}",
                UserName = user?.Name,
                Password = user?.Password,
                TlsAuthorityFile = broker.AuthorityFile,
                CleanSession = true,
            },
            (_, _) => Decide(),
            loop: loop);
        _connection.MessageReceived += received;
        _connection.ConnectionChanged += _ => Decide();
        _connection.Subscribe(Topics.ReadingAck(device?.ToString() ?? "+"), MqttQos.AtLeastOnce);
    }

    /// <summary>Begins to connect; ends with the first attempt. It goes on trying by itself.</summary>
    /// <exception cref="UplinkAwayException">The broker is not there, or does not let us in.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        _connection.Start();
        await _decided.Task.WaitAsync(cancellationToken);
        if (_connection.Trouble is { } trouble)
        {
            throw Away(trouble);
        }
    }

    /// <exception cref="UplinkAwayException">Not sent, or perhaps not all of them.</exception>
    public async Task PublishAsync(
        IReadOnlyCollection<(string Topic, ReadOnlyMemory<byte> Payload)> messages, CancellationToken cancellationToken)
    {
        try
        {
            await _connection.PublishAllAsync(messages, MqttQos.AtLeastOnce, cancellationToken);
        }
        catch (MqttException exception)
        {
            throw Away(_connection.Trouble ?? exception);
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>A report that is not of the connection's end leaves it undecided.</summary>
    private void Decide()
    {
        if (_connection.IsConnected || _connection.Trouble is not null)
        {
            _ = _decided.TrySetResult();
        }
    }

    private UplinkAwayException Away(MqttException trouble) => new(
        UplinkCodes.Of(trouble.Fault),
        $"the broker {_broker}: {trouble.Message} {UplinkCodes.AdviceOf(trouble.Fault)}",
        isThrottled: false,
        trouble);
}
