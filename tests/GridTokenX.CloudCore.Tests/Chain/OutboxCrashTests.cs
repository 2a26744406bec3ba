using GridTokenX.CloudCore.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>Whatever ends whenever: each thing happens exactly once. The chain's supply is the judge.</summary>
public sealed class OutboxCrashTests(LocalnetFixture fixture) : IClassFixture<LocalnetFixture>, IAsyncLifetime
{
    private const string FarAwayHeight = "1000000000";

    private ChainRig _rig = null!;
    private Keypair _wallet = null!;

    public async Task InitializeAsync()
    {
        _rig = await ChainRig.CreateAsync(fixture.Chain);
        await using var process = await _rig.StartAsync();
        _wallet = await _rig.CreateUserAsync(process);
        await _rig.UntilIdleAsync(process);
    }

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Killed_between_storing_and_sending_the_next_process_sends_the_stored_bytes()
    {
        var grant = Some.Grant(_wallet, 5);
        var stored = await DieAtAsync("sendTransaction", grant);
        (await StatusOnChainAsync(stored)).ShouldBeNull();

        await using var next = await _rig.StartAsync();
        await _rig.UntilStatusAsync("confirmed", grant);
        (await _rig.SignatureOfAsync(grant)).ShouldBe(stored);
        await ShouldHaveGrantedOnceAsync(next, grant, 5);
    }

    [Fact]
    public async Task Killed_between_sending_and_confirming_the_next_process_only_looks_it_up()
    {
        var grant = Some.Grant(_wallet, 6);
        var stored = await DieAtAsync("getSignatureStatuses", grant);
        (await StatusOnChainAsync(stored)).ShouldNotBeNull();

        using var rpc = new ScriptedRpc();
        await using var next = await _rig.StartAsync(rpc);
        await _rig.UntilStatusAsync("confirmed", grant);
        rpc.CallsOf("sendTransaction").ShouldBe(0);
        (await _rig.SignatureOfAsync(grant)).ShouldBe(stored);
        await ShouldHaveGrantedOnceAsync(next, grant, 6);
    }

    [Fact]
    public async Task An_answer_lost_after_sending_does_no_harm()
    {
        var grant = Some.Grant(_wallet, 7);
        var lost = 0;
        using var rpc = new ScriptedRpc
        {
            After = (method, _) =>
            {
                if (method == "sendTransaction" && Interlocked.Increment(ref lost) < 4)
                {
                    throw ScriptedRpc.Lost;
                }
            },
        };
        await using var process = await _rig.StartAsync(rpc);
        await _rig.EnqueueAsync(process, grant);
        await _rig.UntilStatusAsync("confirmed", grant);
        await ShouldHaveGrantedOnceAsync(process, grant, 7);
    }

    [Fact]
    public async Task Expired_and_unknown_to_the_chain_it_is_signed_anew()
    {
        var grant = Some.Grant(_wallet, 8);
        var stored = await DieAtAsync("sendTransaction", grant);

        using var rpc = new ScriptedRpc
        {
            Before = static (method, _) => method == "getBlockHeight" ? FarAwayHeight : null,
        };
        await using var next = await _rig.StartAsync(rpc);
        await _rig.UntilStatusAsync("confirmed", grant);
        (await _rig.SignatureOfAsync(grant)).ShouldNotBe(stored);
        (await StatusOnChainAsync(stored)).ShouldBeNull();
        await ShouldHaveGrantedOnceAsync(next, grant, 8);
    }

    [Fact]
    public async Task Expired_but_landed_it_is_never_signed_anew()
    {
        var grant = Some.Grant(_wallet, 9);
        var stored = await DieAtAsync("getSignatureStatuses", grant);

        using var rpc = new ScriptedRpc
        {
            Before = static (method, _) => method == "getBlockHeight" ? FarAwayHeight : null,
        };
        await using var next = await _rig.StartAsync(rpc);
        await _rig.UntilStatusAsync("confirmed", grant);
        (await _rig.SignatureOfAsync(grant)).ShouldBe(stored);
        await ShouldHaveGrantedOnceAsync(next, grant, 9);
    }

    [Fact]
    public async Task A_blockhash_that_the_chain_does_not_know_only_costs_time()
    {
        var grant = Some.Grant(_wallet, 10);
        var isFirst = true;
        using var rpc = new ScriptedRpc
        {
            Before = (method, _) =>
            {
                if (method == "getLatestBlockhash" && isFirst)
                {
                    isFirst = false;
                    var unknown = Keypair.Generate().PublicKey;
                    return $$"""
                        {"context":{"slot":1000000000},"value":{"blockhash":"{{unknown}}","lastValidBlockHeight":0} }
                        """;
                }

                return method == "getBlockHeight" ? FarAwayHeight : null;
            },
        };
        await using var process = await _rig.StartAsync(rpc);
        await _rig.EnqueueAsync(process, grant);
        await _rig.UntilStatusAsync("confirmed", grant);
        await ShouldHaveGrantedOnceAsync(process, grant, 10);
    }

    [Fact]
    public async Task Where_the_chain_no_longer_remembers_nothing_is_signed_anew()
    {
        var grant = Some.Grant(_wallet, 11);
        _ = await DieAtAsync("sendTransaction", grant);

        using var rpc = new ScriptedRpc
        {
            Before = static (method, _) => method switch
            {
                "getBlockHeight" => FarAwayHeight,
                "getFirstAvailableBlock" => "900000000",
                _ => null,
            },
        };
        await using var next = await _rig.StartAsync(rpc);
        await _rig.UntilStatusAsync("parked", grant);
        (await _rig.EffectsAsync(grant, "parked")).ShouldBe(1);
        (await next.BalancesAsync(_wallet)).Grx.ShouldBe(0);
    }

    [Fact]
    public async Task Bytes_that_the_rpc_does_not_take_count_as_attempts_and_are_parked()
    {
        var grant = Some.Grant(_wallet, 12);
        using var rpc = new ScriptedRpc
        {
            Before = static (method, _) => method == "sendTransaction"
                ? """error:{"code":-32602,"message":"invalid transaction: too many accounts"}"""
                : null,
        };
        await using var process = await _rig.StartAsync(rpc);
        await _rig.EnqueueAsync(process, grant);
        await Eventually.HoldsAsync(async () =>
        {
            await _rig.ExecuteAsync("update chain_outbox set next_attempt_at = created_at where status = 'sent'");
            return await _rig.CountAsync("select count(*) from chain_outbox where status = 'parked'") == 1;
        }, TimeSpan.FromSeconds(60));
        (await _rig.EffectsAsync(grant, "parked")).ShouldBe(1);
    }

    [Fact]
    public async Task A_chain_that_is_away_costs_no_attempts_and_no_writes()
    {
        var grant = Some.Grant(_wallet, 13);
        var isAway = true;
        using var rpc = new ScriptedRpc { Before = (_, _) => isAway ? throw ScriptedRpc.Lost : null };
        await using var process = await _rig.StartAsync(rpc);
        await _rig.EnqueueAsync(process, grant);
        await Eventually.HoldsAsync(() => rpc.CallsOf("getMultipleAccounts") > 40);
        (await _rig.CountAsync(
            "select count(*) from chain_outbox where status = 'pending' and attempts = 0 and last_error is null"))
            .ShouldBe(1);

        isAway = false;
        await _rig.UntilStatusAsync("confirmed", grant);
        isAway = true;
        var second = Some.Grant(_wallet, 14);
        await _rig.EnqueueAsync(process, second);
        var before = rpc.CallsOf("getLatestBlockhash");
        await Eventually.HoldsAsync(() => rpc.CallsOf("getLatestBlockhash") > before + 10);
        isAway = false;
        await _rig.UntilStatusAsync("confirmed", second);
        await ShouldHaveGrantedOnceAsync(process, grant, 27);
    }

    /// <summary>
    /// A process that dies once its requests of one kind get lost; returns the signature that it has stored.
    /// </summary>
    private async Task<string> DieAtAsync(string method, ChainIntent intent)
    {
        using var rpc = new ScriptedRpc { Before = (called, _) => called == method ? throw ScriptedRpc.Lost : null };
        await using (var process = await _rig.StartAsync(rpc))
        {
            await _rig.EnqueueAsync(process, intent);
            await Eventually.HoldsAsync(() => rpc.CallsOf(method) > 0);
        }

        await _rig.UntilStatusAsync("sent", intent);
        return await _rig.SignatureOfAsync(intent);
    }

    private async Task<SignatureStatus?> StatusOnChainAsync(string signature) =>
        (await _rig.Rpc.GetSignatureStatusesAsync([Signature.Parse(signature)], searchTransactionHistory: true))[0];

    private async Task ShouldHaveGrantedOnceAsync(CloudProcess process, ChainIntent intent, long microGrx)
    {
        (await process.BalancesAsync(_wallet)).Grx.ShouldBe(microGrx);
        (await _rig.EffectsAsync(intent, "confirmed")).ShouldBe(1);
    }
}
