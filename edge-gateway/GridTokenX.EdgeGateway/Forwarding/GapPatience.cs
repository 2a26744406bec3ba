using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.EdgeGateway.Forwarding;

/// <summary>
/// Waits for readings that a younger one of their device has overtaken: once the cloud has the younger one it cannot
/// take the older ones any more. They are still to come when this gateway died with them between the broker and the
/// disk: the device repeats what was not acknowledged, but after a while only. Other devices' readings go on meanwhile;
/// a number that a device has skipped costs this wait once.
/// </summary>
/// <param name="outbox">Where the readings wait.</param>
/// <param name="patience">As long as a device may take to repeat itself.</param>
/// <param name="clock">Its timestamps count, which no setting of the clock moves.</param>
internal sealed class GapPatience(ReadingOutbox outbox, TimeSpan patience, TimeProvider clock)
{
    /// <summary>
    /// For a device of which the cloud has nothing through this gateway: its first number may be any. Enough, because
    /// the acknowledgement of a younger reading brings a device back to its shortest wait, 10 s.
    /// </summary>
    internal static readonly TimeSpan AtFirst = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Key32, (long Sequence, long Since)> _waiting = [];
    private readonly Dictionary<Key32, long> _over = [];

    /// <summary>How long until the next wait that <see cref="Take"/> met is over; null when it met none.</summary>
    internal TimeSpan? UntilNext { get; private set; }

    /// <summary>The oldest that may go now; each device's together and in the order of its sequence.</summary>
    internal List<PendingReading> Take(int max, DateTimeOffset wallNow)
    {
        UntilNext = null;
        var ready = new List<PendingReading>(max);
        var seen = new HashSet<Key32>();
        while (ready.Count < max)
        {
            var before = ready.Count;
            var page = outbox.Take(max - before, wallNow, seen);
            foreach (var ofDevice in page.GroupBy(static one => one.Reading.Device))
            {
                _ = seen.Add(ofDevice.Key);
                AddReady(ofDevice.Key, ofDevice, ready);
            }

            if (ready.Count - before == page.Count)
            {
                break;
            }
        }

        return ready;
    }

    private void AddReady(Key32 device, IEnumerable<PendingReading> pending, List<PendingReading> ready)
    {
        var last = outbox.LastSettled(device);
        var expected = last + 1;
        foreach (var one in pending)
        {
            if (one.Reading.Sequence > expected
                && one.Id > outbox.RecoveredThrough
                && MustWait(device, one.Reading.Sequence, last == 0))
            {
                return;
            }

            ready.Add(one);
            expected = Math.Max(expected, one.Reading.Sequence + 1);
        }

        _ = _waiting.Remove(device);
    }

    private bool MustWait(Key32 device, long sequence, bool isFirst)
    {
        // What was waited for in vain once is not waited for again when the cloud must be asked again.
        if (_over.TryGetValue(device, out var over) && sequence <= over)
        {
            return false;
        }

        if (!_waiting.TryGetValue(device, out var wait) || wait.Sequence != sequence)
        {
            wait = (sequence, clock.GetTimestamp());
            _waiting[device] = wait;
        }

        var whole = isFirst && AtFirst < patience ? AtFirst : patience;
        var left = whole - clock.GetElapsedTime(wait.Since);
        if (left <= TimeSpan.Zero)
        {
            _over[device] = sequence;
            return false;
        }

        UntilNext = UntilNext < left ? UntilNext : left;
        return true;
    }
}
