using System.Collections.Concurrent;
using System.Text.Json;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
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
    /// <summary>A connection each, and a broker of the package takes 512.</summary>
    public const int MaxDevices = 500;

    private const int OpenedAtOnce = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly WallTime _time;
    private readonly MeterConnection? _ofAll;
    private readonly Dictionary<Key32, MeterConnection> _ofDevices = [];
    private readonly ConcurrentDictionary<(Key32 Device, long Sequence), TaskCompletionSource> _waiting = new();

    /// <param name="broker">Where it is, and who the meters are there.</param>
    /// <param name="devices">The meters' keys.</param>
    /// <param name="time">For the patience with the gateway.</param>
    /// <exception cref="FormatException">A device has no password, or there are too many of them.</exception>
    public MqttUplink(LiveBroker broker, IReadOnlyCollection<Key32> devices, WallTime time)
    {
        _time = time;
        var loop = new MqttLoop("mqtt meters");
        if (broker.Devices is null)
        {
            _ofAll = new MeterConnection(broker, null, Take, loop);
            return;
        }

        if (devices.Count > MaxDevices)
        {
            throw new FormatException($"At most {MaxDevices} meters have a user of their own at a broker.");
        }

        foreach (var device in devices)
        {
            _ofDevices.Add(device, new MeterConnection(broker, device, Take, loop));
        }
    }

    public int MaxBatch => 100;

    private IEnumerable<MeterConnection> Connections =>
        _ofAll is { } connection ? [connection] : _ofDevices.Values;

    /// <summary>Connects; from then on it comes back by itself.</summary>
    /// <exception cref="UplinkAwayException">The broker is not there, or does not let a meter in.</exception>
    public Task OpenAsync(CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Connections,
        new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce, CancellationToken = cancellationToken },
        static async (connection, cancellation) => await connection.OpenAsync(cancellation));

    public async Task<IReadOnlyList<LiveVerdict>> SendAsync(
        IReadOnlyList<SignedReading> readings, CancellationToken cancellationToken)
    {
        var answers = readings.ToDictionary(
            static reading => (reading.Device, reading.Sequence),
            static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        foreach (var (key, answer) in answers)
        {
            _waiting[key] = answer;
        }

        UplinkAwayException? away;
        try
        {
            away = await PublishAsync(readings, answers, cancellationToken);
        }
        finally
        {
            foreach (var key in answers.Keys)
            {
                _ = _waiting.TryRemove(key, out _);
            }
        }

        var taken = readings.Where(reading =>
            answers[(reading.Device, reading.Sequence)].Task.IsCompletedSuccessfully).ToList();
        return taken.Count > 0
            ? taken.ConvertAll(static reading => new LiveVerdict(reading, null))
            : throw away ?? new UplinkAwayException(
                UplinkCodes.GatewaySilent,
                $"no gateway has acknowledged a reading within {Patience.TotalSeconds:0} s. Is it at this broker, and "
                + "does the broker's access list let these meters speak?",
                isThrottled: false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in Connections)
        {
            await connection.DisposeAsync();
        }
    }

    /// <summary>
    /// Waits until all that could be published are acknowledged, or for so long; a meter whose connection is down holds
    /// nobody else up.
    /// </summary>
    private async Task<UplinkAwayException?> PublishAsync(
        IReadOnlyList<SignedReading> readings,
        Dictionary<(Key32 Device, long Sequence), TaskCompletionSource> answers,
        CancellationToken cancellationToken)
    {
        var parts = readings.GroupBy(reading => _ofAll ?? _ofDevices[reading.Device]).ToList();
        var sent = await Task.WhenAll(parts.Select(part => TryPublishAsync(part.Key, [.. part], cancellationToken)));
        var awaited = parts
            .Where((_, i) => sent[i] is null)
            .SelectMany(static part => part)
            .Select(reading => answers[(reading.Device, reading.Sequence)].Task)
            .ToList();
        try
        {
            await Task.WhenAll(awaited).WaitAsync(Patience, _time.Clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Whatever was acknowledged until now counts; the rest is sent again.
        }

        return sent.FirstOrDefault(static fault => fault is not null);
    }

    private static async Task<UplinkAwayException?> TryPublishAsync(
        MeterConnection connection, IReadOnlyList<SignedReading> readings, CancellationToken cancellationToken)
    {
        try
        {
            await connection.PublishAsync(
                [.. readings.Select(static reading => (
                    Topics.Reading(reading.Device.ToString()),
                    (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(
                        reading, ProtocolJson.Default.SignedReading)))],
                cancellationToken);
            return null;
        }
        catch (UplinkAwayException away)
        {
            return away;
        }
    }

    private void Take(MqttMessage message)
    {
        try
        {
            var answer = JsonSerializer.Deserialize(message.Payload, ProtocolJson.Default.ReadingAcknowledgement);
            if (answer is not null && Topics.DeviceOf(message.Topic) is { } name
                && Key32.TryParse(name, out var device)
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
