using System.Net;
using System.Text.Json;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Solana.Tests.Rpc;

public sealed class SolanaRpcClientTests
{
    private static readonly TimeSpan Endless = TimeSpan.FromDays(30);

    private const ulong MaxU64 = ulong.MaxValue;

    [Fact]
    public async Task Amounts_keep_all_64_bits()
    {
        var node = new ScriptedNode()
            .Result($$"""{"context":{"slot":1},"value":{{MaxU64}}}""")
            .Result($$$"""{"context":{"slot":1},"value":{"amount":"{{{MaxU64}}}","decimals":9,"uiAmount":1.8e10}}""")
            .Result("9007199254740993");
        var client = node.Client();
        (await client.GetBalanceAsync(Some.Address("a"))).ShouldBe(MaxU64);
        (await client.GetTokenSupplyAsync(Some.Address("a"))).ShouldBe(new TokenAmount(MaxU64, 9));
        (await client.GetSlotAsync()).ShouldBe(9_007_199_254_740_993UL);
    }

    [Fact]
    public async Task A_request_names_its_commitment_and_the_call_overrides_the_default()
    {
        var node = new ScriptedNode { Otherwise = _ => """{"context":{"slot":1},"value":0}""" };
        var client = node.Client();
        await client.GetBalanceAsync(Some.Address("a"));
        await client.GetBalanceAsync(Some.Address("a"), Commitment.Finalized);
        node.Requests.Select(request => request.GetProperty("params")[1].GetProperty("commitment").GetString())
            .ShouldBe(["confirmed", "finalized"]);
    }

    [Fact]
    public async Task A_refused_transaction_carries_error_log_and_units()
    {
        var node = new ScriptedNode().Error("""
            {"code":-32002,"message":"Transaction simulation failed",
            "data":{"err":{"InstructionError":[1,{"Custom":6003}]},
            "logs":["Program log: no"],"unitsConsumed":1234,"accounts":null}}
            """);
        using var payer = Some.Keypair("payer");
        var refusal = await Should.ThrowAsync<SolanaRpcException>(() =>
            node.Client().SendTransactionAsync(Some.Transfer(payer).Sign(payer)));
        refusal.Code.ShouldBe(RpcErrorCode.SendTransactionPreflightFailure);
        refusal.TransactionError!.Kind.ShouldBe(TransactionErrorKind.InstructionError);
        refusal.TransactionError.Instruction.ShouldBe(new InstructionError(1, "Custom", 6003));
        refusal.Logs.ShouldBe(["Program log: no"]);
        refusal.UnitsConsumed.ShouldBe(1234UL);
        refusal.Message.ShouldContain("custom error 6003");
    }

    [Theory]
    [InlineData("""{"code":-32601,"message":"Method not found"}""", RpcErrorCode.MethodNotFound)]
    [InlineData("""{"code":-32005,"message":"Node is behind by 42 slots","data":{"numSlotsBehind":42}}""",
        RpcErrorCode.NodeUnhealthy)]
    [InlineData("""{"code":-32602,"message":"Invalid params","data":"text"}""", RpcErrorCode.InvalidParams)]
    public async Task An_rpc_error_is_thrown_at_once_and_not_tried_again(string error, int code)
    {
        foreach (var status in (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.InternalServerError])
        {
            var node = new ScriptedNode().Error(error, status);
            var thrown = await Should.ThrowAsync<SolanaRpcException>(() => node.Client().GetSlotAsync());
            thrown.Code.ShouldBe(code);
            thrown.TransactionError.ShouldBeNull();
            node.Requests.Count.ShouldBe(1);
        }
    }

    [Fact]
    public async Task Transport_faults_are_tried_again_until_an_answer_comes()
    {
        var node = new ScriptedNode()
            .Breaks()
            .Raw("<html>bad gateway</html>", HttpStatusCode.BadGateway)
            .Raw("half an ans", HttpStatusCode.OK)
            .Result("7");
        (await node.Client().GetSlotAsync()).ShouldBe(7UL);
        node.Requests.Count.ShouldBe(4);
    }

    [Fact]
    public async Task After_the_last_attempt_the_fault_is_thrown()
    {
        var node = new ScriptedNode().Breaks().Breaks().Breaks().Breaks();
        var fault = await Should.ThrowAsync<SolanaTransportException>(() => node.Client().GetSlotAsync());
        fault.IsTransient.ShouldBeTrue();
        fault.InnerException.ShouldBeOfType<HttpRequestException>();
        node.Requests.Count.ShouldBe(4);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.NotFound)]
    public async Task A_refusal_by_http_is_not_tried_again(HttpStatusCode status)
    {
        var node = new ScriptedNode().Raw("no", status);
        var fault = await Should.ThrowAsync<SolanaTransportException>(() => node.Client().GetSlotAsync());
        fault.StatusCode.ShouldBe(status);
        fault.IsTransient.ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","id":99,"result":5}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":"five"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":-5}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":1.5}""")]
    public async Task An_answer_of_another_form_is_a_transport_fault_that_is_not_tried_again(string body)
    {
        var node = new ScriptedNode().Raw(body);
        var fault = await Should.ThrowAsync<SolanaTransportException>(() => node.Client().GetSlotAsync());
        fault.IsTransient.ShouldBeFalse();
        node.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_node_that_never_answers_times_out_by_the_given_clock_and_is_asked_again()
    {
        var time = new WatchedTime();
        var node = new ScriptedNode().NeverAnswers().Result("7");
        var call = node.Client(time).GetSlotAsync();
        (await time.NextWaitAsync()).ShouldBe(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));
        (await call).ShouldBe(7UL);
    }

    [Fact]
    public async Task Delays_grow_within_their_bounds_and_are_not_all_alike()
    {
        var delays = new List<TimeSpan>();
        for (var run = 0; run < 20; run++)
        {
            var time = new WatchedTime();
            var node = new ScriptedNode().Breaks().Breaks().Breaks().Result("7");
            var call = node.Client(time, options => options with
            {
                // So long that none of them is below a millisecond, which nobody waits for.
                BaseDelay = TimeSpan.FromHours(4),
                MaxDelay = TimeSpan.FromHours(10),
                RequestTimeout = Endless,
            }).GetSlotAsync();
            foreach (var bound in (int[])[4, 8, 10])
            {
                delays.Add(await NextDelayAsync(time, call));
                delays[^1].ShouldBeLessThanOrEqualTo(TimeSpan.FromHours(bound));
            }

            (await call).ShouldBe(7UL);
        }

        delays.Distinct().Count().ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task The_nodes_wish_to_wait_is_kept_within_the_bound()
    {
        var time = new WatchedTime();
        var handler = new RetryAfterHandler();
        var client = new SolanaRpcClient(
            new HttpClient(handler),
            new SolanaRpcOptions
            {
                Endpoint = new Uri("http://node.test"),
                BaseDelay = TimeSpan.Zero,
                MaxDelay = TimeSpan.FromSeconds(5),
                MaxAttempts = 2,
                RequestTimeout = Endless,
            },
            time);
        var call = client.GetSlotAsync();
        (await NextDelayAsync(time, call)).ShouldBe(TimeSpan.FromSeconds(5));
        (await Should.ThrowAsync<SolanaTransportException>(() => call)).StatusCode
            .ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task An_answer_longer_than_the_bound_is_refused()
    {
        var node = new ScriptedNode().Result("\"" + new string('x', 5000) + "\"");
        var fault = await Should.ThrowAsync<SolanaTransportException>(() =>
            node.Client(change: options => options with { MaxResponseBytes = 4096 }).GetVersionAsync());
        fault.Message.ShouldContain("4096");
    }

    [Fact]
    public async Task The_callers_cancellation_is_no_fault_of_the_transport()
    {
        using var cancelled = new CancellationTokenSource();
        var node = new ScriptedNode().NeverAnswers();
        var call = node.Client().GetSlotAsync(cancellationToken: cancelled.Token);
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task An_airdrop_is_asked_for_once()
    {
        var node = new ScriptedNode().Breaks();
        await Should.ThrowAsync<SolanaTransportException>(() =>
            node.Client().RequestAirdropAsync(Some.Address("a"), 1));
        node.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Many_accounts_are_asked_for_a_hundred_at_a_time()
    {
        var node = new ScriptedNode
        {
            Otherwise = request => Rows(request, _ => "null", context: true),
        };
        var accounts = Enumerable.Range(0, 250).Select(i => Some.Address($"{i}")).ToList();
        (await node.Client().GetMultipleAccountsAsync(accounts)).Count.ShouldBe(250);
        node.Requests.Select(request => request.GetProperty("params")[0].GetArrayLength()).ShouldBe([100, 100, 50]);
        (await node.Client().GetMultipleAccountsAsync([])).ShouldBeEmpty();
    }

    [Fact]
    public async Task Many_statuses_are_asked_for_256_at_a_time_and_keep_their_order()
    {
        var node = new ScriptedNode
        {
            Otherwise = request => Rows(
                request, i => $$"""{"slot":{{i}},"confirmations":null,"err":null,"confirmationStatus":"finalized"}""",
                context: true),
        };
        using var key = Some.Keypair("k");
        var signatures = Enumerable.Range(0, 300).Select(i => key.Sign(BitConverter.GetBytes(i))).ToList();
        var statuses = await node.Client().GetSignatureStatusesAsync(signatures, searchTransactionHistory: true);
        statuses.Select(status => (int)status!.Slot)
            .ShouldBe([.. Enumerable.Range(0, 256), .. Enumerable.Range(0, 44)]);
        node.Requests[0].GetProperty("params")[1].GetProperty("searchTransactionHistory").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Fewer_rows_than_asked_for_are_a_fault()
    {
        var node = new ScriptedNode().Result("""{"context":{"slot":1},"value":[null]}""");
        await Should.ThrowAsync<SolanaTransportException>(() =>
            node.Client().GetMultipleAccountsAsync([Some.Address("a"), Some.Address("b")]));
    }

    [Fact]
    public async Task Program_account_filters_are_written_as_solana_wants_them()
    {
        var node = new ScriptedNode().Result("[]");
        await node.Client().GetProgramAccountsAsync(
            Some.Address("p"), [AccountFilter.OfSize(165), AccountFilter.With(32, [1, 2, 3])]);
        node.Requests[0].GetProperty("params")[1].GetProperty("filters").GetRawText().ShouldBe(
            """[{"dataSize":165},{"memcmp":{"offset":32,"bytes":"Ldp","encoding":"base58"}}]""");
    }

    [Fact]
    public async Task Any_method_can_be_called()
    {
        var node = new ScriptedNode().Result("""{"total":5}""");
        var result = await node.Client().CallAsync("getSupply", to => to.WriteStringValue("x"));
        result.GetProperty("total").GetInt32().ShouldBe(5);
        node.Requests[0].GetProperty("params").GetRawText().ShouldBe("""["x"]""");
    }

    private static string Rows(JsonElement request, Func<int, string> row, bool context)
    {
        var count = request.GetProperty("params")[0].GetArrayLength();
        var rows = $"[{string.Join(',', Enumerable.Range(0, count).Select(row))}]";
        return context ? $$"""{"context":{"slot":1},"value":{{rows}}}""" : rows;
    }

    // Each attempt starts its time-out as well; those waits are not the delays looked for.
    private static async Task<TimeSpan> NextDelayAsync(WatchedTime time, Task call)
    {
        while (!call.IsCompleted)
        {
            var wait = await time.NextWaitAsync();
            if (wait < Endless)
            {
                time.Advance(wait);
                return wait;
            }
        }

        throw new InvalidOperationException("The call ended without a delay.");
    }

    private sealed class RetryAfterHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Content = new StringContent("") };
            response.Headers.RetryAfter = new(TimeSpan.FromMinutes(10));
            return Task.FromResult(response);
        }
    }
}
