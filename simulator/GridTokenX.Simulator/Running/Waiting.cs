using GridTokenX.Protocol.Time;

namespace GridTokenX.Simulator.Running;

/// <summary>Something the run waited for did not come about; the message says what.</summary>
public sealed class StuckException(string message) : Exception(message);

/// <summary>Waits on conditions, by the wall clock, and never for ever.</summary>
internal sealed class Waiting(WallTime time)
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Asks until the condition says null: nothing is under way any more. Otherwise it says what still is.
    /// </summary>
    /// <exception cref="StuckException">It has not come about within <see cref="Limit"/>.</exception>
    public Task UntilAsync(
        string what, Func<CancellationToken, Task<string?>> underWay, CancellationToken cancellationToken) =>
        UntilAsync(what, underWay, LongestPause, cancellationToken);

    /// <summary>The same for what is cheap to ask, and soon there.</summary>
    /// <param name="what">Waited for.</param>
    /// <param name="underWay">The condition.</param>
    /// <param name="longestPause">Between two questions.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task UntilAsync(
        string what,
        Func<CancellationToken, Task<string?>> underWay,
        TimeSpan longestPause,
        CancellationToken cancellationToken)
    {
        var since = time.UtcNow;
        var pause = FirstPause;
        while (await underWay(cancellationToken) is { } rest)
        {
            if (time.UtcNow - since > Limit)
            {
                throw new StuckException(
                    $"Waited {Limit.TotalMinutes:0} minutes until {what}; still under way: {rest}.");
            }

            pause = pause < longestPause ? pause : longestPause;
            await time.DelayAsync(pause, cancellationToken);
            pause *= 1.5;
        }
    }
}
