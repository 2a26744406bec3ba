using GridTokenX.Solana.Programs;
using GridTokenX.Solana.PubSub;
using GridTokenX.Solana.Rpc;
using GridTokenX.Solana.Sending;

namespace GridTokenX.Solana.Tests.Chain;

[Collection(LocalnetTests.Name)]
public sealed class SubscriptionsOnChainTests(LocalnetFixture chain) : IAsyncDisposable
{
    private readonly ChainClient _client = new(chain.Localnet);

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task Every_kind_of_subscription_tells_of_a_transfer()
    {
        using var payer = await _client.FundedAsync();
        var blockhash = await _client.Rpc.GetLatestBlockhashAsync();
        var transaction = Some.Transfer(payer, blockhash.Blockhash, ChainClient.Sol).Sign(payer);
        await using var signature = await _client.PubSub.SubscribeSignatureAsync(transaction.Id);
        await using var logs = await _client.PubSub.SubscribeLogsAsync(payer.PublicKey);
        await using var account = await _client.PubSub.SubscribeAccountAsync(payer.PublicKey);
        await using var slots = await _client.PubSub.SubscribeSlotAsync();
        (await _client.Sender.SubmitAsync(SignedTransaction.From(transaction, blockhash))).RequireConfirmed();

        (await FirstAsync(signature)).Error.ShouldBeNull();
        var log = await FirstAsync(logs);
        log.Signature.ShouldBe(transaction.Id);
        log.Logs.ShouldNotBeEmpty();
        (await FirstAsync(account)).Lamports.ShouldBe((9 * ChainClient.Sol) - 5000);
        (await FirstAsync(slots)).Slot.ShouldBeGreaterThan(0UL);
    }

    [Fact]
    public async Task A_program_subscription_tells_of_the_accounts_that_pass_its_filter()
    {
        using var payer = await _client.FundedAsync();
        var mint = await _client.CreateMintAsync(payer, decimals: 0);
        await using var accounts = await _client.PubSub.SubscribeProgramAsync(
            TokenProgram.Id, [AccountFilter.OfSize(TokenAccount.Length), AccountFilter.With(0, mint.Span)]);
        await _client.RunAsync([AssociatedTokenProgram.Create(payer.PublicKey, payer.PublicKey, mint)], payer);
        (await FirstAsync(accounts)).Address
            .ShouldBe(AssociatedTokenProgram.AssociatedTokenAddress(payer.PublicKey, mint));
    }

    private static async Task<T> FirstAsync<T>(Subscription<T> subscription)
        where T : class
    {
        using var timeout = new CancellationTokenSource(30_000);
        await using var notifications = subscription.GetAsyncEnumerator(timeout.Token);
        (await notifications.MoveNextAsync()).ShouldBeTrue("The subscription ended without a notification.");
        return notifications.Current.Value.ShouldNotBeNull();
    }
}
