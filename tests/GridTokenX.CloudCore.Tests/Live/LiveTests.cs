using GridTokenX.CloudCore.Live;
using GridTokenX.CloudCore.Tests.Accounts;
using GridTokenX.Protocol.Api;
using GridTokenX.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

#pragma warning disable CA5394 // Chance with a seed, so that a failure can be seen again.

namespace GridTokenX.CloudCore.Tests.Live;

public sealed class LiveFixture : IAsyncLifetime
{
    public CloudHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await CloudHost.StartAsync(new CloudHostOptions
    {
        Settings = new Dictionary<string, string> { ["Live:MaxClientsOfAddress"] = "1000" },
    });

    public async Task DisposeAsync() => await Host.DisposeAsync();
}

public sealed class LiveTests(LiveFixture fixture) : IClassFixture<LiveFixture>
{
    private readonly CloudHost _host = fixture.Host;

    [Fact]
    public async Task A_snapshot_comes_first_and_then_what_has_changed()
    {
        var market = await LiveMarket.StartAsync(_host);
        var ask = await market.PlaceAsync("sell", 1_500, 4_250_000);
        await using var client = await LiveSocket.OpenAsync(_host);
        await client.SubscribeAsync("book", market.Zone);
        var snapshot = await client.ExpectAsync("snapshot");
        snapshot["items"]!.ToJsonString().ShouldBe(
            """[{"side":"sell","price_per_kwh":4.25,"amount_kwh":1.5,"orders":1}]""");
        (snapshot["channel"]!.GetValue<string>(), snapshot["zone"]!.GetValue<string>())
            .ShouldBe(("book", market.Zone));
        client.Take(snapshot);

        await market.FillAsync(ask, 500);
        var delta = await client.ExpectAsync("delta");
        delta["items"]!.ToJsonString().ShouldBe(
            """[{"side":"sell","price_per_kwh":4.25,"amount_kwh":1,"orders":1}]""");
        client.Take(delta);
        await market.CancelAsync(ask);
        client.Take(await client.ExpectAsync("delta"));
        client.Book.ShouldBeEmpty();
    }

    [Fact]
    public async Task Snapshot_and_deltas_are_the_table_whatever_is_committed_in_whichever_order()
    {
        var market = await LiveMarket.StartAsync(_host);
        await using var client = await LiveSocket.OpenAsync(_host);
        await client.SubscribeAsync("book", market.Zone);
        var random = new Random(7);
        var live = new List<Guid>();
        for (var round = 0; round < 25; round++)
        {
            // Several at a time, some of which change their mind; they commit in another order than they wrote in.
            var open = new List<(NpgsqlConnection Connection, NpgsqlTransaction Transaction)>();
            for (var i = 0; i < 4; i++)
            {
                var connection = await _host.Database.OpenConnectionAsync();
                var transaction = await connection.BeginTransactionAsync();
                var isKept = random.Next(4) != 0;
                var placed = await market.PlaceAsync(
                    random.Next(2) == 0 ? "sell" : "buy",
                    random.Next(1, 9) * 1_000,
                    random.Next(1, 6) * 1_000_000,
                    connection);
                if (live.Count > 0 && random.Next(2) == 0)
                {
                    var which = random.Next(live.Count);
                    await market.CancelAsync(live[which], connection);
                    if (isKept)
                    {
                        live.RemoveAt(which);
                    }
                }

                if (isKept)
                {
                    live.Add(placed);
                    open.Add((connection, transaction));
                }
                else
                {
                    await transaction.RollbackAsync();
                    await connection.DisposeAsync();
                }
            }

            foreach (var (connection, transaction) in open.OrderBy(_ => random.Next()))
            {
                await transaction.CommitAsync();
                await connection.DisposeAsync();
            }

            await client.UntilAsync(await market.BookAsync());
        }
    }

    [Fact]
    public async Task Nothing_is_seen_before_its_commit_and_a_late_one_is_not_overlooked()
    {
        var market = await LiveMarket.StartAsync(_host);
        await using var client = await LiveSocket.OpenAsync(_host);
        await client.SubscribeAsync("book", market.Zone);
        client.Take(await client.ExpectAsync("snapshot"));
        await using var connection = await _host.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        _ = await market.PlaceAsync("sell", 1_000, 1_000_000, connection);

        // A later one that is committed first.
        _ = await market.PlaceAsync("sell", 1_000, 2_000_000);
        client.Take(await client.ExpectAsync("delta"));
        client.Book.Keys.ShouldBe(["sell 2000000"]);
        _ = await market.PlaceAsync("sell", 1_000, 3_000_000);
        client.Take(await client.ExpectAsync("delta"));
        client.Book.Keys.ShouldBe(["sell 2000000", "sell 3000000"]);
        await transaction.CommitAsync();
        client.Take(await client.ExpectAsync("delta"));
        client.Book.Keys.ShouldBe(["sell 1000000", "sell 2000000", "sell 3000000"]);
    }

    [Fact]
    public async Task Two_hundred_clients_are_told_the_same()
    {
        var market = await LiveMarket.StartAsync(_host);
        var clients = await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            var client = await LiveSocket.OpenAsync(_host);
            await client.SubscribeAsync("book", market.Zone);
            client.Take(await client.ExpectAsync("snapshot"));
            return client;
        }));
        for (var i = 1; i <= 5; i++)
        {
            _ = await market.PlaceAsync("buy", i * 1_000, 1_000_000);
        }

        var book = await market.BookAsync();
        await Task.WhenAll(clients.Select(client => client.UntilAsync(book)));
        clients.Select(static client => client.Stream).Distinct().Count().ShouldBe(1);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        var limits = _host.Services.GetRequiredService<LiveLimits>();
        await Eventually.HoldsAsync(() => limits.Clients == 0);
    }

    [Fact]
    public async Task A_client_that_takes_nothing_has_to_begin_anew_and_holds_nobody_up()
    {
        var market = await LiveMarket.StartAsync(_host);
        var hub = _host.Services.GetRequiredService<LiveHub>();
        var name = new TopicName("book", market.Zone, null);
        var (slow, quick) = (new LiveClient(8), new LiveClient(8));
        await hub.SubscribeAsync(slow, name, null, null, CancellationToken.None);
        await hub.SubscribeAsync(quick, name, null, null, CancellationToken.None);
        (await quick.Outgoing.ReadAsync()).ToArray().ShouldNotBeEmpty();
        for (var i = 1; i <= 12; i++)
        {
            _ = await market.PlaceAsync("buy", 1_000, i * 1_000);
            (await quick.Outgoing.ReadAsync()).ToArray().ShouldNotBeEmpty();
        }

        slow.Outgoing.Count.ShouldBe(1);
        slow.Outgoing.TryRead(out var message).ShouldBeTrue();
        System.Text.Encoding.UTF8.GetString(message.Span).ShouldBe("""{"type":"resync"}""");

        // It subscribes again, and is where the others are.
        await hub.SubscribeAsync(slow, name, null, null, CancellationToken.None);
        System.Text.Encoding.UTF8.GetString((await slow.Outgoing.ReadAsync()).Span)
            .ShouldStartWith("""{"type":"snapshot","channel":"book",""");
        await hub.LeaveAsync(slow);
        await hub.LeaveAsync(quick);
    }

    [Fact]
    public async Task Who_was_cut_off_gets_what_he_has_missed()
    {
        var market = await LiveMarket.StartAsync(_host);
        await using var staying = await LiveSocket.OpenAsync(_host);
        await staying.SubscribeAsync("book", market.Zone);
        staying.Take(await staying.ExpectAsync("snapshot"));
        for (var i = 1; i <= 3; i++)
        {
            _ = await market.PlaceAsync("sell", 1_000, i * 1_000_000);
            staying.Take(await staying.ExpectAsync("delta"));
        }

        await using var back = await LiveSocket.OpenAsync(_host);
        await back.SubscribeAsync("book", market.Zone, staying.Stream, 1);
        (await back.ExpectAsync("delta"))["sequence"]!.GetValue<long>().ShouldBe(2);
        (await back.ExpectAsync("delta"))["sequence"]!.GetValue<long>().ShouldBe(3);

        // Of another server's stream, or from before what is kept, nothing is known.
        await back.SubscribeAsync("book", market.Zone, "other-1", 2);
        (await back.ExpectAsync("snapshot"))["sequence"]!.GetValue<long>().ShouldBe(3);
    }

    [Fact]
    public async Task After_a_restart_the_book_is_told_anew()
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        string? stream;
        LiveMarket market;
        await using (var first = await CloudHost.StartAsync(new CloudHostOptions { Database = database }))
        {
            market = await LiveMarket.StartAsync(first);
            _ = await market.PlaceAsync("sell", 1_000, 1_000_000);
            await using var client = await LiveSocket.OpenAsync(first);
            await client.SubscribeAsync("book", market.Zone);
            client.Take(await client.ExpectAsync("snapshot"));
            stream = client.Stream;
        }

        await using var second = await CloudHost.StartAsync(new CloudHostOptions { Database = database });
        await using var again = await LiveSocket.OpenAsync(second);
        await again.SubscribeAsync("book", market.Zone, stream, 0);
        again.Take(await again.ExpectAsync("snapshot"));
        again.Stream.ShouldNotBe(stream);
        again.Book.Keys.ShouldBe(["sell 1000000"]);
    }

    [Fact]
    public async Task Trades_come_as_they_are_made()
    {
        var market = await LiveMarket.StartAsync(_host);
        var bid = await market.PlaceAsync("buy", 9_000, 3_000_000);
        var ask = await market.PlaceAsync("sell", 9_000, 3_000_000);
        await market.TradeAsync(bid, ask, 1_000, 3_000_000);
        await using var client = await LiveSocket.OpenAsync(_host);
        await client.SubscribeAsync("trades", market.Zone);
        (await client.ExpectAsync("snapshot"))["items"]!.AsArray().Count.ShouldBe(1);
        await market.TradeAsync(bid, ask, 2_000, 3_000_000);
        var trade = (await client.ExpectAsync("delta"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        (trade["amount_kwh"]!.GetValue<decimal>(), trade["total_grx"]!.GetValue<decimal>()).ShouldBe((2m, 6m));
    }

    [Fact]
    public async Task Everybody_sees_his_own_orders_and_nobody_elses()
    {
        using var ann = await VirtualHome.RegisteredAsync(_host);
        using var bob = await VirtualHome.RegisteredAsync(_host);
        using var visitor = new Visitor(_host);
        await visitor.SignInAsync(ann.Wallet);
        var anns = await LiveMarket.StartAsync(_host, ann.UserId);
        var bobs = await LiveMarket.StartAsync(_host, bob.UserId);
        await using var client = await LiveSocket.OpenAsync(_host);
        await client.SubscribeAsync("orders");
        (await client.ExpectAsync("error"))["code"]!.GetValue<string>().ShouldBe(ProblemCodes.TokenInvalid);
        await client.SendAsync(new LiveRequest("auth", Token: "nonsense"));
        (await client.ExpectAsync("error"))["code"]!.GetValue<string>().ShouldBe(ProblemCodes.TokenInvalid);
        await client.SendAsync(new LiveRequest("auth", Token: visitor.Tokens!.AccessToken));
        _ = await client.ExpectAsync("authenticated");
        await client.SubscribeAsync("orders");
        (await client.ExpectAsync("snapshot"))["items"]!.AsArray().ShouldBeEmpty();
        _ = await bobs.PlaceAsync("sell", 1_000, 1_000_000);
        var own = await anns.PlaceAsync("sell", 2_000, 1_000_000);
        var order = (await client.ExpectAsync("delta"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        order["order_id"]!.GetValue<Guid>().ShouldBe(own);
        await anns.FillAsync(own, 500);
        (await client.ExpectAsync("delta"))["items"]![0]!["status"]!.GetValue<string>().ShouldBe("partially_filled");
    }
}
