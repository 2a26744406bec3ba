using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Pairing;
using GridTokenX.Protocol.Keys;
using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.Page;

/// <summary>What somebody who has shown the PIN does with the owner's code and with devices.</summary>
internal sealed class PairingPage(
    PairingView view,
    PageSessions sessions,
    Ownership ownership,
    PairingStore store,
    PairingDesk desk,
    PairingWorker worker,
    DeviceDirectory directory,
    ILogger<PairingPage> logger)
{
    private const string HtmlType = "text/html; charset=utf-8";
    private const int MaxMeterId = 32;

    internal static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapGet("/pairing", static (HttpContext context, PairingPage page) => page.Show(context));
        Map(routes, "/owner", static (page, form) => page.Claim(form));
        Map(routes, "/pairing/begin", static (page, form) => page.Begin(form));
        Map(routes, "/pairing/same", static (page, form) => page.Change(form, PairingStep.Confirming));
        Map(routes, "/pairing/retry", static (page, form) => page.Change(form, PairingStep.None));
        Map(routes, "/pairing/end", static (page, form) => page.End(form));
    }

    private static void Map(IEndpointRouteBuilder routes, string path, Func<PairingPage, IFormCollection,
        string?> act) =>
        _ = routes.MapPost(path, (HttpContext context, PairingPage page) =>
            page.ActAsync(context, form => act(page, form)));

    private IResult Show(HttpContext context)
    {
        if (sessions.FormToken(context.Request) is not { } token)
        {
            Log.PageRefused(logger, context.Request.Path, context.Connection.RemoteIpAddress);
            return Results.Redirect("/");
        }

        try
        {
            var fault = context.Request.Query["fault"].ToString();
            return Results.Content(
                view.Render(Texts.For(context.Request), token, Texts.All.ContainsKey(fault) ? fault : null), HtmlType);
        }
        catch (SqliteException)
        {
            return Results.Redirect("/");
        }
    }

    /// <param name="context">Of a form that this page made for this visitor, or it is refused.</param>
    /// <param name="act">Gives the key of what is wrong, or null.</param>
    private async Task<IResult> ActAsync(HttpContext context, Func<IFormCollection, string?> act)
    {
        if (await LocalPage.FormAsync(context) is not { } form || !sessions.IsOwnForm(context.Request, form))
        {
            Log.PageRefused(logger, context.Request.Path, context.Connection.RemoteIpAddress);
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        string? fault;
        try
        {
            fault = act(form);
        }
        catch (SqliteException)
        {
            fault = "notStored";
        }

        worker.Wake();
        return Results.Redirect(fault is null ? "/pairing" : $"/pairing?fault={fault}");
    }

    private string? Claim(IFormCollection form)
    {
        if (!ClaimCode.TryNormalise(form["code"], out var code))
        {
            return "faultUnknownClaim";
        }

        return ownership.TryAsk(code, pinHash: null) ? null : "asking";
    }

    private string? Begin(IFormCollection form)
    {
        if (ownership.Current is not { } owner || !ownership.MayPair)
        {
            return "faultPairingClosed";
        }

        if (!Key32.TryParse(form["device"].ToString(), out var device) || !IsHere(device))
        {
            return "deviceGone";
        }

        Key32? replaces = null;
        var meter = form["meter"].ToString().Trim();
        if (Key32.TryParse(form["replaces"].ToString(), out var old))
        {
            // The new device takes over the number of the meter.
            replaces = old;
            meter = directory.All().FirstOrDefault(known => known.Device == old)?.MeterId ?? string.Empty;
        }

        if (!IsMeterId(meter))
        {
            return "meterNumberMissing";
        }

        var pairing = new PairingState(device, meter, replaces, owner.Wallet, PairingStep.Consent);
        return store.TryBegin(pairing) ? null : "tooManyPairings";
    }

    private bool IsHere(Key32 device) =>
        desk.Waiting().Contains(device) || directory.TryGet(device.ToString(), out _);

    private static bool IsMeterId(string meter) =>
        meter.Length is >= 1 and <= MaxMeterId
        && meter.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <param name="form">Names the device.</param>
    /// <param name="to">The step after comparing; none tries the present one again.</param>
    private string? Change(IFormCollection form, PairingStep to)
    {
        if (Find(form) is not { } pairing)
        {
            return "deviceGone";
        }

        var after = pairing with { Fault = null };
        if (to != PairingStep.None)
        {
            if (pairing.Step != PairingStep.Comparing)
            {
                return null;
            }

            after = after with { Step = to };
        }

        _ = store.TryChange(pairing, after);
        return null;
    }

    private string? End(IFormCollection form)
    {
        if (Find(form) is { } pairing)
        {
            store.End(pairing.Device);
        }

        return null;
    }

    private PairingState? Find(IFormCollection form) =>
        Key32.TryParse(form["device"].ToString(), out var device)
            ? store.All().FirstOrDefault(pairing => pairing.Device == device)
            : null;
}
