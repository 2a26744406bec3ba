namespace GridTokenX.Simulator.Running;

/// <summary>How far a run has come, and how long the rest will take if it goes on as before.</summary>
internal sealed class Pace(TimeProvider clock, int allQuarters)
{
    private long _began = clock.GetTimestamp();

    public int Quarters { get; private set; }

    public TimeSpan Left => Quarters == 0
        ? TimeSpan.Zero
        : clock.GetElapsedTime(_began) * (allQuarters - Quarters) / Quarters;

    /// <summary>The opening is over.</summary>
    public void Begin() => _began = clock.GetTimestamp();

    public void Played(int quarters) => Quarters = quarters;
}
