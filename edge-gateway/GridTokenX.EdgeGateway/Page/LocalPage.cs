using System.Net;
using System.Reflection;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Metrics;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Pairing;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.Page;

/// <summary>
/// The page in the home: everything behind the PIN but the way in. No part of it comes from elsewhere, and no other
/// page may show it, send forms to it, or read it.
/// </summary>
internal sealed class LocalPage(
    DashboardView dashboard,
    PageSessions sessions,
    Claim claim,
    Ownership ownership,
    SupportBundle bundle,
    PrometheusText metrics,
    ReadingOutbox outbox,
    DeviceHolds holds,
    Alarms alarms,
    Refusals refusals,
    WallTime wall,
    ILogger<LocalPage> logger) : IDisposable
{
    private const string HtmlType = "text/html; charset=utf-8";

    // Hashing takes 16 MiB: whoever posts many at once waits, and takes no thread meanwhile.
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    internal static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapGet("/", static (HttpContext context, LocalPage page) => page.Show(context));
        _ = routes.MapGet("/claim", static (HttpContext context, LocalPage page) =>
            page.ShowClaim(Texts.For(context.Request)));
        _ = routes.MapPost("/claim", static (HttpContext context, LocalPage page) =>
            page.EnterAsync(context, form => page.TakeClaim(context, form)));
        _ = routes.MapPost("/sign-in", static (HttpContext context, LocalPage page) =>
            page.EnterAsync(context, form => page.TakePin(context, form)));
        _ = routes.MapPost("/sign-out", static (HttpContext context, LocalPage page) =>
            page.OwnFormAsync(context, () => page.EndSession(context)));
        _ = routes.MapPost("/alarms/seen", static (HttpContext context, LocalPage page) =>
            page.OwnFormAsync(context, page.SeenRecovery));
        _ = routes.MapPost("/quarantine/retry", static (HttpContext context, LocalPage page) =>
            page.OwnFormAsync(context, page.RetryQuarantine));
        _ = routes.MapGet("/bundle", static (HttpContext context, LocalPage page) => page.Bundle(context));
        _ = routes.MapGet("/metrics", static (HttpContext context, LocalPage page) => page.Metrics(context));
        _ = routes.MapGet("/language/{code}", static (HttpContext context, string code) => Choose(context, code));
        _ = routes.MapGet("/page.css", static () => Asset("page.css", "text/css; charset=utf-8"));
        _ = routes.MapGet("/page.js", static () => Asset("page.js", "text/javascript; charset=utf-8"));
        _ = routes.MapFallback("{**path}", static (HttpContext context, LocalPage page) => page.Unknown(context));
    }

    /// <summary>Before every answer.</summary>
    internal static Task HardenAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";

        // With no-referrer a browser would send this page's own forms with the origin null.
        headers["Referrer-Policy"] = "same-origin";
        return next(context);
    }

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>Somebody on the gateway itself, or who has shown the PIN.</summary>
    internal bool MayRead(HttpContext context)
    {
        var may = IsLocal(context) || sessions.FormToken(context.Request) is not null;
        if (!may)
        {
            Log.PageRefused(logger, context.Request.Path, context.Connection.RemoteIpAddress);
        }

        return may;
    }

    /// <summary>Somebody tries names: no file of the gateway is served by its name.</summary>
    private IResult Unknown(HttpContext context)
    {
        refusals.Add(Refusals.NoSuchPage, context.Request.Path);
        return Results.NotFound();
    }

    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);

    private static IResult Asset(string name, string type)
    {
        var assembly = Assembly.GetExecutingAssembly();
        return Results.Stream(assembly.GetManifestResourceStream($"GridTokenX.EdgeGateway.Page.{name}")!, type);
    }

    private static IResult Choose(HttpContext context, string code)
    {
        if (code is "en" or "th")
        {
            context.Response.Cookies.Append(
                "lang",
                code,
#pragma warning disable S2092 // The page is plain HTTP inside the home, where no certificate fits its address.
                new CookieOptions
                {
                    HttpOnly = true,
                    SameSite = SameSiteMode.Lax,
                    MaxAge = TimeSpan.FromDays(3650),
                    Secure = context.Request.IsHttps,
                });
#pragma warning restore S2092
        }

        return Results.Redirect("/");
    }

    private IResult Show(HttpContext context)
    {
        var texts = Texts.For(context.Request);
        if (sessions.FormToken(context.Request) is { } token)
        {
            return Results.Content(dashboard.Render(texts, token), HtmlType);
        }

        if (!claim.IsClaimed || ownership.Code is not null)
        {
            return ShowClaim(texts);
        }

        return Results.Content(EntryViews.SignIn(texts, ClaimFault), HtmlType);
    }

    private string? ClaimFault => ownership.Fault is { } code ? PairingFaults.KeyOf(code) : null;

    /// <summary>While the cloud is asked about a code everybody sees that, and nothing else.</summary>
    private IResult ShowClaim(Texts texts) => Results.Content(
        ownership.Code is null ? EntryViews.Claim(texts, ClaimFault) : EntryViews.Asking(texts), HtmlType);

    /// <summary>
    /// The forms of the way in have no token of a session. A browser says of itself where a form comes from: without
    /// that any site could guess here, or claim the gateway of whoever looks at it.
    /// </summary>
    private async Task<IResult> EnterAsync(HttpContext context, Func<IFormCollection, IResult> act)
    {
        if (IsOfAnotherPage(context.Request))
        {
            Log.PageRefused(logger, context.Request.Path, context.Connection.RemoteIpAddress);
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        if (await FormAsync(context) is not { } form)
        {
            return Results.BadRequest();
        }

        await _oneAtATime.WaitAsync(context.RequestAborted);
        try
        {
            return act(form);
        }
        finally
        {
            _ = _oneAtATime.Release();
        }
    }

    /// <summary>What is no browser says neither, and does nobody's will but its own.</summary>
    private static bool IsOfAnotherPage(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is [var site, ..] && site is not ("same-origin" or "none"))
        {
            return true;
        }

        return request.Headers.Origin is [var origin, ..]
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var page)
                && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private IResult TakePin(HttpContext context, IFormCollection form)
    {
        var outcome = sessions.SignIn(context, form["pin"].ToString());
        return outcome switch
        {
            SignInOutcome.SignedIn => Results.Redirect("/"),
            SignInOutcome.LockedOut =>
                Fault(context, EntryViews.SignIn, "locked", StatusCodes.Status429TooManyRequests),
            _ => Fault(context, EntryViews.SignIn, "wrongPin", StatusCodes.Status403Forbidden),
        };
    }

    private IResult TakeClaim(HttpContext context, IFormCollection form)
    {
        if (ClaimCode.TryNormalise(form["code"], out var code))
        {
            return ClaimForOwner(context, code, form["pin"].ToString());
        }

        ClaimOutcome outcome;
        try
        {
            outcome = claim.TryClaim(form["code"].ToString(), form["pin"].ToString());
        }
        catch (SqliteException)
        {
            return Fault(context, EntryViews.Claim, "notStored", StatusCodes.Status503ServiceUnavailable);
        }

        if (outcome == ClaimOutcome.Claimed)
        {
            Log.Claimed(logger, context.Connection.RemoteIpAddress);
            return Results.Redirect("/");
        }

        Log.ClaimRefused(logger, context.Connection.RemoteIpAddress, outcome);
        var fault = outcome switch
        {
            ClaimOutcome.NoCode => "noCode",
            ClaimOutcome.Expired => "expired",
            ClaimOutcome.UnfitPin => "unfitPin",
            _ => "wrongCode",
        };
        return Fault(context, EntryViews.Claim, fault, StatusCodes.Status403Forbidden);
    }

    /// <summary>
    /// The owner's word: the cloud takes it once, and only while the gateway is nobody's or already his. The PIN is set
    /// when it has.
    /// </summary>
    private IResult ClaimForOwner(HttpContext context, string code, string pin)
    {
        if (!Claim.IsFit(pin))
        {
            return Fault(context, EntryViews.Claim, "unfitPin", StatusCodes.Status403Forbidden);
        }

        if (claim.IsClaimed && ownership.Current is null && sessions.FormToken(context.Request) is null)
        {
            // Any user of the cloud has codes: they must not open a page that somebody has closed.
            Log.PageRefused(logger, context.Request.Path, context.Connection.RemoteIpAddress);
            return Fault(context, EntryViews.SignIn, "signInFirst", StatusCodes.Status403Forbidden);
        }

        try
        {
            var asked = ownership.MayAsk(code) && ownership.TryAsk(code, PasswordHash.Of(pin));
            Log.CodeEntered(logger, context.Connection.RemoteIpAddress, asked);
            return Results.Redirect("/");
        }
        catch (SqliteException)
        {
            return Fault(context, EntryViews.Claim, "notStored", StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static IResult Fault(HttpContext context, Func<Texts, string?, string> view, string key, int status) =>
        Results.Content(view(Texts.For(context.Request), key), HtmlType, statusCode: status);

    /// <summary>Null for what is no small form.</summary>
    internal static async Task<IFormCollection?> FormAsync(HttpContext context)
    {
        try
        {
            return context.Request.HasFormContentType
                ? await context.Request.ReadFormAsync(context.RequestAborted)
                : null;
        }
        catch (Exception exception) when (exception is BadHttpRequestException or InvalidDataException)
        {
            return null;
        }
    }

    private async Task<IResult> OwnFormAsync(HttpContext context, Action act)
    {
        if (await FormAsync(context) is not { } form || !sessions.IsOwnForm(context.Request, form))
        {
            Log.PageRefused(logger, context.Request.Path, context.Connection.RemoteIpAddress);
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        act();
        return Results.Redirect("/");
    }

    private void EndSession(HttpContext context) => sessions.SignOut(context);

    private void SeenRecovery() => alarms.Clear(Alarms.DatabaseRecovered);

    private void RetryQuarantine()
    {
        try
        {
            foreach (var device in outbox.Quarantine(1000).Select(static refused => refused.Device).Distinct())
            {
                holds.TryNow(device, wall.UtcNow);
                _ = outbox.Requeue(device, wall.UtcNow);
            }
        }
        catch (SqliteException)
        {
            // The disk cannot be used: an alarm says so.
        }
    }

    private IResult Bundle(HttpContext context)
    {
        if (sessions.FormToken(context.Request) is null)
        {
            Log.PageRefused(logger, context.Request.Path, context.Connection.RemoteIpAddress);
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        return Results.File(bundle.Build(), "application/zip", SupportBundle.FileName(wall.UtcNow));
    }

    private IResult Metrics(HttpContext context) =>
        MayRead(context)
            ? Results.Text(metrics.Write(), "text/plain; version=0.0.4; charset=utf-8")
            : Results.StatusCode(StatusCodes.Status403Forbidden);
}
