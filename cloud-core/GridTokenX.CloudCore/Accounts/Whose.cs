using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Api;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>Whose records a list shows: the one place that decides it.</summary>
internal static class Whose
{
    internal static Task<(Guid User, IResult? Problem)> ReadAsync(
        HttpContext context, NpgsqlDataSource database, string? wallet, CancellationToken cancellationToken) =>
        ReadAsync(context, database, wallet, null, cancellationToken);

    /// <summary>
    /// The caller's, who may name the own wallet by its address or by the access key; or, for an operator, those of the
    /// user with the named wallet or id. Both at once name the same user.
    /// </summary>
    internal static async Task<(Guid User, IResult? Problem)> ReadAsync(
        HttpContext context,
        NpgsqlDataSource database,
        string? wallet,
        Guid? id,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        if (!KeyParameter.TryRead(wallet, out var named))
        {
            return (Guid.Empty, Problems.Of(ProblemCodes.MalformedRequest, "wallet is a Base58 key of 32 bytes."));
        }

        if (id is null && named is null && caller.UserId is { } signedIn)
        {
            return (signedIn, null);
        }

        if (id is null)
        {
            var own = await database.FindUserAsync(caller.Key, cancellationToken);
            if (named is null || named == caller.Key || named == own?.Wallet)
            {
                return own is null
                    ? (Guid.Empty, Problems.Of(ProblemCodes.NotFound, "Nobody is registered with this key."))
                    : (own.UserId, null);
            }
        }

        if (caller.Kind != CallerKind.Operator)
        {
            return (
                Guid.Empty, Problems.Of(ProblemCodes.Forbidden, "Only the operator reads what is somebody else's."));
        }

        // Each way to name a user has its index.
        var found = await database.FirstOrDefaultAsync<Guid?>(
            """
            select id from users
            where (wallet = @named or access_key = @named or (@named::bytea is null and id = @id))
              and (@id::uuid is null or id = @id)
            limit 1
            """,
            new { named = named?.ToArray(), id },
            cancellationToken);
        return found is { } user
            ? (user, null)
            : (Guid.Empty, Problems.Of(ProblemCodes.NotFound, "There is no such user."));
    }
}
