namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>What needs attention now; told once when it begins and once when it ends.</summary>
internal sealed class Alarms(ILogger<Alarms> logger)
{
    internal const string CloudUnreachable = "cloud";
    internal const string DatabaseFault = "database";
    internal const string DatabaseFull = "database_full";

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
