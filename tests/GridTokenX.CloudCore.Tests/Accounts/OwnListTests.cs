using System.Net;
using System.Net.Http.Headers;
using GridTokenX.CloudCore.Tests.Live;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;

namespace GridTokenX.CloudCore.Tests.Accounts;

public sealed class OwnListTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly CloudHost _host = fixture.Host;

    [Fact]
    public async Task Readings_are_read_page_by_page_without_a_gap()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        _ = await _host.AdvanceAsync(CloudHost.Noon.AddHours(2));
        foreach (var reading in home.Readings(7))
        {
            await _host.PostAsync(home.Gateway, home.ReadingsPath, reading)
                .ShouldBeStatusAsync(HttpStatusCode.OK);
        }

        var sequences = new List<long>();
        string? cursor = null;
        do
        {
            var behind = cursor is null ? string.Empty : $"&cursor={cursor}";
            var page = await _host.GetAsync(home.Wallet, $"/api/readings?limit=3{behind}")
                .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.ReadingList);
            sequences.AddRange(page.Readings.Select(static reading => reading.Sequence));
            cursor = page.Next;
        }
        while (cursor is not null);
        sequences.ShouldBe([7, 6, 5, 4, 3, 2, 1]);
    }

    [Fact]
    public async Task Readings_are_exported_as_text()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        await _host.PostAsync(home.Gateway, home.ReadingsPath, home.Reading(1, production: 1_500, consumption: 20))
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        const string Header =
            "meter_id,sequence,timestamp,production_kwh,consumption_kwh,soc_permille,flags,interval_s\r\n";
        var expected = $"{Header}{home.MeterId},1,2026-06-01T12:00:00Z,1.5,0.02,500,0,900\r\n";
        using var byFormat = await _host.GetAsync(home.Wallet, $"/api/readings?format=csv&meter_id={home.MeterId}");
        (await byFormat.Content.ReadAsStringAsync()).ShouldBe(expected);
        byFormat.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/readings");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/csv"));
        using var byAccept = await _host.Client(home.Wallet).SendAsync(request);
        (await byAccept.Content.ReadAsStringAsync()).ShouldBe(expected);
    }

    [Fact]
    public async Task Orders_are_read_page_by_page()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        var market = await LiveMarket.StartAsync(_host, home.UserId);
        var placed = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            placed.Add(await market.PlaceAsync("sell", 1_000, 1_000_000));
        }

        var read = new List<Guid>();
        string? cursor = null;
        do
        {
            var behind = cursor is null ? string.Empty : $"&cursor={cursor}";
            var page = await _host.GetAsync(home.Wallet, $"/api/trading/orders?limit=2{behind}")
                .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OwnOrderList);
            read.AddRange(page.Orders.Select(static order => order.OrderId));
            cursor = page.Next;
        }
        while (cursor is not null);
        placed.Reverse();
        read.ShouldBe(placed);
    }

    [Fact]
    public async Task A_cursor_belongs_to_its_list()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        var market = await LiveMarket.StartAsync(_host, home.UserId);
        _ = await market.PlaceAsync("sell", 1_000, 1_000_000);
        _ = await market.PlaceAsync("sell", 1_000, 1_000_000);
        var page = await _host.GetAsync(home.Wallet, "/api/trading/orders?limit=1")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OwnOrderList);
        foreach (var list in new[] { "settlements", "locks", "mints", "readings", "trading/history" })
        {
            await _host.GetAsync(home.Wallet, $"/api/{list}?cursor={page.Next}")
                .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        }
    }

    [Fact]
    public async Task Ones_meters_are_listed()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        var list = await _host.GetAsync(home.Wallet, "/api/meters")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.MeterList);
        list.Meters.ShouldHaveSingleItem().MeterId.ShouldBe(home.MeterId);
    }

    [Fact]
    public async Task Epochs_are_read_page_by_page_and_polled_by_their_tag()
    {
        for (var i = 0; i < 3; i++)
        {
            _ = await LiveMarket.StartAsync(_host);
        }

        var all = await EpochsAsync("limit=500");
        var read = new List<(long, string)>();
        string? cursor = null;
        do
        {
            var page = await EpochsAsync(cursor is null ? "limit=2" : $"limit=2&cursor={cursor}");
            read.AddRange(page.Epochs.Select(static epoch => (epoch.Number, epoch.Zone)));
            cursor = page.Next;
        }
        while (cursor is not null);
        read.ShouldBe(all.Epochs.Select(static epoch => (epoch.Number, epoch.Zone)));

        using var first = await _host.GetAsync(null, "/api/market/epochs");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/market/epochs");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag.ShouldNotBeNull());
        await _host.Client().SendAsync(request).ShouldBeStatusAsync(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task Every_answer_says_which_version_it_is()
    {
        using var good = await _host.GetAsync(null, "/api/market/epochs");
        using var bad = await _host.GetAsync(null, "/api/nowhere");
        good.Headers.GetValues("Api-Version").ShouldBe(["1"]);
        bad.Headers.GetValues("Api-Version").ShouldBe(["1"]);
    }

    [Fact]
    public async Task Other_sites_may_call_when_they_are_named()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string> { ["Cors:Origins:0"] = "https://page.example" },
        });
        (await AllowedAsync(host, "https://page.example")).ShouldBe("https://page.example");
        (await AllowedAsync(host, "https://evil.example")).ShouldBeNull();
        (await AllowedAsync(_host, "https://page.example")).ShouldBeNull();

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/market/epochs");
        request.Headers.Add("Origin", "https://page.example");
        using var response = await host.Client().SendAsync(request);
        response.Headers.GetValues("Access-Control-Expose-Headers").Single().Split(',')
            .ShouldBe(["ETag", "Retry-After", "Next-Cursor", "RateLimit", "RateLimit-Policy", "Api-Version"]);
    }

    private static async Task<string?> AllowedAsync(CloudHost host, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/trading/orders/create");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type,idempotency-key");
        using var response = await host.Client().SendAsync(request);
        return response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
    }

    private Task<EpochList> EpochsAsync(string query) => _host.GetAsync(null, $"/api/market/epochs?{query}")
        .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.EpochList);
}
