using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Registration;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Pricing;

internal static class MarketDataEndpoints
{
    private const int MaxLevels = 100;
    private const int DefaultLevels = 20;
    private const int MaxBars = 500;
    private const int DefaultBars = 96;
    private static readonly TimeSpan MostTime = TimeSpan.FromDays(366);

    internal static async Task<IResult> DataAsync(
        string? zone, int? levels, RememberedMarketData markets, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(zone) || RegistrationForms.FaultOfZone(zone) is not null)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "zone names a grid zone.");
        }

        if (levels is < 0 or > MaxLevels)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, $"levels goes from 0 to {MaxLevels}.");
        }

        return await markets.ReadAsync(zone, levels ?? DefaultLevels, cancellationToken) is { } data
            ? Results.Ok(data)
            : Problems.Of(ProblemCodes.UnknownZone);
    }

    /// <summary>Without bounds the last day; <c>from</c> is within, <c>to</c> is not.</summary>
    internal static async Task<IResult> HistoryAsync(
        string? zone,
        DateTimeOffset? from,
        DateTimeOffset? to,
        string? cursor,
        int? limit,
        MarketDataQuery query,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(zone) || RegistrationForms.FaultOfZone(zone) is not null)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "zone names a grid zone.");
        }

        long[] before = [long.MaxValue];
        if (limit is < 1 or > MaxBars || !Cursor.TryRead(cursor, MarketDataQuery.Bars, before))
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "cursor or limit cannot be read.");
        }

        var end = (to ?? time.GetUtcNow()).ToUniversalTime();
        var start = (from ?? (end - DateTimeOffset.MinValue < TimeSpan.FromDays(1) ? end : end.AddDays(-1)))
            .ToUniversalTime();
        if (start > end || end - start > MostTime)
        {
            return Problems.Of(
                ProblemCodes.MalformedRequest, $"from is not after to, and at most {MostTime.Days} days before it.");
        }

        return Results.Ok(
            await query.HistoryAsync(zone, start, end, before[0], limit ?? DefaultBars, cancellationToken));
    }
}
