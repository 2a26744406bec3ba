using System.Collections.Concurrent;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// The writers of all zones in this process. Any process may write to any zone, one at a time: who finds that somebody
/// else has written meanwhile reads the book anew and goes on.
/// </summary>
internal sealed class ZoneMarkets
{
    /// <summary>
    /// While another process has written to a zone so lately, its inbox is left to that one: taking turns would mean
    /// reading the book again and again. In a simulation nothing is left to others.
    /// </summary>
    internal static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Turns> _zones = new(StringComparer.Ordinal);
    private readonly ZoneWriter _writer;
    private readonly TimeSpan _courtesy;

    internal ZoneMarkets(
        NpgsqlDataSource database,
        IChainOutbox outbox,
        TimeProvider marketTime,
        WallTime wall,
        TradingOptions options,
        TimeSpan courtesy)
    {
        _courtesy = courtesy;
        _writer = new ZoneWriter(Guid.NewGuid(), database, outbox, marketTime, wall, ModeOf(options));
    }

    internal MatchingMode Mode => _writer.Mode;

    internal static MatchingMode ModeOf(TradingOptions options) =>
        options.MatchInterval == TimeSpan.Zero ? MatchingMode.Continuous : MatchingMode.Gathering;

    /// <summary>
    /// Does what the zone's inbox asks for at this moment, and what has expired. Calls that come while another one
    /// works share the next run.
    /// </summary>
    internal async Task<ZoneOutcome> RunAsync(string zone, ZoneScope scope, CancellationToken cancellationToken)
    {
        var turns = _zones.GetOrAdd(zone, static (name, writer) => new Turns(new ZoneMarket(name, writer)), _writer);

        // Who has worked there a moment ago need not ask.
        return _writer.Wall.UtcNow - turns.WorkedAt >= _courtesy
            && await ZoneRecords.IsInGoodHandsAsync(
                _writer.Database, zone, _writer.Writer, _courtesy, cancellationToken)
            ? default
            : await turns.RunAsync(scope, cancellationToken);
    }

    internal async Task<ZoneOutcome> RunAsync(ZoneScope scope, CancellationToken cancellationToken)
    {
        var total = default(ZoneOutcome);
        foreach (var zone in await MarketInbox.ZonesAsync(_writer.Database, cancellationToken))
        {
            total += await RunAsync(zone, scope, cancellationToken);
        }

        return total;
    }

    /// <summary>One run at a time; who waited while one began and ended has been served by it.</summary>
    private sealed class Turns(ZoneMarket market)
    {
        private readonly SemaphoreSlim _turn = new(1, 1);
        private long _asked;
        private long _served;

        /// <summary>When a run of this process last wrote.</summary>
        internal DateTimeOffset WorkedAt => market.WroteAt;

        internal async Task<ZoneOutcome> RunAsync(ZoneScope scope, CancellationToken cancellationToken)
        {
            var ticket = Interlocked.Increment(ref _asked);
            await _turn.WaitAsync(cancellationToken);
            try
            {
                if (scope == ZoneScope.Leaving && _served >= ticket)
                {
                    return default;
                }

                var upTo = Interlocked.Read(ref _asked);
                var outcome = await market.RunAsync(scope, cancellationToken);
                _served = upTo;
                return outcome;
            }
            finally
            {
                _ = _turn.Release();
            }
        }
    }
}
