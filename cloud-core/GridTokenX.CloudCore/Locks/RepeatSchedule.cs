using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Locks;

/// <summary>
/// When each unanswered command is published again: after 2 s, then twice as long each time, at most 30 s.
/// </summary>
internal sealed class RepeatSchedule
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(Key32 Device, long Counter), (DateTimeOffset NextAt, TimeSpan Delay)> _entries = [];

    /// <summary>Forgets every command that is not among these.</summary>
    internal void Keep(IEnumerable<(Key32 Device, long Counter)> commands)
    {
        var kept = commands.ToHashSet();
        foreach (var gone in _entries.Keys.Where(key => !kept.Contains(key)).ToList())
        {
            _ = _entries.Remove(gone);
        }
    }

    internal bool IsDue((Key32 Device, long Counter) command, DateTimeOffset now) =>
        !_entries.TryGetValue(command, out var entry) || entry.NextAt <= now;

    internal void Published((Key32 Device, long Counter) command, DateTimeOffset now)
    {
        var delay = _entries.TryGetValue(command, out var entry)
            ? TimeSpan.FromTicks(Math.Min(entry.Delay.Ticks * 2, Longest.Ticks))
            : First;
        _entries[command] = (now + delay, delay);
    }
}
