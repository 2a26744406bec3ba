using GridTokenX.CloudCore.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class ProgramSetupTests
{
    [Fact]
    public async Task Everything_is_initialised_once_and_found_by_the_next_process_without_the_administrator()
    {
        await using var chain = await PlatformChain.StartAsync();
        await using var rig = await ChainRig.CreateAsync(chain);
        await using var first = rig.Create(null, ("Solana:Setup:MaxPriceGrx", "5"));
        await first.Chain.PrepareAsync(CancellationToken.None);
        File.Delete(Path.Combine(chain.KeyFolder, "admin.json"));
        using var rpc = new ScriptedRpc();
        await using var next = rig.Create(rpc);
        await next.Chain.PrepareAsync(CancellationToken.None);

        var info = next.Chain.Describe();
        info.ShouldBe(first.Chain.Describe());
        (info.FeeBasisPoints, info.MinPrice, info.MaxPrice, info.SettlementGraceSeconds)
            .ShouldBe((100, 1, 5_000_000, 86_400));
        rpc.CallsOf("sendTransaction").ShouldBe(0);
        rpc.CallsOf("requestAirdrop").ShouldBe(0);
        var mint = Mint.Parse((await rig.Rpc.GetAccountInfoAsync(info.GridMint.ToPublicKey()))!.Data.Span);
        (mint.Decimals, mint.Supply, mint.FreezeAuthority).ShouldBe(((byte)9, 0UL, (PublicKey?)null));
    }

    [Fact]
    public async Task Ended_at_any_request_the_next_run_completes_it()
    {
        await using var chain = await PlatformChain.StartAsync();
        await using var rig = await ChainRig.CreateAsync(chain);
        var isDone = false;
        var requests = 0;
        while (!isDone)
        {
            requests++;
            var count = 0;
            using var rpc = new ScriptedRpc
            {
                After = (_, _) => _ = Interlocked.Increment(ref count) >= requests ? throw ScriptedRpc.Lost : 0,
            };
            await using var dying = rig.Create(rpc);
            try
            {
                await dying.Chain.PrepareAsync(CancellationToken.None);
                isDone = true;
            }
            catch (SolanaException)
            {
                requests.ShouldBeLessThan(200);
            }
        }

        await using var next = rig.Create();
        await next.Chain.PrepareAsync(CancellationToken.None);
        (await next.Chain.TotalsAsync(CancellationToken.None)).GridSupply.ShouldBe(0UL);
    }

    [Fact]
    public async Task Two_processes_that_prepare_at_once_both_succeed()
    {
        await using var chain = await PlatformChain.StartAsync();
        await using var rig = await ChainRig.CreateAsync(chain);
        await using var first = rig.Create();
        await using var second = rig.Create();
        await Task.WhenAll(
            first.Chain.PrepareAsync(CancellationToken.None), second.Chain.PrepareAsync(CancellationToken.None));
        first.Chain.Describe().ShouldBe(second.Chain.Describe());
    }

    [Fact]
    public async Task What_is_not_ours_is_an_error_that_says_so()
    {
        await using var chain = await PlatformChain.StartAsync();
        await using var rig = await ChainRig.CreateAsync(chain);
        var admin = Path.Combine(chain.KeyFolder, "admin.json");
        File.Move(admin, admin + ".away");
        (await FaultAsync(rig)).ShouldContain("admin.json");
        using (var stranger = Keypair.Generate())
        {
            stranger.Save(admin);
            (await FaultAsync(rig)).ShouldContain(stranger.PublicKey.ToString());
        }

        File.Move(admin + ".away", admin, overwrite: true);
        (await FaultAsync(rig, ("Solana:Programs:Trading", Some.Key.ToString()))).ShouldContain("no program");
        await using (var process = rig.Create())
        {
            await process.Chain.PrepareAsync(CancellationToken.None);
        }

        foreach (var (file, what) in new[]
        {
            ("matcher.json", "matcher"), ("oracle.json", "oracle"), ("fee-authority.json", "fee account"),
            ("grx-mint.json", "GRX mint"), ("platform.json", "GRX mint"),
        })
        {
            File.Move(Path.Combine(chain.KeyFolder, file), Path.Combine(chain.KeyFolder, file + ".away"));
            (await FaultAsync(rig)).ShouldContain(what);
            File.Move(
                Path.Combine(chain.KeyFolder, file + ".away"), Path.Combine(chain.KeyFolder, file), overwrite: true);
        }
    }

    [Fact]
    public void Key_files_are_the_owners_alone_and_the_administrators_is_not_made()
    {
        var folder = Directory.CreateTempSubdirectory("gtx-keys-").FullName;
        using (PlatformKeys.LoadOrCreateAll(folder))
        {
            var files = Directory.GetFiles(folder);
            files.Select(Path.GetFileName).ShouldBe(
                ["platform.json", "oracle.json", "matcher.json", "grx-mint.json", "fee-authority.json"],
                ignoreOrder: true);
            files.ShouldAllBe(file => File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> FaultAsync(ChainRig rig, params (string Key, string? Value)[] settings)
    {
        await using var process = rig.Create(null, settings);
        return (await Should.ThrowAsync<ChainSetupException>(
            () => process.Chain.PrepareAsync(CancellationToken.None))).Message;
    }
}
