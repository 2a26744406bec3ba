using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>A session that is neither over nor revoked.</summary>
internal sealed record LiveSession
{
    public required Guid Id { get; init; }

    public required Key32 AccessKey { get; init; }

    public required Guid? UserId { get; init; }

    public required string[] RoleNames { get; init; }

    internal Roles Roles => Accounts.RoleNames.Parse(RoleNames);
}

/// <summary>What became of a refresh token.</summary>
internal enum RefreshOutcome
{
    None = 0,
    Refreshed,
    Invalid,

    /// <summary>It was used a moment ago, as two windows do: nobody gets a token, and nothing is revoked.</summary>
    UsedJustNow,

    /// <summary>It was used before: somebody has a copy. The session is revoked.</summary>
    Reused,
}

/// <summary>
/// Sessions in the database. A look-up may be five seconds old in another process than the one that revoked a session;
/// for privileged endpoints it never is.
/// </summary>
internal sealed class Sessions(NpgsqlDataSource database, AccountsOptions options, WallTime wall)
{
    private const int MaxCached = 50_000;
    private const int MaxSessionsOfKey = 50;
    private static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TwoWindows = TimeSpan.FromSeconds(10);

    private readonly Remembered<Guid, (LiveSession? Session, DateTimeOffset Until)> _cache = new(MaxCached);

    private sealed record TokenRow(Guid SessionId, DateTimeOffset? UsedAt, bool IsOver, Key32 AccessKey);

    /// <summary>A new session with its first refresh token. Beyond fifty of a key the oldest end.</summary>
    internal async Task<(Guid Id, string RefreshToken)> StartAsync(
        NpgsqlTransaction transaction,
        Key32 accessKey,
        string method,
        string address,
        string? userAgent,
        CancellationToken cancellationToken)
    {
        var now = wall.UtcNow;
        var id = Guid.CreateVersion7(now);
        _ = await transaction.ExecuteAsync(
            """
            insert into sessions (id, access_key, method, created_at, last_used_at, expires_at, address, user_agent)
            values (@id, @accessKey, @method, @now, @now, @expires, @address, @userAgent);
            update sessions set revoked_at = @now, revoked_for = 'too_many'
            where revoked_at is null and id in (
                select id from sessions where access_key = @accessKey and revoked_at is null
                order by created_at desc offset @most)
            """,
            new
            {
                id,
                accessKey,
                method,
                now,
                expires = now + options.SessionLifetime,
                address,
                userAgent,
                most = MaxSessionsOfKey,
            },
            cancellationToken);
        return (id, await AddTokenAsync(transaction, id, now, cancellationToken));
    }

    /// <summary>
    /// Exchanges a refresh token for a new one; in the caller's transaction, which must be committed.
    /// </summary>
    internal async Task<(RefreshOutcome Outcome, Guid Session, Key32 AccessKey, string? RefreshToken)> RefreshAsync(
        NpgsqlTransaction transaction, string token, CancellationToken cancellationToken)
    {
        var now = wall.UtcNow;
        var row = await transaction.FirstOrDefaultAsync<TokenRow>(
            """
            select t.session_id, t.used_at, s.revoked_at is not null or s.expires_at <= @now as is_over, s.access_key
            from refresh_tokens t join sessions s on s.id = t.session_id
            where t.token_hash = @hash
            for update
            """,
            new { hash = OpaqueToken.Hash(token), now },
            cancellationToken);
        if (row is null || row.IsOver)
        {
            return (RefreshOutcome.Invalid, Guid.Empty, default, null);
        }

        if (row.UsedAt is { } used)
        {
            if (now - used < TwoWindows)
            {
                return (RefreshOutcome.UsedJustNow, row.SessionId, row.AccessKey, null);
            }

            await RevokeAsync(transaction, row.SessionId, "refresh_token_reused", cancellationToken);
            return (RefreshOutcome.Reused, row.SessionId, row.AccessKey, null);
        }

        _ = await transaction.ExecuteAsync(
            """
            update refresh_tokens set used_at = @now where token_hash = @hash;
            update sessions set last_used_at = @now, expires_at = @expires where id = @SessionId
            """,
            new { hash = OpaqueToken.Hash(token), now, expires = now + options.SessionLifetime, row.SessionId },
            cancellationToken);
        var next = await AddTokenAsync(transaction, row.SessionId, now, cancellationToken);
        return (RefreshOutcome.Refreshed, row.SessionId, row.AccessKey, next);
    }

    /// <summary>The session that a refresh token belongs to, whatever has become of either.</summary>
    internal Task<Guid?> OfTokenAsync(string token, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<Guid?>(
            "select session_id from refresh_tokens where token_hash = @hash",
            new { hash = OpaqueToken.Hash(token) },
            cancellationToken);

    internal ValueTask<LiveSession?> FindAsync(Guid id, bool fresh, CancellationToken cancellationToken)
    {
        var now = wall.UtcNow;
        return !fresh && _cache.TryGet(id, out var known) && known.Until > now
            ? ValueTask.FromResult(known.Session)
            : new ValueTask<LiveSession?>(ReadAsync(id, now, cancellationToken));
    }

    private async Task<LiveSession?> ReadAsync(Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var session = await database.FirstOrDefaultAsync<LiveSession>(
            """
            select s.id, s.access_key, u.id as user_id,
                   case when u.id is null then '{}' else array_append(
                       (select coalesce(array_agg(r.role), '{}') from account_roles r where r.user_id = u.id), u.role)
                   end as role_names
            from sessions s left join users u on u.access_key = s.access_key
            where s.id = @id and s.revoked_at is null and s.expires_at > @now
            """,
            new { id, now },
            cancellationToken);
        _cache.Set(id, (session, now + CacheTime));
        return session;
    }

    /// <summary>Newest first.</summary>
    internal async Task<IReadOnlyList<SessionView>> ListAsync(
        Key32 accessKey, Guid? current, CancellationToken cancellationToken) =>
        await database.QueryAsync<SessionView>(
            """
            select id, method, created_at, last_used_at, expires_at, address, user_agent,
                   coalesce(id = @current, false) as current
            from sessions
            where access_key = @accessKey and revoked_at is null and expires_at > @now
            order by created_at desc limit @most
            """,
            new { accessKey, current, now = wall.UtcNow, most = MaxSessionsOfKey },
            cancellationToken);

    /// <summary>False when it is not one of the key's, or has ended before.</summary>
    internal async Task<bool> RevokeOwnAsync(
        NpgsqlTransaction transaction, Key32 accessKey, Guid id, string reason, CancellationToken cancellationToken)
    {
        var revoked = await transaction.ExecuteAsync(
            """
            update sessions set revoked_at = @now, revoked_for = @reason
            where id = @id and access_key = @accessKey and revoked_at is null
            """,
            new { id, accessKey, reason, now = wall.UtcNow },
            cancellationToken);
        _cache.Forget(id);
        return revoked == 1;
    }

    /// <summary>All of a key, but for the one that is kept; how many.</summary>
    internal async Task<int> RevokeAllAsync(
        NpgsqlTransaction transaction, Key32 accessKey, Guid? kept, string reason, CancellationToken cancellationToken)
    {
        var revoked = await transaction.ExecuteAsync(
            """
            update sessions set revoked_at = @now, revoked_for = @reason
            where access_key = @accessKey and revoked_at is null and id is distinct from @kept
            """,
            new { accessKey, kept, reason, now = wall.UtcNow },
            cancellationToken);
        _cache.Clear();
        return revoked;
    }

    /// <summary>After roles have changed.</summary>
    internal void Forget() => _cache.Clear();

    private async Task RevokeAsync(
        NpgsqlTransaction transaction, Guid id, string reason, CancellationToken cancellationToken)
    {
        _ = await transaction.ExecuteAsync(
            "update sessions set revoked_at = @now, revoked_for = @reason where id = @id and revoked_at is null",
            new { id, reason, now = wall.UtcNow },
            cancellationToken);
        _cache.Forget(id);
    }

    private static async Task<string> AddTokenAsync(
        NpgsqlTransaction transaction, Guid session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var token = OpaqueToken.New();
        _ = await transaction.ExecuteAsync(
            "insert into refresh_tokens (token_hash, session_id, created_at) values (@hash, @session, @now)",
            new { hash = OpaqueToken.Hash(token), session, now },
            cancellationToken);
        return token;
    }
}
