namespace GridTokenX.CloudCore.Locks;

/// <summary>Which of a device's locks its next command is for. A device holds one lock at a time.</summary>
internal static class LockPlan
{
    /// <summary>
    /// More energy for the lock that the device holds, or less; otherwise, when it holds none and no command is under way, the
    /// queued lock that ends first. Null when there is nothing to send.
    /// </summary>
    internal static LockRow? Next(IEnumerable<LockRow> locks, DateTimeOffset now)
    {
        // A lock that has expired by the clock ends on the device by itself; its statement may come later.
        var current = locks.Where(row => row.ExpiresAt > now).ToList();
        if (current.Exists(static row => row.Status == LockStatus.Sent))
        {
            return null;
        }

        var held = current.FindAll(static row => row.Status == LockStatus.Acknowledged);
        var candidates = held.Count > 0
            ? held.FindAll(static row => row.WantedWh != row.CommandedWh)
            : current.FindAll(static row => row.Status == LockStatus.Queued && row.WantedWh > 0);
        return candidates
            .Where(row => row.NotBefore is null || row.NotBefore <= now)
            .OrderBy(static row => row.ExpiresAt)
            .ThenBy(static row => row.OrderId)
            .FirstOrDefault();
    }
}
