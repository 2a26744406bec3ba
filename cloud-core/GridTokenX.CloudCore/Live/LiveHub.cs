using System.Diagnostics;
using System.Security.Cryptography;
using System.Threading.Channels;
using GridTokenX.CloudCore.Metrics;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Live;

/// <summary>
/// For whoever commits in this process: says that there is something to look at, so that nobody has to wait for the
/// next look. It is never needed for correctness.
/// </summary>
public interface IMarketFeed
{
    void Changed();
}

/// <summary>
/// One loop that looks what was committed, reads the state of every topic that it concerns and that somebody watches,
/// and sends the difference to all who do, written once. It alone touches topics and subscriptions. While nobody
/// watches it does nothing.
/// </summary>
internal sealed class LiveHub(
    LiveChanges changes,
    IEnumerable<ILiveChannel> channels,
    DatabaseReadiness readiness,
    LiveOptions options,
    CloudMetrics metrics,
    WallTime wall,
    ILogger<LiveHub> logger) : BackgroundService, IMarketFeed
{
    private const int MaxCommands = 20_000;

    // A topic is read again after four times as long as it took: at most a fifth of the time goes into it.
    private const int RestFactor = 4;
    private static readonly TimeSpan KeptIdle = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, ILiveChannel> _channels =
        channels.ToDictionary(static channel => channel.Name, StringComparer.Ordinal);

    private readonly Dictionary<TopicName, LiveTopic> _topics = [];
    private readonly List<Joining> _joining = [];
    private readonly SemaphoreSlim _wake = new(0);
    private int _woken;
    private int _watched;
    private readonly Channel<Action> _commands = Channel.CreateBounded<Action>(MaxCommands);
    private readonly string _process = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private long _streams;

    private readonly record struct Joining(LiveClient Client, LiveTopic Topic, string? Stream, long? Sequence);

    internal int Topics => Volatile.Read(ref _watched);

    /// <summary>With all that is asked for: from now on a zone has to exist.</summary>
    internal bool IsCrowded => Topics + _commands.Reader.Count >= options.FreeTopics;

    public void Changed()
    {
        // Calls between two looks count as one.
        if (Interlocked.Exchange(ref _woken, 1) == 0)
        {
            _ = _wake.Release();
        }
    }

    internal ILiveChannel? ChannelNamed(string name) => _channels.GetValueOrDefault(name);

    /// <summary>
    /// Sends the state, or what came after what the client has; everything that follows comes by itself.
    /// </summary>
    internal ValueTask SubscribeAsync(
        LiveClient client, TopicName name, string? stream, long? sequence, CancellationToken cancellationToken) =>
        CommandAsync(
            () =>
            {
                if (!client.HasLeft)
                {
                    _joining.Add(new Joining(client, TopicOf(name), stream, sequence));
                }
            },
            cancellationToken);

    internal ValueTask UnsubscribeAsync(LiveClient client, TopicName name, CancellationToken cancellationToken) =>
        CommandAsync(
            () =>
            {
                _ = _joining.RemoveAll(joining => joining.Client == client && joining.Topic.Name == name);
                if (_topics.GetValueOrDefault(name) is { } topic)
                {
                    Remove(client, topic);
                }
            },
            cancellationToken);

    /// <summary>Ends what only the signed-in may watch.</summary>
    internal ValueTask UnsubscribeOwnAsync(LiveClient client, CancellationToken cancellationToken) => CommandAsync(
        () =>
        {
            foreach (var topic in client.Topics.Where(static topic => topic.Name.User is not null).ToList())
            {
                Remove(client, topic);
            }

            _ = _joining.RemoveAll(joining => joining.Client == client && joining.Topic.Name.User is not null);
        },
        cancellationToken);

    internal ValueTask LeaveAsync(LiveClient client) => CommandAsync(
        () =>
        {
            client.HasLeft = true;
            RemoveAll(client);
        },
        CancellationToken.None);

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RoundAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException exception)
            {
                Log.LiveInterrupted(logger, FailureDelay, exception.Message);
                await BeginAnewAsync(stoppingToken);
            }
#pragma warning disable CA1031 // Whatever is wrong, the next round reads everything from the beginning.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.LiveFailed(logger, exception, FailureDelay);
                await BeginAnewAsync(stoppingToken);
            }
        }
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        _ = await _wake.WaitAsync(
            _topics.Count == 0 ? Timeout.InfiniteTimeSpan : options.PollInterval, cancellationToken);
        _ = Interlocked.Exchange(ref _woken, 0);
        while (_commands.Reader.TryRead(out var command))
        {
            command();
        }

        ForgetIdle();
        if (_topics.Count == 0)
        {
            changes.End();
            return;
        }

        if (!changes.HasBegun)
        {
            await changes.BeginAsync(cancellationToken);
        }
        else if (await changes.ReadAsync(cancellationToken) is { } found)
        {
            Mark(found);
        }
        else
        {
            await changes.BeginAsync(cancellationToken);
            ForgetAll();
        }

        await LoadAsync(cancellationToken);
        Join();
    }

    /// <summary>Nobody knows what was missed: who watches subscribes again, and every topic is read anew.</summary>
    private void ForgetAll()
    {
        List<LiveClient> watching = [.. _topics.Values.SelectMany(static topic => topic.Clients).Distinct()];
        Log.LiveMissed(logger, watching.Count);
        watching.ForEach(StartAnew);
        MarkAll();
    }

    private void MarkAll()
    {
        foreach (var topic in _topics.Values)
        {
            topic.IsDirty = true;
        }
    }

    private void Mark(IReadOnlyList<LiveChange> found)
    {
        if (found.Count == 0)
        {
            return;
        }

        foreach (var kind in found.GroupBy(static change => change.Kind, StringComparer.Ordinal))
        {
            var zones = kind.SelectMany(static change => change.Zones).ToHashSet(StringComparer.Ordinal);
            var owners = kind.SelectMany(static change => change.Owners).ToHashSet();
            foreach (var topic in _topics.Values)
            {
                topic.IsDirty |= _channels[topic.Name.Channel].Kind == kind.Key
                    && (topic.Name.Zone is { } zone ? zones.Contains(zone) : owners.Contains(topic.Name.User!.Value));
            }
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var now = wall.UtcNow;
        var due = _topics.Values.Where(topic => topic.IsDirty && topic.NotBefore <= now).ToList();
        foreach (var group in due.GroupBy(static topic => topic.Name.Channel, StringComparer.Ordinal))
        {
            var started = Stopwatch.GetTimestamp();
            var topics = group.ToList();
            var states = await _channels[group.Key].LoadAsync(
                [.. topics.Select(static topic => topic.Name)], cancellationToken);
            var rest = Stopwatch.GetElapsedTime(started) * RestFactor;
            foreach (var topic in topics)
            {
                topic.IsDirty = false;
                topic.NotBefore = rest > options.PollInterval ? wall.UtcNow + rest : default;
                if (topic.Apply(states.GetValueOrDefault(topic.Name) ?? [], _channels[group.Key].Window) is { } message)
                {
                    Broadcast(topic, message);
                }
            }
        }
    }

    private void Join()
    {
        foreach (var (client, topic, stream, sequence) in _joining)
        {
            if (client.HasLeft)
            {
                continue;
            }

            _ = client.Topics.Add(topic);
            _ = topic.Clients.Add(client);
            topic.IdleSince = null;
            foreach (var message in topic.After(stream, sequence) ?? [topic.Snapshot()])
            {
                Send(client, message);
            }
        }

        _joining.Clear();
    }

    private void Broadcast(LiveTopic topic, ReadOnlyMemory<byte> message)
    {
        List<LiveClient> slow = [.. topic.Clients.Where(client => !client.TrySend(message))];
        slow.ForEach(StartAnew);
    }

    private void Send(LiveClient client, ReadOnlyMemory<byte> message)
    {
        if (!client.TrySend(message))
        {
            StartAnew(client);
        }
    }

    private void StartAnew(LiveClient client)
    {
        RemoveAll(client);
        client.StartAnew();
        metrics.BeganAnew();
    }

    private LiveTopic TopicOf(TopicName name)
    {
        if (!_topics.TryGetValue(name, out var topic))
        {
            topic = new LiveTopic(name, $"{_process}-{++_streams}");
            _topics.Add(name, topic);
            Volatile.Write(ref _watched, _topics.Count);
        }

        return topic;
    }

    private void RemoveAll(LiveClient client)
    {
        foreach (var topic in client.Topics.ToList())
        {
            Remove(client, topic);
        }
    }

    private void Remove(LiveClient client, LiveTopic topic)
    {
        _ = client.Topics.Remove(topic);
        if (topic.Clients.Remove(client) && topic.Clients.Count == 0)
        {
            topic.IdleSince = wall.UtcNow;
        }
    }

    private void ForgetIdle()
    {
        var now = wall.UtcNow;
        var awaited = _joining.Select(static joining => joining.Topic).ToHashSet();
        foreach (var topic in _topics.Values
            .Where(topic => topic.Clients.Count == 0 && !awaited.Contains(topic)
                && (topic.IsEmpty || now - (topic.IdleSince ??= now) >= KeptIdle))
            .ToList())
        {
            _ = _topics.Remove(topic.Name);
        }

        Volatile.Write(ref _watched, _topics.Count);
    }

    private async Task BeginAnewAsync(CancellationToken cancellationToken)
    {
        changes.End();
        MarkAll();
        await Task.Delay(FailureDelay, wall.Clock, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async ValueTask CommandAsync(Action command, CancellationToken cancellationToken)
    {
        await _commands.Writer.WriteAsync(command, cancellationToken);
        Changed();
    }
}
