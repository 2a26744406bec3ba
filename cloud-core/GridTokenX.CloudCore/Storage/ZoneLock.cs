using System.Globalization;
using Npgsql;

namespace GridTokenX.CloudCore.Storage;

/// <summary>
/// One writer a grid zone: matching and clearing of a zone never run side by side, in however many processes. Taken
/// before any row lock, released with the transaction.
/// </summary>
internal static class ZoneLock
{
    /// <summary>With the zone's name as <c>@zone</c>.</summary>
    internal const string Statement = "select pg_advisory_xact_lock(hashtextextended('zone ' || @zone, 0))";

    /// <summary>
    /// Who stands still in his transaction loses it after this time, and the lock with it; the worker's next run does
    /// the work. Set anew by tests alone: they run a worker once, on machines that may stand still for longer.
    /// </summary>
    internal static TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(5);

    internal static Task TakeAsync(NpgsqlTransaction transaction, string zone, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            $"select set_config('idle_in_transaction_session_timeout', @milliseconds, true); {Statement}",
            new { zone, milliseconds = MillisecondsOf(Patience) },
            cancellationToken);

    internal static string MillisecondsOf(TimeSpan time) =>
        ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
