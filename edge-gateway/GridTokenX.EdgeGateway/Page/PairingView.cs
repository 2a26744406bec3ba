using System.Security.Cryptography;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Pairing;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.EdgeGateway.Page;

/// <summary>
/// Where the installer claims the gateway for its owner, and pairs meters, one clear step after another.
/// </summary>
internal sealed class PairingView(
    Ownership ownership,
    PairingStore pairings,
    PairingDesk desk,
    DeviceDirectory directory,
    HomeBroker home,
    WallTime wall)
{
    private static readonly (PairingStep Last, string Key)[] Stages =
    [
        (PairingStep.Consent, "stageButton"),
        (PairingStep.Registering, "stageCloud"),
        (PairingStep.Comparing, "stageCompare"),
        (PairingStep.Confirming, "stagePress"),
    ];

    internal string Render(Texts texts, string token, string? faultKey)
    {
        var html = new Html(texts);
        var (all, registered) = (pairings.All(), directory.All());
        _ = html.Markup("<section class=\"whole head\"><p><a href=\"/\">← ").Text(html["back"])
            .Markup("</a></p><h2 class=\"big\">").Text(html["pairNow"]).Markup("</h2>");
        if (faultKey is not null)
        {
            _ = html.Element("p", "bad", html[faultKey]);
        }

        if (!home.Connection.IsConnected)
        {
            _ = html.Element("p", "bad", html["brokerAway"]);
        }

        _ = html.Markup("</section>");
        var mayPair = ownership.MayPair;
        if (!mayPair)
        {
            AddOwner(html, token, mayPair);
        }

        foreach (var pairing in all)
        {
            AddPairing(html, token, pairing);
        }

        // What is to be done comes first.
        if (mayPair)
        {
            AddWaiting(html, token, all, registered);
            AddAgain(html, token, all, registered);
            AddOwner(html, token, mayPair);
        }

        return html.Whole(refreshSeconds: 2);
    }

    private void AddOwner(Html html, string token, bool mayPair)
    {
        _ = html.Markup("<section class=\"whole\"><h2>").Text(html["owner"]).Markup("</h2>");
        if (ownership.Current is { } owner)
        {
            _ = html.Markup("<dl>").Fact("home", owner.Name).Fact("zone", owner.Zone)
                .Fact("owner", owner.Wallet.ToString());
            var minutes = Math.Ceiling((owner.PairingUntil - wall.UtcNow).TotalMinutes);
            _ = mayPair
                ? html.Fact("pairing", $"{html["pairingIsOpen"]} ({minutes:F0} {html["minutes"]})", true)
                : html.Fact("pairing", html["pairingIsClosed"]);
            _ = html.Markup("</dl>");
        }

        if (ownership.Code is not null)
        {
            _ = html.Element("p", "wait", html["asking"]).Markup("</section>");
            return;
        }

        if (ownership.Fault is { } fault)
        {
            _ = html.Element("p", "bad", html[PairingFaults.KeyOf(fault)]);
        }

        if (!mayPair)
        {
            _ = html.Element("p", "do", html["codeHow"]).Form("/owner", token)
                .Markup("<label for=\"code\">").Text(html["ownerCode"])
                .Markup("</label><input id=\"code\" name=\"code\" class=\"code\" placeholder=\"GTX-XXXX-XXXX-XXXX\" ")
                .Markup("autocomplete=\"one-time-code\" autocapitalize=\"characters\" spellcheck=\"false\" ")
                .Markup("maxlength=\"24\" required>")
                .Element("button", "plain", html[ownership.Current is null ? "claimNow" : "openPairing"])
                .Markup("</form>");
        }

        _ = html.Markup("</section>");
    }

    private static void AddPairing(Html html, string token, PairingState pairing)
    {
        var isDone = pairing.Step == PairingStep.Paired;
        _ = html.Markup($"<section class=\"whole{(isDone ? " well" : string.Empty)}\"><h2>")
            .Text(pairing.MeterId).Markup("</h2>").Element("p", "key", pairing.Device.ToString());
        AddStages(html, pairing.Step);
        if (pairing.Fault is { } fault)
        {
            _ = html.Markup("<p class=\"bad\" role=\"alert\">").Text(html[PairingFaults.KeyOf(fault)])
                .Markup(" <small>").Text(fault).Markup("</small></p>");
            Buttons(html, token, pairing, ("retry", "tryAgain"), ("end", "cancel"));
            return;
        }

        switch (pairing.Step)
        {
            case PairingStep.Consent:
                _ = html.Element("p", "do", html["doPress"]).Element("p", "hint", html["hintPress"]);
                Buttons(html, token, pairing, ("end", "cancel"));
                break;
            case PairingStep.Registering:
                _ = html.Element("p", "wait", html["doCloud"]);
                Buttons(html, token, pairing, ("end", "cancel"));
                break;
            case PairingStep.Comparing:
                _ = html.Element("p", "do", html["doCompare"]);
                AddCode(html, pairing);
                _ = html.Element("p", "hint", html["hintCompare"]);
                Buttons(html, token, pairing, ("same", "areSame"), ("end", "areDifferent"));
                break;
            case PairingStep.Confirming:
                _ = html.Element("p", "do", html["doPressAgain"]);
                AddCode(html, pairing);
                _ = html.Element("p", "wait", html["waitsForDevice"]);
                Buttons(html, token, pairing, ("end", "cancel"));
                break;
            default:
                _ = html.Element("p", "good", html["isPaired"]);
                Buttons(html, token, pairing, ("end", "done"));
                break;
        }
    }

    private static void AddStages(Html html, PairingStep step)
    {
        _ = html.Markup("<ol class=\"stages\">");
        foreach (var (last, key) in Stages)
        {
            var (kind, current) = step switch
            {
                _ when step > last => ("past", string.Empty),
                _ when step == last => ("now", " aria-current=\"step\""),
                _ => ("next", string.Empty),
            };
            _ = html.Markup($"<li class=\"{kind}\"{current}>").Text(html[key]).Markup("</li>");
        }

        _ = html.Markup("</ol>");
    }

    private static void AddCode(Html html, PairingState pairing)
    {
        var material = new byte[PairingBytes.CodeLength];
        PairingBytes.WriteCode(material, pairing.Device.ToArray(), pairing.CloudKey!.Value.ToArray());
        _ = html.Element("p", "code", pairing.Code).Markup("<p class=\"digit\">").Text(html["checkDigit"])
            .Markup($" <strong>{PairingBytes.CheckDigit(SHA512.HashData(material))}</strong></p>");
    }

    private static void Buttons(
        Html html, string token, PairingState pairing, params (string Action, string Key)[] buttons)
    {
        _ = html.Markup("<div class=\"buttons\">");
        for (var i = 0; i < buttons.Length; i++)
        {
            _ = html.Form($"/pairing/{buttons[i].Action}", token).Hidden("device", pairing.Device.ToString())
                .Element("button", i == 0 && buttons.Length > 1 ? "main" : "quiet", html[buttons[i].Key])
                .Markup("</form>");
        }

        _ = html.Markup("</div></section>");
    }

    private void AddWaiting(
        Html html, string token, IReadOnlyList<PairingState> all, IReadOnlyList<GatewayDevice> registered)
    {
        var busy = all.Select(static pairing => pairing.Device).ToHashSet();
        var waiting = desk.Waiting().Where(device => !busy.Contains(device)).ToList();
        _ = html.Markup("<section class=\"whole\"><h2>").Text(html["askingDevices"])
            .Markup($" ({waiting.Count})</h2>");
        if (waiting.Count == 0)
        {
            _ = html.Element("p", "wait", html["noneAsks"]);
        }

        _ = html.Markup("<div class=\"devices\">");
        foreach (var device in waiting)
        {
            AddForm(html, token, device, registered);
        }

        _ = html.Markup("</div></section>");
    }

    private static void AddForm(Html html, string token, Key32 device, IReadOnlyList<GatewayDevice> registered)
    {
        var name = device.ToString();
        _ = html.Markup("<article>").Element("p", "key", name).Form("/pairing/begin", token).Hidden("device", name)
            .Markup($"<label for=\"m-{name}\">").Text(html["meterNumber"])
            .Markup($"</label><input id=\"m-{name}\" name=\"meter\" maxlength=\"32\" autocapitalize=\"characters\" ")
            .Markup("pattern=\"[A-Za-z0-9._\\-]{1,32}\" spellcheck=\"false\" autocomplete=\"off\">");
        if (registered.Count > 0)
        {
            _ = html.Markup($"<label for=\"r-{name}\">").Text(html["replaces"])
                .Markup($"</label><select id=\"r-{name}\" name=\"replaces\"><option value=\"\">")
                .Text(html["replacesNone"]).Markup("</option>");
            foreach (var known in registered.OrderBy(static known => known.MeterId, StringComparer.Ordinal))
            {
                _ = html.Markup($"<option value=\"{known.Device}\">").Text(known.MeterId).Markup("</option>");
            }

            _ = html.Markup("</select>");
        }

        _ = html.Element("button", "plain", html["begin"]).Markup("</form></article>");
    }

    /// <summary>A device that was left between registration and its second press, or has lost its pairing.</summary>
    private static void AddAgain(
        Html html, string token, IReadOnlyList<PairingState> all, IReadOnlyList<GatewayDevice> registered)
    {
        var rest = registered.Where(known => all.All(pairing => pairing.Device != known.Device)).ToList();
        if (rest.Count == 0)
        {
            return;
        }

        _ = html.Markup("<section class=\"whole\"><details><summary>").Text(html["pairAgain"])
            .Markup("</summary><p class=\"hint\">").Text(html["pairAgainHow"]).Markup("</p><div class=\"devices\">");
        foreach (var known in rest.OrderBy(static known => known.MeterId, StringComparer.Ordinal))
        {
            _ = html.Markup("<article><h3>").Text(known.MeterId).Markup("</h3>")
                .Element("p", "key", known.Device.ToString())
                .Form("/pairing/begin", token).Hidden("device", known.Device.ToString())
                .Hidden("meter", known.MeterId).Element("button", "quiet", html["pairAgain"])
                .Markup("</form></article>");
        }

        _ = html.Markup("</div></details></section>");
    }
}
