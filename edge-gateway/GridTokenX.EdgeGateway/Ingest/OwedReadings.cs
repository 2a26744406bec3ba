using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.EdgeGateway.Ingest;

/// <summary>
/// Readings that could not be stored, the oldest of each device: younger ones are not taken before it, because the
/// cloud takes a device's readings in order only. A device that has lost it meanwhile is waited for no longer than it
/// would take to repeat it.
/// </summary>
internal sealed class OwedReadings
{
    /// <summary>Twice the longest wait of a device before it repeats itself.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly Dictionary<Key32, (long Sequence, DateTimeOffset Until)> _owed = [];

    internal void Add(SignedReading reading, DateTimeOffset now)
    {
        if (!_owed.TryGetValue(reading.Device, out var owed) || reading.Sequence < owed.Sequence)
        {
            _owed[reading.Device] = (reading.Sequence, now + Patience);
        }
    }

    /// <summary>False while an older reading of the device is owed; taking the owed one settles the debt.</summary>
    internal bool MayTake(SignedReading reading, DateTimeOffset now)
    {
        if (!_owed.TryGetValue(reading.Device, out var owed) || reading.Sequence < owed.Sequence)
        {
            return true;
        }

        if (reading.Sequence > owed.Sequence && now < owed.Until)
        {
            return false;
        }

        _ = _owed.Remove(reading.Device);
        return true;
    }
}
