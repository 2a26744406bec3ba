using System.Globalization;
using System.Net;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace GridTokenX.CloudCore.Tests.Web;

/// <summary>The page's places in both languages and colours, on phone and desktop; and what they cost.</summary>
public sealed class PageLooksTests(BrowserFixture fixture, ITestOutputHelper output) : IClassFixture<BrowserFixture>
{
    private static readonly string[] Places =
        ["/", "/neighbourhood", "/explorer", "/energy", "/operations", "/sign-in"];

    [Fact]
    public async Task Every_place_is_fit_for_all_in_both_languages_and_colours_on_phone_and_desktop()
    {
        await using var world = await BrowserWorld.StartAsync();
        await TradeAsync(world);
        foreach (var size in new[] { Look.Phone, Look.Desktop })
        {
            foreach (var (language, dark) in new[] { ("en", false), ("th", true) })
            {
                var look = size with { Language = language, Dark = dark };
                await using var visit = await Visit.StartAsync(fixture.Browser, world.Host.Address, look);
                foreach (var place in Places)
                {
                    await visit.GoAsync(place);
                    await visit.Page.Locator("main h1, main .empty").First.WaitForAsync();
                    await visit.Page.WaitForFunctionAsync(
                        "() => ![...document.querySelectorAll('.empty')].some((each) => "
                        + "['Loading', 'กำลังโหลด'].includes(each.textContent))");
                    (await visit.Page.GetAttributeAsync("html", "lang")).ShouldBe(language);
                    await visit.ShouldBeFitForAllAsync(place == "/" ? "market" : place[1..]);
                }
            }
        }
    }

    [Fact]
    public async Task The_tour_leads_through_seven_places_by_keyboard_alone()
    {
        await using var world = await BrowserWorld.StartAsync();
        await using var visit = await Visit.StartAsync(fixture.Browser, world.Host.Address, Look.Desktop);
        await visit.GoAsync("/");
        await visit.Button("Guided tour").FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        for (var step = 1; step <= 7; step++)
        {
            await visit.Page.GetByText(string.Create(CultureInfo.InvariantCulture, $"{step} of 7")).WaitForAsync();
            await visit.ShouldBeFitForAllAsync($"tour-{step}");
            await visit.Page.Keyboard.PressAsync("ArrowRight");
        }

        await visit.Page.Keyboard.PressAsync("Escape");
        await visit.Page.Locator(".tour").WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }

    [Fact]
    public async Task The_order_book_survives_a_restart_of_the_server_without_a_wrong_level()
    {
        await using var world = await BrowserWorld.StartAsync();
        using var home = await world.SellerAsync();
        await world.SellAsync(home, 1m, 3.1m, "a");
        await world.SellAsync(home, 0.5m, 3.2m, "b");
        await using var visit = await Visit.StartAsync(fixture.Browser, world.Host.Address, Look.Desktop);
        await visit.GoAsync("/");
        await ShowsBookAsync(visit, "3.20 0.500", "3.10 1.000");

        await world.StopCoreAsync();
        await visit.Page.GetByText("not up to date").WaitForAsync();
        await ShowsBookAsync(visit, "3.20 0.500", "3.10 1.000");
        await world.StartCoreAsync();
        await visit.Page.Locator("[data-live=true]").WaitForAsync();
        await ShowsBookAsync(visit, "3.20 0.500", "3.10 1.000");

        await world.SellAsync(home, 0.25m, 3.1m, "c");
        await ShowsBookAsync(visit, "3.20 0.500", "3.10 1.250");
        var book = await world.Host.GetAsync(null, "/api/market/book?zone=zone-1")
            .Then(ProtocolJson.Default.BookView);
        book.Asks.Select(static level => (level.PricePerKwh, level.AmountKwh)).ShouldBe([(3.1m, 1.25m), (3.2m, 0.5m)]);
    }

    [Fact]
    public async Task What_the_first_view_transfers_stays_below_200_kilobytes()
    {
        await using var world = await BrowserWorld.StartAsync();
        await using var visit = await Visit.StartAsync(fixture.Browser, world.Host.Address, Look.Phone);
        await TradeAsync(world);
        var session = await visit.Page.Context.NewCDPSessionAsync(visit.Page);
        var bytes = 0L;
        session.Event("Network.loadingFinished").OnEvent += (_, finished) =>
            Interlocked.Add(ref bytes, (long)finished!.Value.GetProperty("encodedDataLength").GetDouble());
        _ = await session.SendAsync("Network.enable");
        await visit.Page.AddInitScriptAsync(
            """
            window.busy = 0;
            new PerformanceObserver((list) => {
              for (const task of list.getEntries()) { window.busy += Math.max(0, task.duration - 50); }
            }).observe({ type: "longtask", buffered: true });
            """);
        await visit.GoAsync("/");
        await visit.Page.Locator(".offer").First.WaitForAsync();
        var ready = await visit.Page.EvaluateAsync<double>("performance.now()");
        var painted = await visit.Page.EvaluateAsync<double>(
            "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0");
        var busy = await visit.Page.EvaluateAsync<double>("window.busy");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"first view: {Interlocked.Read(ref bytes) / 1024.0:0.0} KiB, painted after {painted:0} ms, "
            + $"interactive with data after {ready:0} ms, {busy:0} ms of it blocked"));
        Interlocked.Read(ref bytes).ShouldBeInRange(1, 200 * 1024);
    }

    /// <summary>There is something to see: an offer, and a trade that is settled.</summary>
    private static async Task TradeAsync(BrowserWorld world)
    {
        using var seller = await world.SellerAsync();
        await world.SellAsync(seller, 1.5m, 3.1m, "s");
        using var buyer = await VirtualHome.RegisteredAsync(world.Host, world.Gateway, "managed");
        await world.UntilRegisteredAsync(buyer.Wallet);
        await world.PostAsync(
            world.Host.OperatorKey, "/api/operator/grants", new GrantRequest(buyer.Address, 100m), "g")
            .ShouldBeStatusAsync(HttpStatusCode.Accepted);
        await world.QuietAsync();
        await world.PostAsync(
            buyer.Wallet,
            "/api/trading/orders/create",
            new CreateOrderRequest(1m, 3.2m, BuyerWallet: buyer.Address, Zone: BrowserWorld.Zone),
            "b").ShouldBeStatusAsync(HttpStatusCode.OK);

        await world.QuietAsync();
        await world.AdvanceAsync(VirtualHome.Interval);
        await world.QuietAsync();
        await world.SellAsync(seller, 0.5m, 3.3m, "t");
    }

    /// <summary>The page's levels from above: price and energy.</summary>
    private static async Task ShowsBookAsync(Visit visit, params string[] levels) =>
        await visit.Page.WaitForFunctionAsync(
            """
            (wanted) => [...document.querySelectorAll(".book .asks tr, .book .bids tr")]
              .map((row) => [...row.cells].slice(0, 2).map((cell) => cell.textContent).join(" "))
              .join() === wanted
            """,
            string.Join(',', levels));
}
