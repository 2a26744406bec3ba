using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>Begins a session for somebody who has proved who he is, and answers with its tokens.</summary>
internal sealed class SessionStart(
    NpgsqlDataSource database, Sessions sessions, AccessTokens tokens, SessionCookies cookies, AuditLog log)
{
    private const int MaxUserAgent = 200;

    /// <param name="isKnown">
    /// The key is a user's or an operator's. What others do is not written into a log that is kept for ever.
    /// </param>
    internal async Task<IResult> BeginAsync(
        HttpContext context,
        Key32 accessKey,
        string method,
        bool cookie,
        bool isKnown,
        CancellationToken cancellationToken)
    {
        var address = ClientAddress.Of(context);
        var (id, refreshToken) = await database.TransactAsync(
            async unit =>
            {
                var started = await sessions.StartAsync(
                    unit.Transaction, accessKey, method, address, UserAgent(context), cancellationToken);
                if (isKnown)
                {
                    await log.AppendAsync(
                        unit.Transaction,
                        new AuditEvent(accessKey.ToString(), "sign_in", started.Id.ToString(), method, address),
                        cancellationToken);
                }

                return started;
            },
            cancellationToken);
        return await AnswerAsync(context, id, refreshToken, cookie, cancellationToken);
    }

    /// <summary>The tokens of a session that was begun or refreshed a moment ago.</summary>
    internal async Task<IResult> AnswerAsync(
        HttpContext context, Guid id, string refreshToken, bool cookie, CancellationToken cancellationToken)
    {
        if (await sessions.FindAsync(id, fresh: true, cancellationToken) is not { } session)
        {
            return Problems.Of(ProblemCodes.RefreshTokenInvalid);
        }

        var (token, expiresAt) = tokens.Issue(id, session.AccessKey, session.Roles);
        var csrf = cookie ? cookies.Set(context, id, refreshToken) : null;
        context.Response.Headers.CacheControl = "no-store";
        return Results.Ok(new SessionTokens(
            token,
            expiresAt,
            cookie ? null : refreshToken,
            csrf,
            id,
            session.AccessKey,
            RoleNames.Of(session.Roles)));
    }

    private static string? UserAgent(HttpContext context)
    {
        var text = new string([.. context.Request.Headers.UserAgent.ToString().Where(static c => !char.IsControl(c))]);
        return text.Length == 0 ? null : text[..Math.Min(text.Length, MaxUserAgent)];
    }
}
