using GridTokenX.Solana.PubSub;
using GridTokenX.Solana.Rpc;
using static GridTokenX.Solana.Tests.PubSub.ScriptedPubSubNode;

namespace GridTokenX.Solana.Tests.PubSub;

public sealed class SolanaPubSubClientTests : IAsyncDisposable
{
    private readonly ScriptedPubSubNode _node = new();
    private readonly SolanaPubSubClient _client;

    public SolanaPubSubClientTests()
    {
        _client = Client(_node.Url);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task Notifications_arrive_in_order_at_their_own_subscription()
    {
        var first = _client.SubscribeSlotAsync();
        using var socket = await _node.NextConnectionAsync();
        await TakeSubscriptionAsync(socket, 7);
        var second = _client.SubscribeSlotAsync();
        await TakeSubscriptionAsync(socket, 8);
        await NotifySlotAsync(socket, 7, 100);
        await NotifySlotAsync(socket, 8, 200);
        await NotifySlotAsync(socket, 99, 300);
        await NotifySlotAsync(socket, 7, 101);

        (await TakeAsync(await first, 2)).Select(slot => slot.Slot).ShouldBe([100UL, 101UL]);
        (await TakeAsync(await second, 1)).Select(slot => slot.Slot).ShouldBe([200UL]);
    }

    [Fact]
    public async Task A_signature_subscription_ends_after_its_notification()
    {
        using var key = Some.Keypair("k");
        var subscribing = _client.SubscribeSignatureAsync(key.Sign("x"u8), Commitment.Finalized);
        using var socket = await _node.NextConnectionAsync();
        var request = await TakeSubscriptionAsync(socket, 1);
        request.GetProperty("method").GetString().ShouldBe("signatureSubscribe");
        request.GetProperty("params")[1].GetProperty("commitment").GetString().ShouldBe("finalized");
        await SendAsync(socket, """
            {"jsonrpc":"2.0","method":"signatureNotification","params":{"subscription":1,
             "result":{"context":{"slot":5},"value":{"err":{"InstructionError":[0,{"Custom":3}]}}}}}
            """);

        var all = new List<Notification<SignatureNotification>>();
        await foreach (var notification in await subscribing)
        {
            all.Add(notification);
        }

        all.ShouldHaveSingleItem().Value!.Error!.Instruction!.CustomCode.ShouldBe(3U);
    }

    [Fact]
    public async Task After_a_lost_connection_it_subscribes_again_and_marks_the_gap()
    {
        var subscribing = _client.SubscribeSlotAsync();
        using (var socket = await _node.NextConnectionAsync())
        {
            await TakeSubscriptionAsync(socket, 7);
            await NotifySlotAsync(socket, 7, 100);
            (await TakeAsync(await subscribing, 1)).Single().Slot.ShouldBe(100UL);
            socket.Abort();
        }

        using var next = await _node.NextConnectionAsync();
        await TakeSubscriptionAsync(next, 3);
        await NotifySlotAsync(next, 3, 150);
        var seen = await TakeAsync(await subscribing, 2);
        seen.Select(notification => notification.IsGap).ShouldBe([true, false]);
        seen[1].Value!.Slot.ShouldBe(150UL);
    }

    [Fact]
    public async Task A_reader_too_slow_hears_that_it_lost_notifications()
    {
        await using var client = Client(_node.Url, options => options with { BufferCapacity = 3 });
        var subscribing = client.SubscribeSlotAsync();
        using var socket = await _node.NextConnectionAsync();
        await TakeSubscriptionAsync(socket, 7);
        var subscription = await subscribing;
        for (ulong slot = 1; slot <= 4; slot++)
        {
            await NotifySlotAsync(socket, 7, slot);
        }

        // The next request is answered only after the four have been handled.
        var other = client.SubscribeSlotAsync();
        await TakeSubscriptionAsync(socket, 8);
        await other;
        var seen = new List<ulong>();
        await Should.ThrowAsync<SubscriptionOverflowException>(async () =>
        {
            await foreach (var notification in subscription)
            {
                seen.Add(notification.Slot);
            }
        });
        seen.ShouldBe([1UL, 2UL, 3UL]);
    }

    [Fact]
    public async Task A_refused_subscription_throws_the_nodes_error()
    {
        var subscribing = _client.SubscribeAccountAsync(Some.Address("a"));
        using var socket = await _node.NextConnectionAsync();
        var request = await ReadAsync(socket);
        await SendAsync(socket,
            $$$"""{"jsonrpc":"2.0","id":{{{request.GetProperty("id")}}},"error":{"code":-32602,"message":"no"}}""");
        (await Should.ThrowAsync<SolanaRpcException>(() => subscribing)).Code.ShouldBe(RpcErrorCode.InvalidParams);
    }

    [Fact]
    public async Task Disposing_a_subscription_unsubscribes_and_ends_its_reader()
    {
        var subscribing = _client.SubscribeSlotAsync();
        using var socket = await _node.NextConnectionAsync();
        await TakeSubscriptionAsync(socket, 7);
        var subscription = await subscribing;
        var reading = TakeAsync(subscription, 1);
        await subscription.DisposeAsync();
        var request = await ReadAsync(socket);
        request.GetProperty("method").GetString().ShouldBe("slotUnsubscribe");
        request.GetProperty("params")[0].GetUInt64().ShouldBe(7UL);
        (await reading).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_subscription_given_up_before_its_answer_is_unsubscribed_when_that_comes()
    {
        using var impatient = new CancellationTokenSource();
        var subscribing = _client.SubscribeSlotAsync(impatient.Token);
        using var socket = await _node.NextConnectionAsync();
        var request = await ReadAsync(socket);
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => subscribing);
        await SendAsync(socket, $$"""{"jsonrpc":"2.0","id":{{request.GetProperty("id")}},"result":9}""");
        var next = await ReadAsync(socket);
        next.GetProperty("method").GetString().ShouldBe("slotUnsubscribe");
        next.GetProperty("params")[0].GetUInt64().ShouldBe(9UL);
    }

    [Fact]
    public async Task A_notification_of_another_form_ends_its_subscription_only()
    {
        var first = _client.SubscribeSlotAsync();
        using var socket = await _node.NextConnectionAsync();
        await TakeSubscriptionAsync(socket, 7);
        var second = _client.SubscribeSlotAsync();
        await TakeSubscriptionAsync(socket, 8);
        await SendAsync(socket, """{"method":"slotNotification","params":{"result":{"slot":-1},"subscription":7}}""");
        await NotifySlotAsync(socket, 8, 5);
        (await TakeAsync(await second, 1)).Single().Slot.ShouldBe(5UL);
        await Should.ThrowAsync<SolanaTransportException>(async () => await TakeAsync(await first, 1));
    }

    [Fact]
    public async Task A_node_that_takes_connections_but_never_answers_is_given_up_and_tried_again()
    {
        var time = new WatchedTime();
        await using var client = Client(_node.Url, time: time);
        var subscribing = client.SubscribeSlotAsync();
        using var silent = await _node.NextConnectionAsync();
        _ = await ReadAsync(silent);
        time.Advance(TimeSpan.FromSeconds(10));
        using var next = await _node.NextConnectionAsync();
        await TakeSubscriptionAsync(next, 1);
        await NotifySlotAsync(next, 1, 5);
        (await TakeAsync(await subscribing, 1)).Single().Slot.ShouldBe(5UL);
    }

    [Fact]
    public async Task A_message_longer_than_the_bound_costs_the_connection()
    {
        await using var client = Client(_node.Url, options => options with { MaxMessageBytes = 10_000 });
        var subscribing = client.SubscribeSlotAsync();
        using var socket = await _node.NextConnectionAsync();
        await TakeSubscriptionAsync(socket, 7);
        await SendAsync(socket, "\"" + new string('x', 20_000) + "\"");
        using var next = await _node.NextConnectionAsync();
        await TakeSubscriptionAsync(next, 8);
        (await TakeAsync(await subscribing, 1)).Single().IsGap.ShouldBeTrue();
    }

    [Fact]
    public async Task Without_any_connection_a_subscription_fails_after_the_bound()
    {
        var url = _node.Url;
        await _node.DisposeAsync();
        await using var client = Client(url, options => options with { MaxFailures = 3 });
        var fault = await Should.ThrowAsync<SolanaTransportException>(() => client.SubscribeSlotAsync());
        fault.Message.ShouldContain("4 attempts");
        await Should.ThrowAsync<SolanaTransportException>(() => client.SubscribeSlotAsync());
    }

    [Fact]
    public async Task Disposing_the_client_ends_readers_and_waiting_subscribers()
    {
        var subscribing = _client.SubscribeSlotAsync();
        using var socket = await _node.NextConnectionAsync();
        await TakeSubscriptionAsync(socket, 7);
        var reading = TakeAsync(await subscribing, 1);
        var waiting = _client.SubscribeSlotAsync();
        await _client.DisposeAsync();
        (await reading).ShouldBeEmpty();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
        await Should.ThrowAsync<ObjectDisposedException>(() => _client.SubscribeSlotAsync());
    }

    private static SolanaPubSubClient Client(
        Uri url, Func<PubSubOptions, PubSubOptions>? change = null, TimeProvider? time = null)
    {
        var options = new PubSubOptions { Endpoint = url, BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero };
        return new SolanaPubSubClient(change?.Invoke(options) ?? options, time ?? TimeProvider.System);
    }

    /// <summary>The next ones, or fewer when the subscription ends before.</summary>
    private static async Task<List<Notification<T>>> TakeAsync<T>(Subscription<T> subscription, int count)
        where T : class
    {
        using var timeout = new CancellationTokenSource(20_000);
        var taken = new List<Notification<T>>();
        await foreach (var notification in subscription.WithCancellation(timeout.Token))
        {
            taken.Add(notification);
            if (taken.Count == count)
            {
                break;
            }
        }

        return taken;
    }
}
