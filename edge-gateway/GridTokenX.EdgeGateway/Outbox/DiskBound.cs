namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>
/// Keeps the database's content below its bound: the oldest forwarded readings go first, then the oldest quarantined
/// ones (the cloud has given its last word on both), never one that is still to be forwarded.
/// </summary>
internal sealed class DiskBound(long maxBytes)
{
    /// <summary>A row with its index entries, generously.</summary>
    private const long RowBytes = 600;

    private const int ChunkRows = 1000;

    /// <summary>Looked at again after so many, though there was room for more: other tables grow as well.</summary>
    private const int MaxUnlooked = 1000;

    private const string DropForwarded =
        "delete from reading where id in (select id from reading where status = 1 order by id limit $n)";

    private const string DropQuarantined =
        "delete from reading where id in (select id from reading where status = 2 order by id limit $n)";

    private int _roomFor;

    /// <summary>Makes room in the transaction under way.</summary>
    /// <param name="database">In a write.</param>
    /// <param name="rows">How many rows are to come.</param>
    /// <param name="hasRoom">False when only readings that are still to be forwarded are left.</param>
    /// <returns>How many quarantined readings were dropped.</returns>
    internal int MakeRoom(GatewayDatabase database, int rows, out bool hasRoom)
    {
        hasRoom = true;
        if (rows <= _roomFor)
        {
            _roomFor -= rows;
            return 0;
        }

        _roomFor = 0;
        var quarantined = 0;
        var free = maxBytes - UsedBytes(database);
        if (free >= rows * RowBytes)
        {
            _roomFor = (int)Math.Min((free / RowBytes) - rows, MaxUnlooked);
            return 0;
        }

        // What is dropped now may come back with the end of the transaction: the next one looks again.
        while (maxBytes - UsedBytes(database) < rows * RowBytes)
        {
            if (Drop(database, DropForwarded) > 0)
            {
                continue;
            }

            var dropped = Drop(database, DropQuarantined);
            if (dropped == 0)
            {
                hasRoom = false;
                return quarantined;
            }

            quarantined += dropped;
        }

        return quarantined;
    }

    /// <summary>The file may be another one.</summary>
    internal void LookAgain() => _roomFor = 0;

    internal static long UsedBytes(GatewayDatabase database) =>
        (long)database.Command(
            """
            select (p.page_count - f.freelist_count) * s.page_size
            from pragma_page_count p, pragma_freelist_count f, pragma_page_size s
            """).ExecuteScalar()!;

    private static int Drop(GatewayDatabase database, string sql) =>
        database.Command(sql, ("$n", ChunkRows)).ExecuteNonQuery();
}
