using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Operations;

/// <summary>Users, the newest first; or those alone whom nobody has verified yet, or somebody has.</summary>
internal static class UserOverview
{
    private const int MaxRows = 500;
    private const int DefaultRows = 100;

    private sealed record Row(
        Guid Id,
        string Name,
        string Role,
        Key32 Wallet,
        Key32 AccessKey,
        bool Verified,
        bool RegisteredOnChain,
        long Number)
    {
        internal UserView ToView() => new(Id, Name, Role, Wallet, AccessKey, Verified, RegisteredOnChain);
    }

    internal static async Task<IResult> ListAsync(
        bool? verified, string? cursor, int? limit, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        long[] before = [long.MaxValue];
        if (limit is < 1 or > MaxRows || !Cursor.TryRead(cursor, "users", before))
        {
            return Problems.Of(ProblemCodes.MalformedRequest, $"limit goes from 1 to {MaxRows}; or no such cursor.");
        }

        var most = limit ?? DefaultRows;
        var rows = await database.QueryAsync<Row>(
            """
            select id, name, role, wallet, access_key, verified,
                   registered_on_chain_at is not null as registered_on_chain, number
            from users
            where number < @before and (@verified::boolean is null or verified = @verified)
            order by number desc
            limit @rows
            """,
            new { before = before[0], verified, rows = most + 1 },
            cancellationToken);
        return Results.Ok(new UserList(
            [.. rows.Take(most).Select(static row => row.ToView())],
            rows.Count > most ? Cursor.Of("users", rows[most - 1].Number) : null));
    }
}
