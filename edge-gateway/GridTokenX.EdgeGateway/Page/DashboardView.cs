using System.Globalization;
using System.Text.Json;
using GridTokenX.EdgeGateway.Commands;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Pairing;
using GridTokenX.EdgeGateway.Senses;
using GridTokenX.EdgeGateway.Time;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;
using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.Page;

/// <summary>The page of somebody who has shown the PIN.</summary>
internal sealed class DashboardView(
    ReadingOutbox outbox,
    DeviceDirectory directory,
    DeviceWatch watch,
    StateStore states,
    CloudClient cloud,
    HomeBroker home,
    CloudBroker cloudBroker,
    ClockKnowledge knowledge,
    MarketClock clock,
    SenseWatch senses,
    PairingDesk pairing,
    PairingStore pairings,
    Ownership ownership,
    Alarms alarms,
    SigningKey key)
{
    private const int MaxDevices = 200;
    private const int MaxQuarantined = 50;
    private const long Mebibyte = 1024 * 1024;

    internal string Render(Texts texts, string token)
    {
        var html = new Html(texts);
        AddAlarms(html, token);
        AddGateway(html);
        AddPairing(html);
        AddDevices(html);
        AddQuarantine(html, token);
        _ = html.Markup("<section class=\"whole\"><footer><div><a class=\"button\" href=\"/bundle\">")
            .Text(html["bundle"]).Markup("</a><div>").Text(html["bundleWhat"]).Markup("</div></div>")
            .Markup("<form method=\"post\" action=\"/sign-out\">")
            .Markup($"<input type=\"hidden\" name=\"token\" value=\"{token}\">")
            .Element("button", "quiet", html["signOut"]).Markup("</form></footer></section>");
        return html.Whole(refreshSeconds: 10);
    }

    private void AddAlarms(Html html, string token)
    {
        var raised = alarms.All();
        if (raised.Count == 0)
        {
            _ = html.Markup("<section class=\"well\">").Element("strong", "good", html["allWell"]).Markup("</section>");
            return;
        }

        _ = html.Markup("<section class=\"alarm\" role=\"alert\"><h2>").Text(html["alarms"]).Markup("</h2><ul>");
        foreach (var (name, text) in raised)
        {
            _ = html.Element("li", "bad", text);
            if (name == Alarms.DatabaseRecovered)
            {
                _ = html.Markup(
                        "<form method=\"post\" action=\"/alarms/seen\">"
                        + $"<input type=\"hidden\" name=\"token\" value=\"{token}\">")
                    .Element("button", "plain", html["dismiss"]).Markup("</form>");
            }
        }

        _ = html.Markup("</ul></section>");
    }

    private void AddGateway(Html html)
    {
        var now = senses.Latest;
        var backlog = outbox.Backlog;
        _ = html.Markup("<section><h2>").Text(html["gateway"]).Markup("</h2><dl>")
            .Fact("backlog", Number(backlog), backlog == 0 ? true : null);
        if (Oldest() is { } oldest)
        {
            _ = html.Fact("oldest", Moment(oldest));
        }

        _ = Connection(html, "cloud", cloud.IsReachable);
        _ = Connection(html, "cloudBroker", cloudBroker.Connection.IsConnected);
        _ = Connection(html, "homeBroker", home.Connection.IsConnected)
            .Fact("clock", ClockText(html), knowledge.Source != ClockSource.None || clock.Now is not null)
            .Fact("disk", senses.FreeBytes() is { } free ? $"{Number(free / Mebibyte)} MiB" : "–")
            .Fact("buffer", BufferSize());
        if (now.TemperatureMilliCelsius is { } heat)
        {
            _ = html.Fact("temperature", $"{Tenths(heat)} °C", heat < SenseWatch.HotMilliCelsius);
        }

        foreach (var source in now.Sources)
        {
            var kind = source.Discharging ? html["onBattery"] : html["mains"];
            _ = html.Fact(
                "power", source.Percent is { } percent ? $"{kind}, {percent} %" : kind, !source.Discharging);
        }

        foreach (var measured in now.Measurements)
        {
            _ = html.Markup("<dt>").Text(measured.Name).Markup("</dt>")
                .Element("dd", "plain", $"{Number(measured.Value)} {measured.Unit}");
        }

        _ = html.Fact("key", key.PublicKey.ToString()).Markup("</dl></section>");
    }

    private static Html Connection(Html html, string name, bool isThere) =>
        html.Fact(name, html[isThere ? "connected" : "away"], isThere);

    private string ClockText(Html html)
    {
        var source = knowledge.Source switch
        {
            ClockSource.System => html["clockSystem"],
            ClockSource.Cloud => html["clockCloud"],
            _ => html["clockNone"],
        };
        return clock.Now is { } now ? $"{Moment(now)}, {source}" : source;
    }

    private DateTimeOffset? Oldest()
    {
        try
        {
            return outbox.OldestPending();
        }
        catch (SqliteException)
        {
            // The disk cannot be used: an alarm says so.
            return null;
        }
    }

    private string BufferSize()
    {
        try
        {
            return $"{Number(outbox.UsedBytes() / Mebibyte)} MiB";
        }
        catch (SqliteException)
        {
            return "–";
        }
    }

    private void AddDevices(Html html)
    {
        var devices = directory.All();
        _ = html.Markup("<section class=\"whole\"><h2>").Text(html["devices"]).Markup($" ({devices.Count})</h2>");
        if (devices.Count == 0)
        {
            _ = html.Text(html["noDevices"]).Markup("</section>");
            return;
        }

        var locks = Locks();
        _ = html.Markup("<div class=\"devices\">");
        foreach (var device in devices.OrderBy(static device => device.MeterId).Take(MaxDevices))
        {
            AddDevice(html, device, locks.GetValueOrDefault(device.Device));
        }

        _ = html.Markup("</div></section>");
    }

    private void AddDevice(Html html, GatewayDevice device, LockState state)
    {
        var sight = watch.Of(device.Device);
        _ = html.Markup("<article><h3>").Text(device.MeterId).Markup("</h3><dl>");
        if (sight.Online is { } online)
        {
            _ = html.Fact("meter", html[online ? "online" : "offline"], online);
        }

        if (NewestOf(device.Device) is { } newest)
        {
            _ = html.Fact("lastReading", Moment(newest.Timestamp))
                .Fact("produced", $"{Kilo(newest.ProductionWh)} kWh")
                .Fact("consumed", $"{Kilo(newest.ConsumptionWh)} kWh");
            if (newest.SocPermille != ReadingBytes.NoBattery)
            {
                _ = html.Fact("battery", $"{Tenths(newest.SocPermille * 100)} %");
            }
        }
        else
        {
            _ = html.Fact("lastReading", "–");
        }

        if (state != LockState.None)
        {
            _ = html.Fact("lock", html[state switch
            {
                LockState.Locked => "lockedState",
                LockState.Delivering => "delivering",
                _ => "idle",
            }]);
        }

        if (sight.ClockOffset is { } offset)
        {
            _ = html.Fact("clock", $"{html["clockOff"]} ({offset.TotalSeconds:F0} s)", false);
        }

        _ = html.Markup("</dl></article>");
    }

    private Protocol.Readings.SignedReading? NewestOf(Key32 device)
    {
        try
        {
            return outbox.Newest(device);
        }
        catch (SqliteException)
        {
            return null;
        }
    }

    private Dictionary<Key32, LockState> Locks()
    {
        var locks = new Dictionary<Key32, LockState>();
        try
        {
            foreach (var (device, payload) in states.All())
            {
                if (JsonSerializer.Deserialize(payload, ProtocolJson.Default.DeviceState) is { } state)
                {
                    locks[device] = state.State;
                }
            }
        }
        catch (Exception exception) when (exception is SqliteException or JsonException)
        {
            // Shown without locks.
        }

        return locks;
    }

    private void AddPairing(Html html)
    {
        _ = html.Markup("<section><h2>").Text(html["ownerAndPairing"]).Markup("</h2><dl>");
        if (ownership.Current is { } owner)
        {
            _ = html.Fact("home", owner.Name).Fact("zone", owner.Zone).Fact("owner", owner.Wallet.ToString())
                .Fact("pairing", html[ownership.MayPair ? "pairingIsOpen" : "pairingIsClosed"]);
        }
        else
        {
            _ = html.Fact("owner", html["ownerNone"], false);
        }

        var (asking, underWay) = (pairing.Waiting().Count, PairingsUnderWay());
        _ = html.Fact("askingDevices", Number(asking));
        if (underWay > 0)
        {
            _ = html.Fact("underWay", Number(underWay));
        }

        _ = html.Markup("</dl><a class=\"button\" href=\"/pairing\">")
            .Text(html[ownership.Current is null ? "claimNow" : "pairNow"]).Markup("</a></section>");
    }

    private int PairingsUnderWay()
    {
        try
        {
            return pairings.All().Count(static one => one.Step != PairingStep.Paired);
        }
        catch (SqliteException)
        {
            return 0;
        }
    }

    private void AddQuarantine(Html html, string token)
    {
        _ = html.Markup("<section class=\"whole\"><h2>").Text(html["quarantine"])
            .Markup($" ({outbox.QuarantinedCount})</h2>");
        if (outbox.QuarantinedCount == 0)
        {
            _ = html.Text(html["noQuarantine"]).Markup("</section>");
            return;
        }

        var meters = directory.All().ToDictionary(static device => device.Device, static device => device.MeterId);
        _ = html.Markup("<ul>");
        foreach (var refused in Quarantine())
        {
            var meter = meters.GetValueOrDefault(refused.Device) ?? refused.Device.ToString();
            var outlook = html[refused.IsTriedAgain ? "triedAgain" : "forGood"];
            _ = html.Element(
                "li", "plain", $"{meter} #{refused.Sequence}, {Moment(refused.Timestamp)}: {refused.Code} ({outlook})");
        }

        _ = html.Markup(
                "</ul><form method=\"post\" action=\"/quarantine/retry\">"
                + $"<input type=\"hidden\" name=\"token\" value=\"{token}\">")
            .Element("button", "plain", html["retryNow"]).Markup("</form></section>");
    }

    private List<QuarantinedReading> Quarantine()
    {
        try
        {
            return outbox.Quarantine(MaxQuarantined);
        }
        catch (SqliteException)
        {
            return [];
        }
    }

    private static string Moment(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Tenths(long thousandths) =>
        (thousandths / 1000m).ToString("F1", CultureInfo.InvariantCulture);

    private static string Kilo(long wattHours) => (wattHours / 1000m).ToString("N3", CultureInfo.InvariantCulture);
}
