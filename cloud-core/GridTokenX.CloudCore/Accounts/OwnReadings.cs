using System.Globalization;
using System.Text;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// <c>GET /api/readings</c>: those of the caller's meters, or of a named one; an operator and the role ami may name
/// any. JSON, or CSV by the Accept header or <c>format=csv</c>.
/// </summary>
internal static class OwnReadings
{
    private const int MaxRows = 2_000;
    private const int DefaultRows = 96;
    private const long LastSecond = 253_402_300_799;
    private const string Csv = "text/csv";

    internal static async Task<IResult> ListAsync(
        [Microsoft.AspNetCore.Mvc.FromQuery(Name = "meter_id")] string? meter,
        DateTimeOffset? from,
        DateTimeOffset? to,
        string? format,
        string? cursor,
        int? limit,
        HttpContext context,
        NpgsqlDataSource database,
        CancellationToken cancellationToken)
    {
        // Unix seconds, and how many of that second were shown before.
        long[] position = [long.MaxValue, 0];
        if (OwnEndpoints.FaultOf(limit, MaxRows) is { } fault)
        {
            return fault;
        }

        if (format is not (null or "json" or "csv")
            || !Cursor.TryRead(cursor, "readings", position)
            || position[1] is < 0 or > MaxRows
            || position[0] is < 0 or (> LastSecond and < long.MaxValue)
            || meter?.Contains('\0', StringComparison.Ordinal) == true)
        {
            return Problems.Of(
                ProblemCodes.MalformedRequest, "format is json or csv, cursor is one of this list.");
        }

        var (meters, problem) = await MetersAsync(context, database, meter, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        var most = limit ?? DefaultRows;
        var rows = await ReadAsync(
            database, new Span(meters, from, to, position[0], position[1]), most + 1, cancellationToken);
        var next = rows.Count > most ? Cursor.Of("readings", NextOf(rows, most, position)) : null;
        var page = rows.Take(most).Select(static row => row.ToView()).ToList();
        var isCsv = format == "csv"
            || (format is null && context.Request.Headers.Accept.ToString().Contains(Csv, StringComparison.Ordinal));
        if (!isCsv)
        {
            return Results.Ok(new ReadingList(page, next));
        }

        context.Response.Headers["Next-Cursor"] = next ?? string.Empty;
        context.Response.Headers.ContentDisposition = "attachment; filename=\"readings.csv\"";
        return Results.Text(ToCsv(page), Csv, Encoding.UTF8);
    }

    private static async Task<(string[] Meters, IResult? Problem)> MetersAsync(
        HttpContext context, NpgsqlDataSource database, string? meter, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        if (meter is null)
        {
            var (user, problem) = await Whose.ReadAsync(context, database, null, cancellationToken);
            return problem is not null
                ? ([], problem)
                : ([.. await database.QueryAsync<string>(
                    "select meter_id from meters where owner_id = @user", new { user }, cancellationToken)], null);
        }

        var owner = await database.FirstOrDefaultAsync<byte[]>(
            "select u.access_key from meters m join users u on u.id = m.owner_id where m.meter_id = @meter",
            new { meter },
            cancellationToken);
        if (owner is null)
        {
            return ([], Problems.Of(ProblemCodes.NotFound, "There is no such meter."));
        }

        return owner.AsSpan().SequenceEqual(caller.Key.ToArray())
            || caller.Kind == CallerKind.Operator
            || caller.Roles.HasFlag(Roles.Ami)
                ? ([meter], null)
                : ([], Problems.Of(ProblemCodes.Forbidden, "The meter is somebody else's."));
    }

    private static Task<IReadOnlyList<ReadingRow>> ReadAsync(
        NpgsqlDataSource database, Span span, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<ReadingRow>(
            $"""
            select {ReadingRow.Columns}
            from meters m cross join lateral (
                select * from readings
                where device = m.device
                  and (@From::timestamptz is null or ended_at >= @From) and (@To::timestamptz is null or ended_at < @To)
                  and (@Before::timestamptz is null or ended_at <= @Before)
                order by ended_at desc, sequence desc limit @Most) r
            where m.meter_id = any(@Meters)
            order by r.ended_at desc, m.meter_id offset @Shown limit @limit
            """,
            new
            {
                From = span.From?.ToUniversalTime(),
                To = span.To?.ToUniversalTime(),
                Before = span.Before == long.MaxValue
                    ? (DateTimeOffset?)null
                    : DateTimeOffset.FromUnixTimeSeconds(span.Before),
                span.Meters,
                span.Shown,
                Most = limit + span.Shown,
                limit,
            },
            cancellationToken);

    private static long[] NextOf(IReadOnlyList<ReadingRow> rows, int shown, long[] position)
    {
        var last = rows[shown - 1].EndedAt;
        var ofLast = rows.Take(shown).Count(row => row.EndedAt == last);
        var seconds = last.ToUnixTimeSeconds();
        return [seconds, seconds == position[0] ? ofLast + position[1] : ofLast];
    }

    private static string ToCsv(IReadOnlyList<ReadingView> readings)
    {
        var text = new StringBuilder(
            "meter_id,sequence,timestamp,production_kwh,consumption_kwh,soc_permille,flags,interval_s\r\n");
        foreach (var reading in readings)
        {
            // No value needs quotes: a meter's id has letters, digits and - _ . only.
            _ = text.Append(
                CultureInfo.InvariantCulture,
                $"{reading.MeterId},{reading.Sequence},{reading.Timestamp:yyyy-MM-dd'T'HH:mm:ss'Z'},")
                .Append(CultureInfo.InvariantCulture, $"{reading.ProductionKwh},{reading.ConsumptionKwh},")
                .Append(CultureInfo.InvariantCulture, $"{reading.SocPermille},{reading.Flags},{reading.IntervalS}\r\n");
        }

        return text.ToString();
    }

    private sealed record Span(string[] Meters, DateTimeOffset? From, DateTimeOffset? To, long Before, long Shown);
}
