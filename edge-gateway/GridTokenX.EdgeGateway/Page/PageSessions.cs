using System.Security.Cryptography;
using System.Text;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Page;

internal enum SignInOutcome
{
    None = 0,
    SignedIn,
    WrongPin,

    /// <summary>No PIN is looked at for a while.</summary>
    LockedOut,
}

/// <summary>
/// Who has shown the PIN. After five wrong ones nobody's PIN is looked at for a minute, then for two, up to an hour: a
/// six-digit PIN stands years of guessing. Sessions end after half an hour without a request, with the process, and
/// with the PIN that was shown: whoever had shown an old one shows the new one.
/// </summary>
internal sealed class PageSessions(Claim claim, WallTime wall, ILogger<PageSessions> logger)
{
    internal const int MaxWrong = 5;
    internal static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);
    internal static readonly TimeSpan FirstLockout = TimeSpan.FromMinutes(1);

    private const string CookieName = "gtx-session";
    private const int MaxSessions = 20;
    private static readonly TimeSpan LongestLockout = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string FormToken, DateTimeOffset LastSeen, string? PinHash)> _sessions =
        new(StringComparer.Ordinal);

    private int _wrong;
    private TimeSpan _lockout = FirstLockout;
    private DateTimeOffset _lockedUntil = DateTimeOffset.MinValue;

    /// <summary>The token that this visitor's forms must carry; null when nobody is signed in.</summary>
    internal string? FormToken(HttpRequest request)
    {
        lock (_lock)
        {
            Tidy();
            if (request.Cookies[CookieName] is not { } id
                || !_sessions.TryGetValue(Hash(id), out var session)
                || session.PinHash != claim.PinHash)
            {
                return null;
            }

            _sessions[Hash(id)] = session with { LastSeen = wall.UtcNow };
            return session.FormToken;
        }
    }

    /// <summary>A form that this page made for this visitor, who is signed in.</summary>
    internal bool IsOwnForm(HttpRequest request, IFormCollection form) =>
        FormToken(request) is { } expected
        && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(form["token"].ToString()));

    internal SignInOutcome SignIn(HttpContext context, string pin)
    {
        // One at a time: hashing takes memory, and guesses in parallel would pass the count.
        lock (_lock)
        {
            Tidy();
            var from = context.Connection.RemoteIpAddress;
            if (wall.UtcNow < _lockedUntil)
            {
                Log.SignInRefused(logger, from, "locked out");
                return SignInOutcome.LockedOut;
            }

            if (!claim.IsPin(pin))
            {
                Log.SignInRefused(logger, from, "wrong PIN");
                return CountWrong();
            }

            (_wrong, _lockout) = (0, FirstLockout);
            Begin(context);
            return SignInOutcome.SignedIn;
        }
    }

    internal void SignOut(HttpContext context)
    {
        lock (_lock)
        {
            _ = _sessions.Remove(Hash(context.Request.Cookies[CookieName] ?? string.Empty));
        }

        context.Response.Cookies.Delete(CookieName);
    }

    private static string Hash(string id) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    private SignInOutcome CountWrong()
    {
        if (++_wrong < MaxWrong)
        {
            return SignInOutcome.WrongPin;
        }

        _wrong = 0;
        _lockedUntil = wall.UtcNow + _lockout;
        _lockout = _lockout * 2 < LongestLockout ? _lockout * 2 : LongestLockout;
        return SignInOutcome.LockedOut;
    }

    private void Begin(HttpContext context)
    {
        while (_sessions.Count >= MaxSessions)
        {
            _ = _sessions.Remove(_sessions.MinBy(static session => session.Value.LastSeen).Key);
        }

        var id = RandomNumberGenerator.GetHexString(64);
        _sessions[Hash(id)] = (RandomNumberGenerator.GetHexString(64), wall.UtcNow, claim.PinHash);
        context.Response.Cookies.Append(
            CookieName,
            id,
#pragma warning disable S2092 // The page is plain HTTP inside the home, where no certificate fits its address.
            new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                Secure = context.Request.IsHttps,
                Path = "/",
            });
#pragma warning restore S2092
    }

    private void Tidy()
    {
        var ended = _sessions.Where(session => wall.UtcNow - session.Value.LastSeen > Idle)
            .Select(static session => session.Key)
            .ToList();
        ended.ForEach(id => _sessions.Remove(id));
    }
}
