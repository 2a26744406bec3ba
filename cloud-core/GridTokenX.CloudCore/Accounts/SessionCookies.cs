using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// The refresh token in a cookie that scripts cannot read and other sites cannot send. Beside it lies one that the page
/// reads and repeats in a header: it is bound to the session, so that nobody can plant a pair of his own.
/// </summary>
internal sealed class SessionCookies(SessionSecrets secrets, AccountsOptions options)
{
    internal const string Refresh = "gtx_refresh";
    internal const string Csrf = "gtx_csrf";
    internal const string CsrfHeader = "X-CSRF-Token";
    private const string Purpose = "GTX/csrf/v1";
    private const string RefreshPath = "/api/auth";

    /// <summary>Returns the token for the header.</summary>
    internal string Set(HttpContext context, Guid session, string refreshToken)
    {
        var csrf = CsrfOf(session);
        context.Response.Cookies.Append(Refresh, refreshToken, Options(RefreshPath, httpOnly: true));
        context.Response.Cookies.Append(Csrf, csrf, Options("/", httpOnly: false));
        return csrf;
    }

    internal void Clear(HttpContext context)
    {
        context.Response.Cookies.Delete(Refresh, Options(RefreshPath, httpOnly: true));
        context.Response.Cookies.Delete(Csrf, Options("/", httpOnly: false));
    }

    /// <summary>The header says what belongs to this session.</summary>
    internal bool HasCsrf(HttpContext context, Guid session) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(context.Request.Headers[CsrfHeader].ToString()),
        Encoding.UTF8.GetBytes(CsrfOf(session)));

    private string CsrfOf(Guid session) =>
        Base64Url.EncodeToString(secrets.Mac(Purpose, session.ToByteArray(bigEndian: true)));

#pragma warning disable S2092, S3330 // By https and by what the cookie is for.
    private CookieOptions Options(string path, bool httpOnly) => new()
    {
        HttpOnly = httpOnly,
        Secure = options.IsSecure,
        SameSite = SameSiteMode.Strict,
        Path = path,
        MaxAge = options.SessionLifetime,
        IsEssential = true,
    };
#pragma warning restore S2092, S3330
}
