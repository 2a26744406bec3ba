namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>What needs attention now; told once when it begins and once when it ends.</summary>
internal sealed class Alarms(ILogger<Alarms> logger)
{
    internal const string CloudUnreachable = "cloud";
    internal const string HomeBrokerAway = "broker";
    internal const string DatabaseFault = "database";
    internal const string DatabaseFull = "database_full";
    internal const string DatabaseClosed = "database_closed";
    internal const string DatabaseRecovered = "database_recovered";
    internal const string ClockWrong = "clock";
    internal const string DeviceClock = "device_clock";
    internal const string Power = "power";
    internal const string DiskSpace = "disk_space";
    internal const string Heat = "heat";

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, string> _raised = new(StringComparer.Ordinal);

    /// <summary>Every alarm in one line; null for none.</summary>
    internal string? Text
    {
        get
        {
            lock (_lock)
            {
                return _raised.Count == 0 ? null : string.Join(' ', _raised.Values);
            }
        }
    }

    /// <summary>Name and text of each, in the order of their names.</summary>
    internal IReadOnlyList<(string Name, string Text)> All()
    {
        lock (_lock)
        {
            return [.. _raised.Select(static alarm => (alarm.Key, alarm.Value))];
        }
    }

    internal void Raise(string name, string text)
    {
        bool isNew;
        lock (_lock)
        {
            isNew = !_raised.ContainsKey(name);
            _raised[name] = text;
        }

        if (isNew)
        {
            Log.AlarmRaised(logger, name, text);
        }
    }

    internal void Clear(string name)
    {
        bool was;
        lock (_lock)
        {
            was = _raised.Remove(name);
        }

        if (was)
        {
            Log.AlarmCleared(logger, name);
        }
    }
}
