using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Api;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

internal static class SessionEndpoints
{
    /// <summary>
    /// With the token in the body, or in the cookie: then the header must repeat what belongs to its session.
    /// </summary>
    internal static async Task<IResult> RefreshAsync(
        RefreshRequest request,
        HttpContext context,
        NpgsqlDataSource database,
        Sessions sessions,
        SessionStart start,
        SessionCookies cookies,
        AuditLog log,
        CancellationToken cancellationToken)
    {
        var byCookie = request.RefreshToken is null;
        var token = request.RefreshToken ?? context.Request.Cookies[SessionCookies.Refresh];
        if (token is null)
        {
            return Problems.Of(ProblemCodes.RefreshTokenInvalid, "There is none.");
        }

        if (byCookie
            && await sessions.OfTokenAsync(token, cancellationToken) is { } named
            && !cookies.HasCsrf(context, named))
        {
            return Problems.Of(ProblemCodes.CsrfTokenMissing);
        }

        var (outcome, session, _, next) = await database.TransactAsync(
            async unit =>
            {
                var result = await sessions.RefreshAsync(unit.Transaction, token, cancellationToken);
                if (result.Outcome == RefreshOutcome.Reused)
                {
                    await log.AppendAsync(
                        unit.Transaction,
                        new AuditEvent(
                            result.AccessKey.ToString(),
                            "session_revoked",
                            result.Session.ToString(),
                            "refresh_token_reused",
                            ClientAddress.Of(context)),
                        cancellationToken);
                }

                return result;
            },
            cancellationToken);
        return outcome == RefreshOutcome.Refreshed
            ? await start.AnswerAsync(context, session, next!, byCookie, cancellationToken)
            : Problems.Of(ProblemCodes.RefreshTokenInvalid);
    }

    internal static async Task<IResult> SignOutAsync(
        HttpContext context,
        NpgsqlDataSource database,
        Sessions sessions,
        SessionCookies cookies,
        AuditLog log,
        CancellationToken cancellationToken)
    {
        if (context.Caller().Session is { } session)
        {
            _ = await RevokeAsync(context, session, "sign_out", database, sessions, log, cancellationToken);
            cookies.Clear(context);
        }

        return Results.NoContent();
    }

    internal static async Task<IResult> ListAsync(
        HttpContext context, Sessions sessions, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return Results.Ok(new SessionList(
            await sessions.ListAsync(caller.Key, caller.Session, cancellationToken)));
    }

    internal static async Task<IResult> RevokeAsync(
        Guid id,
        HttpContext context,
        NpgsqlDataSource database,
        Sessions sessions,
        AuditLog log,
        CancellationToken cancellationToken) =>
        await RevokeAsync(context, id, "revoked", database, sessions, log, cancellationToken)
            ? Results.NoContent()
            : Problems.Of(ProblemCodes.NotFound, "There is no such session.");

    internal static async Task<IResult> MeAsync(
        HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var user = await database.FindUserAsync(caller.Key, cancellationToken);
        var role = user is null
            ? null
            : await database.FirstOrDefaultAsync<string>(
                "select role from users where id = @UserId", new { user.UserId }, cancellationToken);
        var roles = role is null ? caller.Roles : caller.Roles | RoleNames.Parse([role]);
        return Results.Ok(new WhoAmI(caller.Key, user?.UserId, RoleNames.Of(roles), caller.Session));
    }

    private static Task<bool> RevokeAsync(
        HttpContext context,
        Guid id,
        string reason,
        NpgsqlDataSource database,
        Sessions sessions,
        AuditLog log,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return database.TransactAsync(
            async unit =>
            {
                var revoked = await sessions.RevokeOwnAsync(
                    unit.Transaction, caller.Key, id, reason, cancellationToken);
                if (revoked)
                {
                    await log.AppendAsync(
                        unit.Transaction,
                        new AuditEvent(
                            caller.Key.ToString(),
                            "session_revoked",
                            id.ToString(),
                            reason,
                            ClientAddress.Of(context)),
                        cancellationToken);
                }

                return revoked;
            },
            cancellationToken);
    }
}
