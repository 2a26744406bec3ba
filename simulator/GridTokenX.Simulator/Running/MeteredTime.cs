using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;

namespace GridTokenX.Simulator.Running;

/// <summary>
/// Quarter hours in which the homes live and their meters are read, as fast as the gateway acknowledges. A home lives
/// its next quarter hour when its last reading is acknowledged, whatever the others do: a meter whose clock goes on
/// while a reading is on its way takes it for lost and sends it again.
/// </summary>
internal sealed class MeteredTime(Neighbourhood neighbourhood, IReadOnlyList<Home> homes, Parts parts, Phases phases)
{
    /// <summary>Fewer homes than these are not worth a second thread.</summary>
    private const int AloneUpTo = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>Somebody may have something to do for ever; who waits for all of them looks up now and then.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ReminderInterval = TimeSpan.FromSeconds(1);

    private readonly int[] _next = new int[homes.Count];
    private readonly Waiting _waiting = new(parts.Time);
    private readonly List<int> _ready = new(homes.Count);
    private long _reminded = parts.Time.Clock.GetTimestamp();

    /// <summary>The days come again; otherwise nobody lives after them.</summary>
    public bool ComesAgain { get; init; }

    /// <summary>No fault begins or ends in between.</summary>
    /// <param name="from">Played so far.</param>
    /// <param name="until">Played then.</param>
    /// <param name="isFirst">What the homes produce and consume is counted anew.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task PassAsync(int from, int until, bool isFirst, CancellationToken cancellationToken)
    {
        Array.Fill(_next, from);
        foreach (var home in homes)
        {
            if (isFirst)
            {
                home.BeginSession();
            }

            home.BeginQuarter(from);
        }

        return _waiting.UntilAsync(
            $"the gateway has acknowledged quarter hour {until}",
            cancellation => UnderWayAsync(until, cancellation),
            Pause,
            cancellationToken);
    }

    private async Task<string?> UnderWayAsync(int until, CancellationToken cancellationToken)
    {
        phases.Begin("devices");
        foreach (var home in homes)
        {
            home.BringLate();
        }

        var began = parts.Time.Clock.GetTimestamp();
        while (parts.Time.Clock.GetElapsedTime(began) < Turn && FindReady(until))
        {
            if (_ready.Count <= AloneUpTo)
            {
                _ready.ForEach(number => Live(number, until));
            }
            else
            {
                var bound = new ParallelOptions { CancellationToken = cancellationToken };
                _ = Parallel.ForEach(_ready, bound, number => Live(number, until));
            }
        }

        phases.Begin("acknowledgements");
        var waiting = homes.Count(static home => !home.IsCutOff && home.UnacknowledgedReadings > 0);
        if (waiting > 0 && parts.Time.Clock.GetElapsedTime(_reminded) >= ReminderInterval)
        {
            // Asked for the case that it has been restarted, and does not know the time.
            _ = await parts.GatewayStatusAsync(cancellationToken);
            _reminded = parts.Time.Clock.GetTimestamp();
        }

        return waiting > 0 ? $"{waiting} devices wait for the gateway's acknowledgement" : null;
    }

    private bool FindReady(int until)
    {
        _ready.Clear();
        for (var number = 0; number < _next.Length; number++)
        {
            if (homes[number].HasNews || MayLive(number, until))
            {
                _ready.Add(number);
            }
        }

        return _ready.Count > 0;
    }

    private bool MayLive(int number, int until) => _next[number] < until && homes[number].MayGoOn;

    /// <summary>What happens by the end of a quarter hour is measured before it, and read at it.</summary>
    private void Live(int number, int until)
    {
        var home = homes[number];
        home.Answer();
        if (MayLive(number, until))
        {
            var quarter = _next[number]++;
            home.Live(ComesAgain ? quarter % neighbourhood.Quarters : quarter, neighbourhood.Quarters - 1);
            home.Step(neighbourhood.Start + (Quarter.Length * (quarter + 1)));
        }
    }
}
