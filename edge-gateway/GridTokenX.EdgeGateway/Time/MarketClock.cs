using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Time;

/// <summary>
/// Market time: the system's clock, or in a simulation the time that was set last, over restarts as well. Unknown until
/// it has been set for the first time, unless a start is configured.
/// </summary>
internal sealed class MarketClock
{
    private readonly GatewayDatabase _database;
    private readonly SteppedTime? _stepped;
    private readonly ClockKnowledge? _knowledge;
    private readonly Lock _lock = new();
    private bool _isKnown;

    internal MarketClock(
        GatewayOptions options, TimeProvider system, GatewayDatabase database, ClockKnowledge? knowledge = null)
    {
        (_database, _knowledge) = (database, knowledge);
        _isKnown = true;
        Time = system;
        if (options.IsSimulation)
        {
            DateTimeOffset? start = Stored() is { } stored && !(stored < options.SimulationStart)
                ? stored
                : options.SimulationStart;
            _isKnown = start is not null;
            _stepped = new SteppedTime(start ?? DateTimeOffset.UnixEpoch);
            Time = _stepped;
        }
    }

    internal TimeProvider Time { get; }

    /// <summary>Null while it is unknown.</summary>
    internal DateTimeOffset? Now
    {
        get
        {
            lock (_lock)
            {
                if (_stepped is null && _knowledge is not null)
                {
                    return _knowledge.Now;
                }

                return _isKnown ? Time.GetUtcNow() : null;
            }
        }
    }

    /// <summary>False when the time lies before the present one, or there is no simulation.</summary>
    internal bool TrySet(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_stepped is null || now < _stepped.GetUtcNow())
            {
                return false;
            }

            _database.Write(database => _ = database.Command(
                "insert or replace into clock (id, market) values (1, $now)",
                ("$now", now.ToUnixTimeSeconds())).ExecuteNonQuery());
            _isKnown = true;
            _stepped.SetUtcNow(now);
            return true;
        }
    }

    private DateTimeOffset? Stored()
    {
        if (!_database.IsOpen)
        {
            return null;
        }

        return _database.Read(static database =>
            database.Command("select market from clock where id = 1").ExecuteScalar() is long seconds
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : (DateTimeOffset?)null);
    }
}
