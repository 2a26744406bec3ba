using GridTokenX.Solana.PubSub;
using GridTokenX.Solana.Sending;
using GridTokenX.Testing;

namespace GridTokenX.Solana.Tests.Chain;

/// <summary>A chain of its own, as these tests kill it.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task What_landed_before_a_kill_is_there_after_the_restart_and_is_not_done_twice()
    {
        await using var localnet = await Localnet.StartAsync();
        await using var client = new ChainClient(localnet);
        using var payer = await client.FundedAsync();
        var blockhash = await client.Rpc.GetLatestBlockhashAsync();
        var transaction = Some.Transfer(payer, blockhash.Blockhash, ChainClient.Sol).Sign(payer);
        var signed = SignedTransaction.From(transaction, blockhash);
        (await client.Sender.SubmitAsync(signed)).RequireConfirmed();
        await using var slots = await client.PubSub.SubscribeSlotAsync();

        await localnet.KillAsync();
        await localnet.StartAgainAsync();

        (await client.Sender.SubmitAsync(signed with { MayHaveBeenSent = true })).RequireConfirmed();
        (await client.Sender.SubmitAsync(signed)).RequireConfirmed();
        (await client.Rpc.GetBalanceAsync(Some.Address("receiver"))).ShouldBe(ChainClient.Sol);
        (await client.Rpc.GetBalanceAsync(payer.PublicKey)).ShouldBe((9 * ChainClient.Sol) - 5000);
        (await SawGapAsync(slots)).ShouldBeTrue();
    }

    [Fact]
    public async Task Stopped_and_started_it_goes_on_where_it_was()
    {
        await using var localnet = await Localnet.StartAsync();
        await using var client = new ChainClient(localnet);
        using var payer = await client.FundedAsync();
        var genesis = await client.Rpc.GetGenesisHashAsync();
        var slot = await client.Rpc.GetSlotAsync();

        await localnet.StopAsync();
        await localnet.StartAgainAsync();

        (await client.Rpc.GetGenesisHashAsync()).ShouldBe(genesis);
        (await client.Rpc.GetSlotAsync()).ShouldBeGreaterThanOrEqualTo(slot);
        (await client.Rpc.GetBalanceAsync(payer.PublicKey)).ShouldBe(10 * ChainClient.Sol);
    }

    private static async Task<bool> SawGapAsync(Subscription<SlotNotification> slots)
    {
        using var timeout = new CancellationTokenSource(30_000);
        await foreach (var notification in slots.WithCancellation(timeout.Token))
        {
            if (notification.IsGap)
            {
                return true;
            }
        }

        return false;
    }
}
