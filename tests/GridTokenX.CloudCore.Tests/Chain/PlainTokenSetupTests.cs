using GridTokenX.CloudCore.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class PlainTokenSetupTests(LocalnetFixture fixture) : IClassFixture<LocalnetFixture>, IAsyncLifetime
{
    private ChainRig _rig = null!;

    public async Task InitializeAsync() => _rig = await ChainRig.CreateAsync(fixture.Localnet);

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Everything_is_created_once_and_found_by_the_next_process()
    {
        await using var first = _rig.Create();
        await first.Chain.PrepareAsync(CancellationToken.None);
        using var rpc = new ScriptedRpc();
        await using var next = _rig.Create(rpc);
        await next.Chain.PrepareAsync(CancellationToken.None);

        next.Chain.Describe().ShouldBe(first.Chain.Describe());
        rpc.CallsOf("sendTransaction").ShouldBe(0);
        rpc.CallsOf("requestAirdrop").ShouldBe(0);
        var account = await _rig.Rpc.GetAccountInfoAsync(first.Chain.Describe().GridMint.ToPublicKey());
        var mint = Mint.Parse(account!.Data.Span);
        (mint.Decimals, mint.Supply, mint.FreezeAuthority).ShouldBe(((byte)9, 0UL, (PublicKey?)null));
    }

    [Theory]
    [InlineData("getMultipleAccounts")]
    [InlineData("requestAirdrop")]
    [InlineData("getLatestBlockhash")]
    [InlineData("sendTransaction")]
    [InlineData("getSignatureStatuses")]
    public async Task Ended_at_any_request_the_next_run_completes_it(string method)
    {
        using var rpc = new ScriptedRpc
        {
            After = (called, _) =>
            {
                if (called == method)
                {
                    throw ScriptedRpc.Lost;
                }
            },
        };
        await using var dying = _rig.Create(rpc);
        _ = await Should.ThrowAsync<Solana.Rpc.SolanaException>(() => dying.Chain.PrepareAsync(CancellationToken.None));

        await using var next = _rig.Create();
        await next.Chain.PrepareAsync(CancellationToken.None);
        (await next.Chain.TotalsAsync(CancellationToken.None)).GridSupply.ShouldBe(0UL);
    }

    [Fact]
    public async Task Two_processes_that_prepare_at_once_both_succeed()
    {
        await using var first = _rig.Create();
        await using var second = _rig.Create();
        await Task.WhenAll(
            first.Chain.PrepareAsync(CancellationToken.None), second.Chain.PrepareAsync(CancellationToken.None));
        first.Chain.Describe().ShouldBe(second.Chain.Describe());
    }

    [Fact]
    public async Task A_mint_that_is_something_else_is_an_error_that_says_so()
    {
        await using var process = _rig.Create();
        var keys = process.Get<PlatformKeys>();
        var airdrop = await _rig.Rpc.RequestAirdropAsync(keys.GridMint.PublicKey, 1_000_000_000);
        await Testing.Eventually.HoldsAsync(async () =>
            (await _rig.Rpc.GetSignatureStatusesAsync([airdrop]))[0] is not null);
        var fault = await Should.ThrowAsync<ChainSetupException>(
            () => process.Chain.PrepareAsync(CancellationToken.None));
        fault.Message.ShouldContain("GRID mint");
    }

    [Fact]
    public async Task Key_files_are_the_owners_alone()
    {
        await using var process = _rig.Create();
        _ = process.Get<PlatformKeys>();
        var files = Directory.GetFiles(process.Get<CloudOptions>().KeyFolder);
        files.Select(Path.GetFileName).ShouldBe(
            ["platform.json", "grid-mint.json", "grx-mint.json", "fee-authority.json"], ignoreOrder: true);
        files.ShouldAllBe(file => File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }
}
