using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// The one place where a verified signature or an access token becomes a <see cref="Caller"/> with roles. A token
/// stands for its session's access key, so that everything behind it knows users by that key alone.
/// </summary>
internal sealed class Callers
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(5);

    // Few people have further roles: all of them are kept, and read anew every five seconds.
    private volatile Privileged _privileged = Privileged.Unknown;

    private readonly NpgsqlDataSource _database;
    private readonly Sessions _sessions;
    private readonly AccessTokens _tokens;
    private readonly OperatorIdentity _operatorIdentity;
    private readonly WallTime _wall;

    // However many requests find them too old, they are read once for all of them.
    private readonly SharedReads<bool, Privileged> _reads;

    public Callers(
        NpgsqlDataSource database,
        Sessions sessions,
        AccessTokens tokens,
        OperatorIdentity operatorIdentity,
        WallTime wall)
    {
        (_database, _sessions, _tokens, _operatorIdentity, _wall) =
            (database, sessions, tokens, operatorIdentity, wall);
        _reads = new SharedReads<bool, Privileged>(_ => ReadAsync(), wall.Clock, TimeSpan.Zero);
    }

    private sealed record Privileged(Dictionary<Key32, Roles> Roles, DateTimeOffset Until)
    {
        internal static Privileged Unknown { get; } = new([], DateTimeOffset.MinValue);
    }

    private sealed record RoleRow(Key32 AccessKey, string Role);

    /// <summary>Of a signed request; null when the signer may not call such an endpoint.</summary>
    internal async ValueTask<Caller?> OfSignatureAsync(
        Key32 key, AccessKind access, CancellationToken cancellationToken)
    {
        var roles = key == _operatorIdentity.Key
            ? Roles.Operator | Roles.Admin
            : await FurtherRolesAsync(key, fresh: access != AccessKind.Wallet, cancellationToken);
        return Allowed(new Caller(key, CallerKind.Wallet) { Roles = roles }, access);
    }

    /// <summary>Of a request with a token: the caller, or the code of the problem.</summary>
    internal async ValueTask<(Caller? Caller, string? Problem)> OfTokenAsync(
        string token, AccessKind access, CancellationToken cancellationToken)
    {
        if (await _tokens.SessionOfAsync(token) is not { } named
            || await _sessions.FindAsync(named.Session, IsPrivileged(access), cancellationToken) is not { } session)
        {
            return (null, ProblemCodes.TokenInvalid);
        }

        var caller = new Caller(session.AccessKey, CallerKind.Wallet)
        {
            Roles = session.Roles,
            Session = session.Id,
            UserId = session.UserId,
            TokenExpiresAt = named.ExpiresAt,
        };
        return Allowed(caller, access) is { } allowed ? (allowed, null) : (null, ProblemCodes.Forbidden);
    }

    /// <summary>The token of an Authorization header; null when there is none.</summary>
    internal static string? TokenOf(IHeaderDictionary headers)
    {
        const string Scheme = "Bearer ";
        var header = headers.Authorization;
        return header.Count == 1 && header[0] is { } value
            && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                ? value[Scheme.Length..].Trim()
                : null;
    }

    /// <summary>After roles have changed.</summary>
    internal void Forget()
    {
        _privileged = Privileged.Unknown;
        _sessions.Forget();
    }

    private static bool IsPrivileged(AccessKind access) => access is AccessKind.Operator or AccessKind.Admin;

    private static Caller? Allowed(Caller caller, AccessKind access) => access switch
    {
        AccessKind.Wallet => caller.Roles.IsPrivileged() ? caller with { Kind = CallerKind.Operator } : caller,
        AccessKind.Operator when caller.Roles.IsPrivileged() => caller with { Kind = CallerKind.Operator },
        AccessKind.Admin when caller.Roles.HasFlag(Roles.Admin) => caller with { Kind = CallerKind.Operator },
        _ => null,
    };

    private async ValueTask<Roles> FurtherRolesAsync(Key32 key, bool fresh, CancellationToken cancellationToken)
    {
        var known = _privileged;
        if (fresh || known.Until <= _wall.UtcNow)
        {
            known = await _reads.ReadAsync(true).WaitAsync(cancellationToken);
        }

        return known.Roles.GetValueOrDefault(key);
    }

    private async Task<Privileged> ReadAsync()
    {
        var now = _wall.UtcNow;
        var rows = await _database.QueryAsync<RoleRow>(
            "select u.access_key, r.role from account_roles r join users u on u.id = r.user_id",
            null,
            CancellationToken.None);
        return _privileged = new Privileged(
            rows.GroupBy(static row => row.AccessKey).ToDictionary(
                static group => group.Key, static group => RoleNames.Parse(group.Select(static row => row.Role))),
            now + RefreshInterval);
    }
}
