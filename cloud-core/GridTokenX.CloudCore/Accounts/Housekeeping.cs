using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// Delivers letters, changes the key of the tokens in time, and removes what has expired, so that nothing of all this
/// grows for ever.
/// </summary>
internal sealed class Housekeeping(
    NpgsqlDataSource database,
    DatabaseReadiness readiness,
    Letters letters,
    TokenKeys keys,
    WallTime wall,
    ILogger<Housekeeping> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PurgeInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(10);

    internal async Task PurgeAsync(CancellationToken cancellationToken)
    {
        var now = wall.UtcNow;
        _ = await database.TransactAsync(
            unit => unit.Transaction.ExecuteAsync(
                """
                delete from used_nonces where expires_at <= @now;
                delete from account_tokens where expires_at <= @now;
                delete from sign_in_failures where last_at < @now - interval '1 day' and locked_until <= @now;
                delete from sessions where expires_at <= @now - interval '1 day';
                delete from refresh_tokens where used_at < @now - interval '7 days';
                delete from letters where created_at < @now - interval '7 days'
                """,
                new { now },
                cancellationToken),
            cancellationToken);
        if (keys.RotateIfOld())
        {
            Log.TokenKeyChanged(logger, keys.Current.KeyId);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        var purgeAt = wall.UtcNow;
        while (!stoppingToken.IsCancellationRequested)
        {
            var delay = Interval;
            try
            {
                _ = await letters.DeliverAsync(stoppingToken);
                if (wall.UtcNow >= purgeAt)
                {
                    await PurgeAsync(stoppingToken);
                    purgeAt = wall.UtcNow + PurgeInterval;
                }
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException)
            {
                Log.HousekeepingFailed(logger, exception, FailureDelay);
                delay = FailureDelay;
            }

            await wall.DelayAsync(delay, stoppingToken);
        }
    }
}
