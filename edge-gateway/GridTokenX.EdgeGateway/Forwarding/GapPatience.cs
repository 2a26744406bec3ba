using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.EdgeGateway.Forwarding;

/// <summary>
/// Waits a little for a reading that a younger one of its device has overtaken (a repetition, a broker's restart): once
/// the cloud has the younger one it cannot take the older one any more. A number that a device has skipped costs this
/// wait once.
/// </summary>
internal sealed class GapPatience
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Dictionary<Key32, (long Sequence, DateTimeOffset Since)> _waiting = [];

    /// <summary>Those that may go now.</summary>
    /// <param name="pending">Each device's together and in the order of its sequence.</param>
    /// <param name="lastSettled">The highest sequence of a device that the cloud has answered; 0 for none.</param>
    /// <param name="now">Wall time.</param>
    internal List<PendingReading> Ready(
        IReadOnlyList<PendingReading> pending, Func<Key32, long> lastSettled, DateTimeOffset now)
    {
        var ready = new List<PendingReading>(pending.Count);
        foreach (var ofDevice in pending.GroupBy(static one => one.Reading.Device))
        {
            var expected = lastSettled(ofDevice.Key) + 1;
            foreach (var one in ofDevice)
            {
                if (one.Reading.Sequence > expected && MustWait(ofDevice.Key, one.Reading.Sequence, now))
                {
                    break;
                }

                ready.Add(one);
                expected = Math.Max(expected, one.Reading.Sequence + 1);
            }
        }

        return ready;
    }

    private bool MustWait(Key32 device, long sequence, DateTimeOffset now)
    {
        if (!_waiting.TryGetValue(device, out var wait) || wait.Sequence != sequence)
        {
            _waiting[device] = (sequence, now);
            return true;
        }

        return now - wait.Since < Patience;
    }
}
