using System.Collections.Concurrent;
using System.Text.Json;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Simulator.Live;

/// <summary>
/// Through a gateway's broker: a reading counts as taken when the gateway has acknowledged it, which it does once it
/// has stored it.
/// </summary>
internal sealed class MqttUplink : ILiveUplink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly MosquittoConnection _connection;
    private readonly WallTime _time;
    private readonly ConcurrentDictionary<(string Device, long Sequence), TaskCompletionSource> _waiting = new();

    public MqttUplink(string host, int port, WallTime time)
    {
        _time = time;
        _connection = new MosquittoConnection(
            new MqttOptions
            {
                Host = host,
                Port = port,
                ClientId = $"simulator-{Guid.NewGuid():N}",
                CleanSession = true,
            },
            static (_, _) => { });
        _connection.MessageReceived += Take;
        _connection.Subscribe(Topics.ReadingAck("+"), MqttQos.AtLeastOnce);
        _connection.Start();
    }

    public int MaxBatch => 100;

    public async Task<IReadOnlyList<LiveVerdict>> SendAsync(
        IReadOnlyList<SignedReading> readings, CancellationToken cancellationToken)
    {
        var answers = readings.ToDictionary(
            static reading => (reading.Device.ToString(), reading.Sequence),
            static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        foreach (var (key, answer) in answers)
        {
            _waiting[key] = answer;
        }

        try
        {
            await _connection.PublishAllAsync(
                [.. readings.Select(static reading => (
                    Topics.Reading(reading.Device.ToString()),
                    (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(
                        reading, ProtocolJson.Default.SignedReading)))],
                MqttQos.AtLeastOnce,
                cancellationToken);
            await Task.WhenAll(answers.Values.Select(static answer => answer.Task))
                .WaitAsync(Patience, _time.Clock, cancellationToken);
        }
        catch (MqttException exception)
        {
            throw new UplinkAwayException($"The broker: {exception.Message}", isThrottled: false, exception);
        }
        catch (TimeoutException)
        {
            // Whatever was acknowledged until now counts; the rest is sent again.
        }
        finally
        {
            foreach (var key in answers.Keys)
            {
                _ = _waiting.TryRemove(key, out _);
            }
        }

        var taken = readings.Where(reading =>
            answers[(reading.Device.ToString(), reading.Sequence)].Task.IsCompletedSuccessfully).ToList();
        return taken.Count > 0
            ? taken.ConvertAll(static reading => new LiveVerdict(reading, null))
            : throw new UplinkAwayException(
                $"No gateway has acknowledged a reading within {Patience.TotalSeconds:0} s.", isThrottled: false);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private void Take(MqttMessage message)
    {
        try
        {
            var answer = JsonSerializer.Deserialize(message.Payload, ProtocolJson.Default.ReadingAcknowledgement);
            if (answer is not null && Topics.DeviceOf(message.Topic) is { } device
                && _waiting.TryGetValue((device, answer.Sequence), out var waiting))
            {
                _ = waiting.TrySetResult();
            }
        }
        catch (JsonException)
        {
            // Not from a gateway.
        }
    }
}
