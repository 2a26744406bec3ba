namespace GridTokenX.EdgeGateway.Outbox;

internal static class Schema
{
    /// <summary>Times are Unix seconds, except <c>hold.until</c>: Unix milliseconds of wall time.</summary>
    internal const string Version1 =
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
}
