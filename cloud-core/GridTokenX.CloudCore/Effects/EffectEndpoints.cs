using System.Globalization;
using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;
using Npgsql;

namespace GridTokenX.CloudCore.Effects;

/// <summary>Everybody reads what is his own; the operator names a wallet.</summary>
internal static class EffectEndpoints
{
    private const int MaxEntries = 500;
    private const int DefaultEntries = 100;

    internal static Task<IResult> CarbonAsync(
        string? wallet,
        string? cursor,
        int? limit,
        EffectQueries effects,
        NpgsqlDataSource database,
        HttpContext context,
        CancellationToken cancellationToken) =>
        ReadAsync(
            new Asked(wallet, cursor, limit),
            database,
            context,
            async (user, before, most) =>
                Results.Ok(await effects.CarbonAsync(user, before, most, cancellationToken)),
            cancellationToken);

    internal static Task<IResult> YieldsAsync(
        string? wallet,
        string? cursor,
        int? limit,
        EffectQueries effects,
        NpgsqlDataSource database,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellationToken) =>
        ReadAsync(
            new Asked(wallet, cursor, limit),
            database,
            context,
            async (user, before, most) =>
                Results.Ok(await effects.YieldsAsync(user, before, most, time.GetUtcNow(), cancellationToken)),
            cancellationToken);

    private sealed record Asked(string? Wallet, string? Cursor, int? Limit);

    private static async Task<IResult> ReadAsync(
        Asked asked,
        NpgsqlDataSource database,
        HttpContext context,
        Func<Guid, long, int, Task<IResult>> read,
        CancellationToken cancellationToken)
    {
        var before = long.MaxValue;
        if (asked.Limit is < 1 or > MaxEntries
            || (asked.Cursor is { } cursor && !long.TryParse(
                cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before)))
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "cursor or limit cannot be read.");
        }

        var (user, problem) = await Whose.ReadAsync(context, database, asked.Wallet, cancellationToken);
        return problem ?? await read(user, before, asked.Limit ?? DefaultEntries);
    }
}
