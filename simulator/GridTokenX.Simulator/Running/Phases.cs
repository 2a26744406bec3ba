namespace GridTokenX.Simulator.Running;

/// <summary>Where the wall time of a run goes: each moment belongs to the phase that was begun last.</summary>
internal sealed class Phases(TimeProvider clock)
{
    private readonly SortedDictionary<string, TimeSpan> _spent = new(StringComparer.Ordinal);
    private string _name = "opening";
    private long _since = clock.GetTimestamp();

    public void Begin(string name)
    {
        var now = clock.GetTimestamp();
        _spent[_name] = _spent.GetValueOrDefault(_name) + clock.GetElapsedTime(_since, now);
        (_name, _since) = (name, now);
    }

    /// <summary>Seconds, to the millisecond; the present phase up to now.</summary>
    public IReadOnlyDictionary<string, decimal> Seconds()
    {
        Begin(_name);
        return _spent.ToDictionary(
            static phase => phase.Key,
            static phase => decimal.Round((decimal)phase.Value.TotalSeconds, 3),
            StringComparer.Ordinal);
    }
}
