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

    /// <summary>Newest first.</summary>
    internal static async Task<IResult> ListAsync(
        string? zone, int? limit, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxEpochs)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, $"limit goes from 1 to {MaxEpochs}.");
        }

        if (RegistrationForms.FaultOfZone(zone) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        var rows = await database.QueryAsync<Row>(
            Select + " where @zone::text is null or zone = @zone order by number desc, zone limit @limit",
            new { zone, limit = limit ?? DefaultEpochs },
            cancellationToken);
        return Results.Ok(new EpochList([.. rows.Select(static row => row.ToView())]));
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
