using GridTokenX.EdgeGateway.Page;
using GridTokenX.EdgeGateway.Pairing;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;
using GridTokenX.Testing;
using Microsoft.Playwright;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>The page in Debian's Chromium.</summary>
public sealed class BrowserTests
{
    private const string Chromium = "/usr/bin/chromium";
    private const string Code = "GTX-7KQ2-M0XV-9TDA";
    private const string Pin = "493817";
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    [Fact]
    public async Task Claim_sign_in_and_look_in_both_languages_on_a_phone_and_a_desktop()
    {
        await using var world = await World.StartAsync();
        Have(world, "sys/class/power_supply/ups/type", "UPS");
        Have(world, "sys/class/power_supply/ups/capacity", "83");
        Have(world, "sys/class/thermal/thermal_zone0/temp", "48312");
        await world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(world.Device, 1)]);
        await world.NothingIsLeftAsync();
        world.Cloud.Refused[world.Device.PublicKey] = ProblemCodes.RegisterRegression;
        await world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(world.Device, 2)]);
        await world.NothingIsLeftAsync();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = Flags });
        foreach (var (name, width, height) in new[] { ("phone", 390, 844), ("desktop", 1280, 900) })
        {
            foreach (var language in new[] { "en", "th" })
            {
                await LookAsync(browser, world, name, (width, height), language);
            }
        }
    }

    [Fact]
    public async Task A_meter_is_paired_from_the_owners_code_to_the_end_in_both_languages_on_phone_and_desktop()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = Flags });
        foreach (var (name, width, height) in new[] { ("phone", 390, 844), ("desktop", 1280, 900) })
        {
            foreach (var language in new[] { "en", "th" })
            {
                await PairAsync(browser, name, (width, height), language);
            }
        }
    }

    private static async Task PairAsync(IBrowser browser, string name, (int Width, int Height) size, string language)
    {
        await using var world = await World.StartAsync();
        await using var context = await ContextAsync(browser, size, language);
        using var device = SigningKey.Generate();
        var texts = new Texts(language == "th" ? Language.Thai : Language.English);
        var page = await context.NewPageAsync();
        var faults = Faults(page);
        var screen = new Screen(page, size.Width, $"{name}-{language}");

        world.Cloud.Pairing.Refusal = ProblemCodes.ClaimExpired;
        _ = await page.GotoAsync(world.Url);
        await ClaimAsync(page);
        await screen.ShowsAsync(texts["faultClaimExpired"], "claim-refused");
        world.Cloud.Pairing.Refusal = null;
        await world.Cloud.StopAsync();
        await ClaimAsync(page);
        await screen.ShowsAsync(texts["asking"], "claim-asking");
        world.Cloud.Pairing.Codes[Code] = new ClaimedGateway(
            world.Part<SigningKey>().PublicKey, "Ann's home", "zone-1", Some.Owner, world.Wall.UtcNow.AddHours(1));
        await world.Cloud.RestartAsync();
        await page.WaitForSelectorAsync("form[action='/sign-in']");
        await page.FillAsync("#pin", Pin);
        await page.ClickAsync("button");
        await screen.ShowsAsync(texts["allWell"], "home-claimed");

        await page.ClickAsync("a[href='/pairing']");
        await screen.ShowsAsync(texts["noneAsks"], "pairing-none");
        await world.Fleet.SendAsync(Topics.Status(device.PublicKey.ToString()), Some.Status(online: true));
        await screen.ShowsAsync(texts["meterNumber"], "pairing-asks");
        await page.FillAsync("input[name=meter]", "MTR-000217");
        await page.ClickAsync("form[action='/pairing/begin'] button >> nth=0");
        await screen.ShowsAsync(texts["doPress"], "pairing-press");
        world.Cloud.Pairing.Refusal = ProblemCodes.MeterRegistered;
        await world.Fleet.SendAsync(
            Topics.Consent(device.PublicKey.ToString()),
            Some.Consent(device, Some.Owner, world.Part<SigningKey>().PublicKey));
        await screen.ShowsAsync(texts["faultMeterRegistered"], "pairing-refused");
        world.Cloud.Pairing.Refusal = null;
        await page.ClickAsync("form[action='/pairing/retry'] button");
        await screen.ShowsAsync(texts["doCompare"], "pairing-compare");
        await page.ClickAsync("form[action='/pairing/same'] button");
        await screen.ShowsAsync(texts["doPressAgain"], "pairing-press-again");
        world.Cloud.Pairing.Proved[device.PublicKey] = true;
        await screen.ShowsAsync(texts["isPaired"], "pairing-done");
        world.Part<Ownership>().Accept(new Owner("Ann's home", "zone-1", Some.Owner, world.Wall.UtcNow));
        await screen.ShowsAsync(texts["codeHow"], "pairing-closed");
        faults.ShouldBeEmpty();
    }

    private static async Task ClaimAsync(IPage page)
    {
        await page.FillAsync("#code", Code);
        await page.FillAsync("#pin", Pin);
        await page.ClickAsync("button");
    }

    private static Task<IBrowserContext> ContextAsync(
        IBrowser browser, (int Width, int Height) size, string language) =>
        browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = size.Width, Height = size.Height },
            Locale = language == "th" ? "th-TH" : "en-GB",
        });

    /// <summary>What the page complains of, but that the gateway once answered with a refusal.</summary>
    private static List<string> Faults(IPage page)
    {
        var faults = new List<string>();
        page.Console += (_, message) => faults.AddRange(
            message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)
                ? [message.Text]
                : []);
        return faults;
    }

    private static async Task LookAsync(
        IBrowser browser, World world, string name, (int Width, int Height) size, string language)
    {
        await using var context = await ContextAsync(browser, size, language);
        var page = await context.NewPageAsync();
        var faults = Faults(page);
        _ = await page.GotoAsync(world.Url + "/claim");
        await ShootAsync(page, $"claim-{name}-{language}");
        await page.FillAsync("#code", world.Part<Claim>().Open());
        await page.FillAsync("#pin", Pin);
        await page.ClickAsync("button");
        await page.FillAsync("#pin", Pin);
        await ShootAsync(page, $"sign-in-{name}-{language}");
        await page.ClickAsync("button");
        var texts = new Texts(language == "th" ? Language.Thai : Language.English);
        await new Screen(page, size.Width, $"{name}-{language}").ShowsAsync(texts["devices"], "home");
        faults.ShouldBeEmpty();
    }

    private sealed record Screen(IPage Page, int Width, string Name)
    {
        internal async Task ShowsAsync(string text, string state)
        {
            await Eventually.HoldsAsync(
                async () => (await Page.InnerTextAsync("body")).Contains(text, StringComparison.Ordinal));
            await ShootAsync(Page, $"{state}-{Name}");

            // The page reloads itself: for a moment it has no style yet.
            await Eventually.HoldsAsync(async () =>
                await Page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= Width);
        }
    }

    /// <summary>Kept only where the one who runs the tests wants to look.</summary>
    private static async Task ShootAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("GRIDTOKENX_SCREENSHOTS") is { } folder)
        {
            _ = await page.ScreenshotAsync(
                new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
        }
    }

    private static void Have(World world, string path, string text)
    {
        var file = Path.Combine(world.SystemRoot, path);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
