using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

internal static class AdminEndpoints
{
    private const int MaxEntries = 200;
    private const int DefaultEntries = 100;

    /// <summary>The user has these further roles from now on, and no others.</summary>
    internal static async Task<IResult> SetRolesAsync(
        Guid id,
        RolesRequest request,
        HttpContext context,
        NpgsqlDataSource database,
        Callers callers,
        AuditLog log,
        WallTime wall,
        CancellationToken cancellationToken)
    {
        var roles = request.Roles.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        if (roles.Length > RoleNames.Further.Count || !roles.All(RoleNames.Further.Contains))
        {
            return Problems.Of(
                ProblemCodes.MalformedRequest, $"roles are of: {string.Join(", ", RoleNames.Further)}.");
        }

        var caller = context.Caller().Key;
        var all = await database.TransactAsync(
            async unit =>
            {
                var role = await unit.Transaction.FirstOrDefaultAsync<string>(
                    "select role from users where id = @id for no key update", new { id }, cancellationToken);
                if (role is null)
                {
                    return null;
                }

                _ = await unit.Transaction.ExecuteAsync(
                    """
                    delete from account_roles where user_id = @id and role <> all(@roles);
                    insert into account_roles (user_id, role, granted_at)
                    select @id, role, @now from unnest(@roles) as role
                    on conflict do nothing
                    """,
                    new { id, roles, now = wall.UtcNow },
                    cancellationToken);
                await log.AppendAsync(
                    unit.Transaction,
                    new AuditEvent(
                        caller.ToString(),
                        "roles",
                        id.ToString(),
                        string.Join(' ', roles),
                        ClientAddress.Of(context)),
                    cancellationToken);
                return RoleNames.Of(RoleNames.Parse([role, .. roles]));
            },
            cancellationToken);
        callers.Forget();
        return all is null ? Problems.Of(ProblemCodes.NotFound) : Results.Ok(new UserRoles(id, all));
    }

    /// <summary>Letters that nobody has delivered; that somebody has read them is written down.</summary>
    internal static async Task<IResult> LettersAsync(
        HttpContext context, Letters letters, AuditLog log, CancellationToken cancellationToken)
    {
        await log.AppendAsync(
            new AuditEvent(context.Caller().Key.ToString(), "letters_read", Address: ClientAddress.Of(context)),
            cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Ok(new LetterList(await letters.ReadAsync(cancellationToken)));
    }

    internal static async Task<IResult> AuditAsync(
        string? cursor, int? limit, AuditLog log, CancellationToken cancellationToken)
    {
        long[] before = [long.MaxValue];
        return limit is < 1 or > MaxEntries || !Cursor.TryRead(cursor, "audit", before)
            ? Problems.Of(ProblemCodes.MalformedRequest, $"limit goes from 1 to {MaxEntries}, cursor is an answer's.")
            : Results.Ok(await log.ReadAsync(before[0], limit ?? DefaultEntries, cancellationToken));
    }

    internal static async Task<IResult> VerifyAuditAsync(AuditLog log, CancellationToken cancellationToken) =>
        Results.Ok(await log.VerifyAsync(cancellationToken));
}
