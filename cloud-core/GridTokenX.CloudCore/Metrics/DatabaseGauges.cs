using System.Diagnostics.Metrics;
using Dapper;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Metrics;

/// <summary>What the database knows of how things go, asked four times a minute; the values stand until then.</summary>
internal sealed class DatabaseGauges : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly NpgsqlDataSource _source;
    private readonly DatabaseReadiness _readiness;
    private readonly WallTime _wall;
    private readonly TimeProvider _marketTime;
    private readonly ILogger<DatabaseGauges> _logger;
    private volatile Counts _counts = new(0, 0, 0, 0, 0, 0, 0);

    public DatabaseGauges(
        IMeterFactory factory,
        NpgsqlDataSource source,
        DatabaseReadiness readiness,
        WallTime wall,
        TimeProvider marketTime,
        ILogger<DatabaseGauges> logger)
    {
        (_source, _readiness, _wall, _marketTime, _logger) = (source, readiness, wall, marketTime, logger);
        var meter = factory.Create(CloudMetrics.MeterName);
        void Gauge(string name, string help, Func<Counts, double> read) =>
            meter.CreateObservableGauge(name, () => read(_counts), null, help);
        Gauge("gtx_outbox_open", "Transactions that the chain has not answered.", static c => c.Open);
        Gauge("gtx_outbox_attention", "Transactions that wait for a hand.", static c => c.Attention);
        Gauge("gtx_outbox_age_seconds", "Age of the oldest unanswered one, in market time.", static c => c.AgeSeconds);
        Gauge("gtx_chain_unindexed", "Landed, but their events have not come to pass here.", static c => c.Unindexed);
        Gauge("gtx_epoch_overdue_seconds", "Since the end of the oldest epoch not cleared.", static c => c.Overdue);
        Gauge("gtx_match_median_seconds", "From escrow to match, of the last 200 matches.", static c => c.MatchMedian);
        Gauge("gtx_match_slowest_seconds", "The slowest of them.", static c => c.MatchSlowest);
    }

    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        _counts = await connection.QuerySingleAsync<Counts>(new CommandDefinition(
            """
            with open as (
                select count(*) as open, min(created_at) as oldest from chain_outbox where status in ('pending', 'sent')
            ), attention as (
                select count(*) as attention from chain_outbox where status = 'parked'
            ), unindexed as (
                select (select count(*) from chain_outbox where status = 'confirmed' and not indexed)
                    + (select count(*) from chain_events where not applied) as unindexed
            ), overdue as (
                select coalesce(extract(epoch from @now - min(ends_at)), 0)::float8 as overdue
                from epochs where status in ('pending', 'active') and ends_at <= @now
            ), latest as (
                select extract(epoch from m.matched_at - greatest(b.escrowed_at, s.escrowed_at))::float8 as seconds
                from (select * from matches order by sequence desc limit 200) m
                join orders b on b.id = m.buy_order join orders s on s.id = m.sell_order
            )
            select open, attention, unindexed, overdue,
                   coalesce(greatest(0, extract(epoch from @now - oldest)), 0)::float8 as age_seconds,
                   coalesce((select percentile_disc(0.5) within group (order by seconds) from latest), 0)
                       as match_median,
                   coalesce((select max(seconds) from latest), 0) as match_slowest
            from open, attention, unindexed, overdue
            """,
            new { now = _marketTime.GetUtcNow() },
            cancellationToken: cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _readiness.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RefreshAsync(stoppingToken);
            }
#pragma warning disable CA1031 // Whatever it is, the process has more to do than to be measured.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.GaugesNotRead(_logger, exception.Message);
            }

            await _wall.DelayAsync(Interval, stoppingToken);
        }
    }

    private sealed record Counts(
        long Open,
        long Attention,
        long Unindexed,
        double Overdue,
        double AgeSeconds,
        double MatchMedian,
        double MatchSlowest);
}
