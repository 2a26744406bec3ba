using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Solana.Tests.Chain;

[Collection(LocalnetTests.Name)]
public sealed class ClusterTests(LocalnetFixture chain) : IAsyncDisposable
{
    private readonly ChainClient _client = new(chain.Localnet);

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task The_node_tells_of_itself()
    {
        await _client.Rpc.GetHealthAsync();
        (await _client.Rpc.GetVersionAsync()).ShouldNotBeEmpty();
        (await _client.Rpc.GetGenesisHashAsync()).ShouldNotBe(default);
        var slot = await _client.Rpc.GetSlotAsync();
        (await _client.Rpc.GetBlockHeightAsync()).ShouldBeLessThanOrEqualTo(slot + 1);
        (await _client.Rpc.GetBlockTimeAsync(slot))!.Value.ShouldBeInRange(1_600_000_000, 4_000_000_000);
    }

    [Fact]
    public async Task A_fresh_blockhash_is_valid_and_an_invented_one_is_not()
    {
        var latest = await _client.Rpc.GetLatestBlockhashAsync();
        latest.LastValidBlockHeight.ShouldBeGreaterThan(await _client.Rpc.GetBlockHeightAsync());
        (await _client.Rpc.IsBlockhashValidAsync(latest.Blockhash)).ShouldBeTrue();
        (await _client.Rpc.IsBlockhashValidAsync(Some.Blockhash("invented"))).ShouldBeFalse();
        var message = Some.Transfer(Some.Keypair("p"), latest.Blockhash).Message;
        (await _client.Rpc.GetFeeForMessageAsync(message)).ShouldBe(5000UL);
        (await _client.Rpc.GetFeeForMessageAsync(Some.Transfer(Some.Keypair("p")).Message)).ShouldBeNull();
    }

    [Fact]
    public async Task Rent_exemption_is_solanas()
    {
        (await _client.Rpc.GetMinimumBalanceForRentExemptionAsync(TokenAccount.Length)).ShouldBe(2_039_280UL);
        (await _client.Rpc.GetMinimumBalanceForRentExemptionAsync(Mint.Length)).ShouldBe(1_461_600UL);
    }

    [Fact]
    public async Task An_account_that_does_not_exist_is_null_and_has_no_lamports()
    {
        (await _client.Rpc.GetBalanceAsync(Some.Address("nobody"))).ShouldBe(0UL);
        (await _client.Rpc.GetAccountInfoAsync(Some.Address("nobody"))).ShouldBeNull();
        using var payer = await _client.FundedAsync();
        var accounts = await _client.Rpc.GetMultipleAccountsAsync([Some.Address("nobody"), payer.PublicKey]);
        accounts[0].ShouldBeNull();
        accounts[1]!.Lamports.ShouldBe(10 * ChainClient.Sol);
        accounts[1]!.Owner.ShouldBe(SystemProgram.Id);
    }

    [Fact]
    public async Task An_unknown_method_and_wrong_parameters_are_rpc_errors()
    {
        (await Should.ThrowAsync<SolanaRpcException>(() => _client.Rpc.CallAsync("getNothing")))
            .Code.ShouldBe(RpcErrorCode.MethodNotFound);
        (await Should.ThrowAsync<SolanaRpcException>(() => _client.Rpc.CallAsync("getBalance")))
            .Code.ShouldBe(RpcErrorCode.InvalidParams);
    }
}
