using GridTokenX.EdgeGateway.Page;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Api;
using Microsoft.Playwright;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>The page in Debian's Chromium.</summary>
public sealed class BrowserTests
{
    private const string Chromium = "/usr/bin/chromium";
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

    private static async Task LookAsync(
        IBrowser browser, World world, string name, (int Width, int Height) size, string language)
    {
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = size.Width, Height = size.Height },
            Locale = language == "th" ? "th-TH" : "en-GB",
        });
        var page = await context.NewPageAsync();
        var faults = new List<string>();
        page.Console += (_, message) => faults.AddRange(message.Type == "error" ? [message.Text] : []);
        _ = await page.GotoAsync(world.Url + "/claim");
        await ShootAsync(page, $"claim-{name}-{language}");
        await page.FillAsync("#code", world.Part<Claim>().Open());
        await page.FillAsync("#pin", "493817");
        await page.ClickAsync("button");
        await page.FillAsync("#pin", "493817");
        await ShootAsync(page, $"sign-in-{name}-{language}");
        await page.ClickAsync("button");
        var texts = new Texts(language == "th" ? Language.Thai : Language.English);
        (await page.ContentAsync()).ShouldContain(texts["devices"]);
        await ShootAsync(page, $"home-{name}-{language}");

        var width = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
        width.ShouldBeLessThanOrEqualTo(size.Width, "nothing is wider than the screen");
        faults.ShouldBeEmpty();
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
