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

    internal static Task TakeAsync(NpgsqlTransaction transaction, string zone, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(Statement, new { zone }, cancellationToken);
}
