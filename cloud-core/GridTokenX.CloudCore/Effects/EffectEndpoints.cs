using System.Globalization;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
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
            context.Caller(),
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
            context.Caller(),
            async (user, before, most) =>
                Results.Ok(await effects.YieldsAsync(user, before, most, time.GetUtcNow(), cancellationToken)),
            cancellationToken);

    private sealed record Asked(string? Wallet, string? Cursor, int? Limit);

    private static async Task<IResult> ReadAsync(
        Asked asked,
        NpgsqlDataSource database,
        Caller caller,
        Func<Guid, long, int, Task<IResult>> read,
        CancellationToken cancellationToken)
    {
        var before = long.MaxValue;
        Key32 named = default;
        if (asked.Limit is < 1 or > MaxEntries
            || (asked.Cursor is { } cursor && !long.TryParse(
                cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
            || (asked.Wallet is { } wallet && !Key32.TryParse(wallet, out named)))
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "wallet, cursor or limit cannot be read.");
        }

        if (asked.Wallet is null)
        {
            named = caller.Key;
        }
        else if (caller.Kind != CallerKind.Operator
            && await database.OwnWalletAsync(named, caller.Key, cancellationToken) is null)
        {
            return Problems.Of(ProblemCodes.Forbidden, "Only the operator reads what is other people's.");
        }

        var users = await database.QueryAsync<Guid>(
            "select id from users where wallet = @named or access_key = @named limit 1",
            new { named },
            cancellationToken);
        return users.Count == 0
            ? Problems.Of(ProblemCodes.NotFound, "There is no such user.")
            : await read(users[0], before, asked.Limit ?? DefaultEntries);
    }
}
