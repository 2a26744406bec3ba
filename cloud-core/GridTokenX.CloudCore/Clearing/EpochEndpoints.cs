using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Fairness;
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
               open_interest_wh as open_interest, rule, auction_price, welfare_ugrx, welfare_max_ugrx, volume_max_wh,
               coalesce((select sum(arriving_wh + lost_wh) from matches_across
                         where from_epoch = epochs.number and from_zone = epochs.zone), 0)::bigint as across_wh,
               buyers_share, price_dispersion, production_wh as production, consumption_wh as consumption, meters,
               meters_read
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

        public required string Rule { get; init; }

        public required PricePerKwh? AuctionPrice { get; init; }

        public required long WelfareUgrx { get; init; }

        public required long WelfareMaxUgrx { get; init; }

        public required long VolumeMaxWh { get; init; }

        /// <summary>Of the volume, traded with other zones.</summary>
        public required long AcrossWh { get; init; }

        public required decimal? BuyersShare { get; init; }

        public required decimal? PriceDispersion { get; init; }

        public required WattHours? Production { get; init; }

        public required WattHours? Consumption { get; init; }

        public required int? Meters { get; init; }

        public required int? MetersRead { get; init; }

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
            OpenInterest.ToKwh(),
            Rule,
            AuctionPrice?.ToGrx(),
            Status is "cleared" or "settled" ? Fairness() : null);

        private EpochFairness Fairness()
        {
            var covered = Production is { } production && Consumption is { } consumption
                ? WattHours.Min(production, consumption)
                : (WattHours?)null;
            return new EpochFairness(
                Ratio.Of(WelfareUgrx, WelfareMaxUgrx),
                Ratio.Of(Volume.Value - AcrossWh, VolumeMaxWh),
                BuyersShare,
                PriceDispersion,
                covered is null ? null : Ratio.Of(covered.Value.Value, Consumption!.Value.Value),
                covered is null ? null : Ratio.Of(covered.Value.Value, Production!.Value.Value),
                Production?.ToKwh(),
                Consumption?.ToKwh(),
                Meters,
                MetersRead);
        }
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
