namespace GridTokenX.CloudCore.Simulation;

/// <summary>
/// A piece of the market's own work, due at market time. In production each has a loop; in simulation all are run in
/// order, again and again until none finds anything to do, before the clock moves on.
/// </summary>
public interface IMarketWorker
{
    string Name { get; }

    /// <summary>Position in the order: clear 10, expire 20, match 30, mint 40, lock 50, journal 90.</summary>
    int Order { get; }

    /// <summary>How often it looks, in production.</summary>
    TimeSpan Interval { get; }

    /// <summary>
    /// Does what is due at the present market time; returns how many things it did, 0 when nothing is left.
    /// </summary>
    Task<int> RunOnceAsync(CancellationToken cancellationToken);
}
