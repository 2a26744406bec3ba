using Npgsql;

namespace GridTokenX.CloudCore.Storage;

/// <summary>
/// One writer a grid zone: matching and clearing of a zone never run side by side, in however many processes. Taken
/// before any row lock, released with the transaction.
/// </summary>
internal static class ZoneLock
{
    internal static Task TakeAsync(NpgsqlTransaction transaction, string zone, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "select pg_advisory_xact_lock(hashtextextended('zone ' || @zone, 0))", new { zone }, cancellationToken);
}
