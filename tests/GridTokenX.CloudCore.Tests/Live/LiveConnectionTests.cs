using System.Net;
using System.Net.Http.Headers;
using GridTokenX.CloudCore.Live;
using GridTokenX.CloudCore.Tests.Accounts;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Time;
using GridTokenX.Testing;
using Microsoft.Extensions.DependencyInjection;

#pragma warning disable CA5394 // Chance with a seed, so that a failure can be seen again.

namespace GridTokenX.CloudCore.Tests.Live;

/// <summary>How a connection comes about, what it may not do, and how it ends.</summary>
public sealed class LiveConnectionTests(LiveFixture fixture) : IClassFixture<LiveFixture>
{
    private readonly CloudHost _host = fixture.Host;

    [Fact]
    public async Task The_token_may_come_as_a_subprotocol()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var visitor = new Visitor(_host);
        await visitor.SignInAsync(home.Wallet);
        await using var client = await LiveSocket.OpenAsync(
            _host, "gtx.live.v1", $"gtx.token.{visitor.Tokens!.AccessToken}");
        client.SubProtocol.ShouldBe("gtx.live.v1");
        _ = await client.ExpectAsync("authenticated");
        await client.SubscribeAsync("readings");
        _ = await client.ExpectAsync("snapshot");
        await _host.PostAsync(home.Gateway, home.ReadingsPath, home.Reading(1))
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        var reading = (await client.ExpectAsync("delta"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        (reading["meter_id"]!.GetValue<string>(), reading["production_kwh"]!.GetValue<decimal>())
            .ShouldBe((home.MeterId, 1m));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":"dance"}""")]
    [InlineData("""{"type":"subscribe"}""")]
    [InlineData("""{"type":"subscribe","channel":"gossip"}""")]
    [InlineData("""{"type":"subscribe","channel":"book"}""")]
    [InlineData("""{"type":"subscribe","channel":"book","zone":"a b"}""")]
    public async Task Nonsense_is_answered_and_the_connection_stays(string text)
    {
        await using var client = await LiveSocket.OpenAsync(_host);
        await client.SendTextAsync(text);
        (await client.ExpectAsync("error"))["code"]!.GetValue<string>().ShouldBe(ProblemCodes.MalformedRequest);
        await client.SendAsync(new LiveRequest("ping"));
        _ = await client.ExpectAsync("pong");
    }

    [Fact]
    public async Task A_huge_message_or_a_flood_ends_the_connection()
    {
        await using (var huge = await LiveSocket.OpenAsync(_host))
        {
            await huge.SendTextAsync(new string(' ', 5_000));
            (await huge.ReceiveAsync()).ShouldBeNull();
        }

        await using var flood = await LiveSocket.OpenAsync(_host);
        (await flood.IsCutOffAsync("""{"type":"ping"}""", 5_000)).ShouldBeTrue();
    }

    [Fact]
    public async Task At_most_so_many_subscriptions_and_connections()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string> { ["Live:MaxClientsOfAddress"] = "2" },
        });
        await using var first = await LiveSocket.OpenAsync(host);
        await using (await LiveSocket.OpenAsync(host))
        {
            await host.GetAsync(null, "/api/live?topic=book:z")
                .ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, ProblemCodes.TooManyConnections);
        }

        for (var i = 0; i < 32; i++)
        {
            await first.SubscribeAsync("book", $"zone-{i}");
            _ = await first.ExpectAsync("snapshot");
        }

        await first.SubscribeAsync("book", "zone-32");
        (await first.ExpectAsync("error"))["code"]!.GetValue<string>().ShouldBe(ProblemCodes.TooManyConnections);
    }

    [Fact]
    public async Task Who_unsubscribes_before_he_was_let_in_watches_nothing()
    {
        await using var host = await CloudHost.StartAsync();
        using var hub = ActivatorUtilities.CreateInstance<LiveHub>(host.Services, new LiveChanges(host.Database));
        var (brief, staying) = (new LiveClient(8), new LiveClient(8));
        var (first, second) = (new TopicName("book", "zone-1", null), new TopicName("book", "zone-2", null));
        await hub.SubscribeAsync(brief, first, null, null, CancellationToken.None);
        await hub.UnsubscribeAsync(brief, first, CancellationToken.None);
        await hub.SubscribeAsync(staying, second, null, null, CancellationToken.None);
        await hub.StartAsync(CancellationToken.None);
        (await staying.Outgoing.ReadAsync()).ToArray().ShouldNotBeEmpty();
        brief.Topics.ShouldBeEmpty();
        brief.Outgoing.Count.ShouldBe(0);
        hub.Topics.ShouldBe(1);
        await hub.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Beyond_so_many_topics_a_zone_has_to_exist()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string> { ["Live:FreeTopics"] = "2" },
        });
        var market = await LiveMarket.StartAsync(host);
        await using var client = await LiveSocket.OpenAsync(host);
        for (var i = 0; i < 2; i++)
        {
            await client.SubscribeAsync("book", $"zone-{i}");
            _ = await client.ExpectAsync("snapshot");
        }

        await client.SubscribeAsync("book", "zone-2");
        (await client.ExpectAsync("error"))["code"]!.GetValue<string>().ShouldBe(ProblemCodes.UnknownZone);
        await client.SubscribeAsync("book", market.Zone);
        (await client.ExpectAsync("snapshot"))["zone"]!.GetValue<string>().ShouldBe(market.Zone);

        // What nobody watches any more and was empty makes room at once.
        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync(new LiveRequest("unsubscribe", Channel: "book", Zone: $"zone-{i}"));
            _ = await client.ExpectAsync("unsubscribed");
        }

        var hub = host.Services.GetRequiredService<LiveHub>();
        await Eventually.HoldsAsync(() => hub.Topics == 1);
    }

    [Fact]
    public async Task A_session_that_was_ended_watches_no_longer()
    {
        var wall = new SteppedTime(DateTimeOffset.UtcNow);
        await using var host = await CloudHost.StartAsync(new CloudHostOptions { Clock = wall });
        using var home = await VirtualHome.RegisteredAsync(host);
        using var visitor = new Visitor(host);
        await visitor.SignInAsync(home.Wallet);
        await using var client = await LiveSocket.OpenAsync(
            host, "gtx.live.v1", $"gtx.token.{visitor.Tokens!.AccessToken}");
        _ = await client.ExpectAsync("authenticated");
        await client.SubscribeAsync("orders");
        _ = await client.ExpectAsync("snapshot");
        await visitor.SendAsync(HttpMethod.Post, "/api/auth/sign-out").ShouldBeStatusAsync(HttpStatusCode.NoContent);
        await client.SendAsync(new LiveRequest("ping"));
        _ = await client.ExpectAsync("pong");
        var expired = client.ExpectAsync("expired");
        await Eventually.HoldsAsync(() =>
        {
            wall.Advance(TimeSpan.FromSeconds(31));
            return expired.IsCompleted;
        });
        _ = await expired;
        await client.SubscribeAsync("orders");
        (await client.ExpectAsync("error"))["code"]!.GetValue<string>().ShouldBe(ProblemCodes.TokenInvalid);
    }

    [Fact]
    public async Task The_same_comes_as_an_event_stream()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var visitor = new Visitor(_host);
        await visitor.SignInAsync(home.Wallet);
        var market = await LiveMarket.StartAsync(_host, home.UserId);
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"/api/live?topic=book:{market.Zone}&topic=orders");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", visitor.Tokens!.AccessToken);
        using var response = await _host.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        (await EventAsync(reader)).ShouldStartWith("event: authenticated|data: {");
        var first = new[] { await EventAsync(reader), await EventAsync(reader) };
        first.ShouldAllBe(static text => text.Contains("|event: snapshot|data: {", StringComparison.Ordinal)
            && text.StartsWith("id: ", StringComparison.Ordinal));
        _ = await market.PlaceAsync("sell", 1_000, 1_000_000);
        var second = new[] { await EventAsync(reader), await EventAsync(reader) };
        second.ShouldContain(static text => text.Contains("\"channel\":\"book\"", StringComparison.Ordinal));
        second.ShouldContain(static text => text.Contains("\"channel\":\"orders\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_book_is_served_with_its_tag()
    {
        var market = await LiveMarket.StartAsync(_host);
        _ = await market.PlaceAsync("sell", 1_000, 2_000_000);
        _ = await market.PlaceAsync("sell", 1_000, 1_000_000);
        _ = await market.PlaceAsync("buy", 1_000, 500_000);
        var path = $"/api/market/book?zone={market.Zone}";
        using var answer = await _host.GetAsync(null, path);
        var book = System.Text.Json.JsonSerializer.Deserialize(
            await answer.Content.ReadAsStringAsync(), ProtocolJson.Default.BookView)!;
        book.Asks.Select(static level => level.PricePerKwh).ShouldBe([1m, 2m]);
        book.Bids.ShouldBe([new BookLevel("buy", 0.5m, 1m, 1)]);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.IfNoneMatch.Add(answer.Headers.ETag.ShouldNotBeNull());
        await _host.Client().SendAsync(request).ShouldBeStatusAsync(HttpStatusCode.NotModified);
        _ = await market.PlaceAsync("buy", 1_000, 500_000);
        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag);
        await _host.Client().SendAsync(again).ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    private static async Task<string> EventAsync(StreamReader reader)
    {
        while (true)
        {
            var lines = new List<string>();
            while (await reader.ReadLineAsync() is { Length: > 0 } line)
            {
                lines.Add(line);
            }

            if (lines.Count > 0 && lines[0] != ":")
            {
                return string.Join('|', lines);
            }
        }
    }
}
