using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.Outbox;

internal static class Schema
{
    private const int Newest = 4;

    /// <summary>SQLITE_ERROR: no damage, so nothing is set aside.</summary>
    private const int NotOurs = 1;

    /// <summary>Times are Unix seconds, except <c>hold.until</c>: Unix milliseconds of wall time.</summary>
    private const string Version1 =
        """
        create table reading (
          id integer primary key,
          device blob not null,
          sequence integer not null,
          timestamp integer not null,
          production_wh integer not null,
          consumption_wh integer not null,
          soc_permille integer not null,
          flags integer not null,
          interval_s integer not null,
          signature blob not null,
          status integer not null default 0 check (status in (0, 1, 2)),
          code text,
          unique (device, sequence)
        );
        create index reading_pending on reading (id) where status = 0;
        create index reading_pending_of_device on reading (device, sequence) where status = 0;
        create index reading_forwarded on reading (id) where status = 1;
        create index reading_quarantined on reading (id) where status = 2;
        create view quarantine as
          select device, sequence, timestamp, production_wh, consumption_wh, soc_permille, flags, interval_s, signature,
            code
          from reading where status = 2;

        create table hold (
          device blob primary key,
          until integer not null,
          attempts integer not null
        ) without rowid;

        create table device (
          device blob primary key,
          meter_id text not null
        ) without rowid;

        create table command (
          device blob not null,
          counter integer not null,
          expires integer not null,
          payload blob not null,
          primary key (device, counter)
        ) without rowid;

        create table state (
          device blob primary key,
          sequence integer not null,
          payload blob not null
        ) without rowid;

        create table clock (
          id integer primary key check (id = 1),
          market integer not null
        );
        """;

    /// <summary>
    /// <c>reading.requeues</c>: how often a refusal that time can heal has been tried again. <c>hold.code</c>: the
    /// refusal. <c>setting</c>: what the gateway must remember of itself (its page's PIN, claims, the cloud's time).
    /// </summary>
    private const string Version2 =
        """
        alter table reading add column requeues integer not null default 0;
        create index reading_quarantined_of_device on reading (device) where status = 2;
        alter table hold add column code text;

        create table setting (
          name text primary key,
          value text not null
        ) without rowid;
        """;

    /// <summary>Devices that are being paired, and how far that has come.</summary>
    private const string Version3 =
        """
        create table pairing (
          device blob primary key,
          meter_id text not null,
          replaces blob,
          owner blob not null,
          step integer not null check (step between 1 and 5),
          consent blob,
          cloud_key blob,
          code text,
          fault text
        ) without rowid;
        """;

    /// <summary>It cost every commit two pages a device; see <see cref="PendingReadings"/>.</summary>
    private const string Version4 = "drop index reading_pending_of_device";

    private static readonly string[] Versions = [Version1, Version2, Version3, Version4];

    /// <exception cref="SqliteException">The file is of a newer version than this program, and stays.</exception>
    internal static void Migrate(
        GatewayDatabase database, Action<string> execute, Func<Func<GatewayDatabase, bool>, bool> inTransaction)
    {
        var found = (long)database.Command("PRAGMA user_version").ExecuteScalar()!;
        if (found > Newest)
        {
            throw new SqliteException(
                $"The database is of a newer version ({found}) than this program knows ({Newest}).", NotOurs);
        }

        for (var version = (int)found; version < Newest; version++)
        {
            _ = inTransaction(_ =>
            {
                execute(Versions[version]);
                execute($"PRAGMA user_version = {version + 1}");
                return true;
            });
        }
    }
}
