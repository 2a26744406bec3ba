using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Clearing;

internal static class EpochEndpoints
{
    private const int MaxEpochs = 500;
    private const int DefaultEpochs = 96;

    private const string Select =
        """
        select zone, number, starts_at, ends_at, status, clearing_price, volume_wh as volume, trades, high_price,
               low_price,
               open_interest_wh as open_interest
        from epochs
        """;

    private sealed record Row
    {
        public required string Zone { get; init; }

        public required long Number { get; init; }

        public required DateTimeOffset StartsAt { get; init; }

        public required DateTimeOffset EndsAt { get; init; }

        public required string Status { get; init; }

        public required PricePerKwh? ClearingPrice { get; init; }

        public required WattHours Volume { get; init; }

        public required int Trades { get; init; }

        public required PricePerKwh? HighPrice { get; init; }

        public required PricePerKwh? LowPrice { get; init; }

        public required WattHours OpenInterest { get; init; }

        internal EpochView ToView() => new(
            Number,
            Zone,
            StartsAt,
            EndsAt,
            Status,
            ClearingPrice?.ToGrx(),
            Volume.ToKwh(),
            Trades,
            HighPrice?.ToGrx(),
            LowPrice?.ToGrx(),
            OpenInterest.ToKwh());
    }

    /// <summary>The newest of each zone, newest first.</summary>
    internal static async Task<IReadOnlyList<EpochView>> NewestAsync(
        NpgsqlDataSource database, string[] zones, int newest, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<Row>(
            $"""
            select newest.* from unnest(@zones) as named (name) cross join lateral (
                {Select} where zone = named.name order by number desc limit @newest) newest
            """,
            new { zones, newest },
            cancellationToken)).Select(static row => row.ToView())];

    /// <summary>Newest first.</summary>
    internal static async Task<IResult> ListAsync(
        string? zone,
        string? cursor,
        int? limit,
        NpgsqlDataSource database,
        CancellationToken cancellationToken)
    {
        // The last number that was shown, and in how many zones.
        long[] position = [long.MaxValue, 0];
        if (limit is < 1 or > MaxEpochs || !Cursor.TryRead(cursor, "epochs", position) || position[1] < 0)
        {
            return Problems.Of(
                ProblemCodes.MalformedRequest, $"limit goes from 1 to {MaxEpochs}, cursor is one of this list.");
        }

        if (RegistrationForms.FaultOfZone(zone) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        var most = limit ?? DefaultEpochs;
        var rows = await database.QueryAsync<Row>(
            Select +
            """
             where (@zone::text is null or zone = @zone) and number <= @last
            order by number desc, zone offset @shown limit @most
            """,
            new { zone, last = position[0], shown = position[1], most = most + 1 },
            cancellationToken);
        return Results.Ok(new EpochList(
            [.. rows.Take(most).Select(static row => row.ToView())],
            rows.Count > most ? Cursor.Of("epochs", NextOf(rows, most, position)) : null));
    }

    private static long[] NextOf(IReadOnlyList<Row> rows, int shown, long[] position)
    {
        var last = rows[shown - 1].Number;
        var ofLast = rows.Take(shown).Count(row => row.Number == last);
        return [last, last == position[0] ? ofLast + position[1] : ofLast];
    }

    /// <summary>One epoch in every zone, or in the named one.</summary>
    internal static async Task<IResult> OneAsync(
        long number, string? zone, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (RegistrationForms.FaultOfZone(zone) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        var rows = await database.QueryAsync<Row>(
            Select + " where number = @number and (@zone::text is null or zone = @zone) order by zone limit @MaxEpochs",
            new { number, zone, MaxEpochs },
            cancellationToken);
        return rows.Count == 0
            ? Problems.Of(ProblemCodes.NotFound, "There is no such epoch.")
            : Results.Ok(new EpochList([.. rows.Select(static row => row.ToView())]));
    }
}
