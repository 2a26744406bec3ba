using GridTokenX.Protocol.Keys;

namespace GridTokenX.EdgeGateway.Commands;

/// <summary>How a statement stands to what the cloud's broker was told of its device last.</summary>
internal enum Telling
{
    None = 0,

    /// <summary>Not these bytes: it is to be verified, stored and told.</summary>
    News,

    /// <summary>The very bytes that were told a while ago, verified and stored: they may go again.</summary>
    Again,

    /// <summary>The very bytes that were told a moment ago.</summary>
    Told,
}

/// <summary>
/// What the cloud's broker has taken of each device. A device repeats its newest statement, so that one that gets lost
/// heals; the same bytes under the same key need no second look. They still go again, so that it
/// does, at once when the device was given a command meanwhile: its answer to a repeated one is what it said before.
/// </summary>
/// <param name="clock">Its timestamps count, which no setting of the clock moves.</param>
internal sealed class ToldStates(TimeProvider clock)
{
    /// <summary>Half of a device's shortest patience: every repetition of a real one goes on.</summary>
    internal static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<Key32, (byte[] Payload, long At)> _told = [];
    private long _forgotten;

    /// <summary>To be read before telling, for <see cref="Told"/>.</summary>
    internal long Forgotten
    {
        get
        {
            lock (_lock)
            {
                return _forgotten;
            }
        }
    }

    internal Telling Of(Key32 device, ReadOnlySpan<byte> payload)
    {
        lock (_lock)
        {
            if (!_told.TryGetValue(device, out var told) || !payload.SequenceEqual(told.Payload))
            {
                return Telling.News;
            }

            return clock.GetElapsedTime(told.At) < Fresh ? Telling.Told : Telling.Again;
        }
    }

    /// <summary>
    /// The broker has acknowledged these statements, which are verified and stored. Not remembered when anything was to
    /// be forgotten while they were on their way.
    /// </summary>
    /// <param name="states">In the order in which they were told.</param>
    /// <param name="forgotten"><see cref="Forgotten"/> before.</param>
    internal void Told(IEnumerable<(Key32 Device, byte[] Payload)> states, long forgotten)
    {
        lock (_lock)
        {
            if (forgotten != _forgotten)
            {
                return;
            }

            foreach (var (device, payload) in states)
            {
                _told[device] = (payload, clock.GetTimestamp());
            }
        }
    }

    /// <summary>Whatever the device says next is news.</summary>
    internal void Forget(Key32 device)
    {
        lock (_lock)
        {
            _forgotten++;
            _ = _told.Remove(device);
        }
    }

    /// <summary>Only these devices are still ours.</summary>
    internal void ForgetBut(Func<Key32, bool> isOurs)
    {
        lock (_lock)
        {
            foreach (var device in _told.Keys.Where(device => !isOurs(device)).ToList())
            {
                _forgotten++;
                _ = _told.Remove(device);
            }
        }
    }

    /// <summary>What was stored may be gone.</summary>
    internal void ForgetAll()
    {
        lock (_lock)
        {
            _forgotten++;
            _told.Clear();
        }
    }
}
