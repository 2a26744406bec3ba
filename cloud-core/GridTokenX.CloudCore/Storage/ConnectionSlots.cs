using Npgsql;

namespace GridTokenX.CloudCore.Storage;

/// <summary>
/// A pool that may grow beyond what the server admits turns a busy minute into errors: whoever comes too late is
/// refused by the server, where he could have waited for a moment in the pool.
/// </summary>
internal static class ConnectionSlots
{
    /// <summary>Null when the server has room for the whole pool, as far as it is this pool's alone.</summary>
    internal static async Task<(int Wanted, int Given)?> ShortageAsync(
        NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var wanted = new NpgsqlConnectionStringBuilder(source.ConnectionString).MaxPoolSize;
        var given = await source.FirstOrDefaultAsync<int>(
            """
            select least(
                current_setting('max_connections')::integer
                    - current_setting('superuser_reserved_connections')::integer,
                (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user),
                (select nullif(datconnlimit, -1) from pg_database where datname = current_database()))
            """,
            new { },
            cancellationToken);
        return given < wanted ? (wanted, given) : null;
    }
}
