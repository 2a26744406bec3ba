using System.Text.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Testing;
using Microsoft.Playwright;

namespace GridTokenX.CloudCore.Tests.Web;

/// <summary>How a visitor looks at the page.</summary>
internal sealed record Look(string Name, int Width, int Height, string Language = "en", bool Dark = false)
{
    internal static readonly Look Desktop = new("desktop", 1440, 900);
    internal static readonly Look Phone = new("phone", 390, 844);

    public override string ToString() => $"{Name}-{Language}-{(Dark ? "dark" : "light")}";
}

/// <summary>Debian's Chromium, once for a class of tests.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright _playwright = null!;

    internal IBrowser Browser { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = "/usr/bin/chromium", Args = Flags });
    }

    public async Task DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}

/// <summary>A visitor with a browser profile of his own.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private const float PatienceMs = 60_000;

    private readonly IBrowserContext _context;
    private readonly List<string> _faults = [];

    private Visit(IBrowserContext context, IPage page, Look look) => (_context, Page, Look) = (context, page, look);

    internal IPage Page { get; }

    internal Look Look { get; }

    /// <summary>What the page complained of, but for answers that its server or the network owed it.</summary>
    internal IReadOnlyList<string> Faults => _faults;

    internal static async Task<Visit> StartAsync(IBrowser browser, Uri address, Look look)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.ToString(),
            ViewportSize = new ViewportSize { Width = look.Width, Height = look.Height },
            Locale = look.Language == "th" ? "th-TH" : "en-GB",
            ColorScheme = look.Dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(PatienceMs);
        var axe = RepositoryFiles.PathOf("cloud-core", "GridTokenX.Web", "node_modules", "axe-core", "axe.min.js");
        await context.AddInitScriptAsync(await File.ReadAllTextAsync(axe));
        var page = await context.NewPageAsync();
        var visit = new Visit(context, page, look);
        page.PageError += (_, error) => visit._faults.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error"
                && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)
                && !message.Text.StartsWith("WebSocket connection", StringComparison.Ordinal))
            {
                visit._faults.Add(message.Text);
            }
        };
        return visit;
    }

    internal async Task GoAsync(string place) => _ = await Page.GotoAsync(place);

    internal ILocator Button(string name) =>
        Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>The development wallet of this browser holds this key from now on.</summary>
    internal async Task TakeKeyAsync(SigningKey key)
    {
        var folder = Directory.CreateTempSubdirectory("gtx-key-");
        try
        {
            var file = Path.Combine(folder.FullName, "wallet.json");
            key.Save(file);
            await Page.Locator("input[type=file]").SetInputFilesAsync(file);
            await Page.GetByText("The wallet has this key now.").WaitForAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The lines of what a button saves.</summary>
    internal async Task<string[]> DownloadAsync(string name, ILocator button)
    {
        var download = await Page.RunAndWaitForDownloadAsync(() => button.ClickAsync());
        download.SuggestedFilename.ShouldBe(name);
        return (await File.ReadAllTextAsync(await download.PathAsync()))
            .Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Nothing serious for whoever cannot see, point or tell colours apart; and it fits its screen.</summary>
    internal async Task ShouldBeFitForAllAsync(string what)
    {
        await ShootAsync(what);
        var found = await Page.EvaluateAsync<string>(
            """
            async () => {
              const { violations } = await axe.run(document, { resultTypes: ["violations"] });
              return JSON.stringify(violations
                .filter((each) => each.impact === "serious" || each.impact === "critical")
                .map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" | ")}`));
            }
            """);
        JsonSerializer.Deserialize<string[]>(found)!.ShouldBeEmpty($"{what} {Look}");
        var tooWide = await Page.EvaluateAsync<string[]>(
            """
            () => document.documentElement.scrollWidth <= innerWidth ? [] : ["the page",
              ...[...document.body.querySelectorAll("*")]
                .filter((each) => each.getBoundingClientRect().right > innerWidth)
                .map((each) => `${each.tagName}.${each.className}`)]
            """);
        tooWide.ShouldBeEmpty($"{what} {Look}");
        (await Page.EvaluateAsync<int>(
            "[...document.querySelectorAll('.scroll')].filter((each) => each.scrollWidth > each.clientWidth "
            + "&& each.querySelector('button')).length"))
            .ShouldBe(0, $"{what} {Look}: a button is out of reach");
        Faults.ShouldBeEmpty($"{what} {Look}");
    }

    /// <summary>Kept only where the one who runs the tests wants to look.</summary>
    internal async Task ShootAsync(string what)
    {
        if (Environment.GetEnvironmentVariable("GRIDTOKENX_SCREENSHOTS") is { } folder)
        {
            _ = await Page.ScreenshotAsync(
                new PageScreenshotOptions { Path = Path.Combine(folder, $"{what}-{Look}.png"), FullPage = true });
        }
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
