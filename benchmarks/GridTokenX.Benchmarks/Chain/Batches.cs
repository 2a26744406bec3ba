using GridTokenX.Programs;
using GridTokenX.Solana;

namespace GridTokenX.Benchmarks.Chain;

/// <summary>How much fits one transaction of 1,232 bytes, and what such a transaction costs.</summary>
internal sealed class Batches(ChainRig rig)
{
    private const ulong Price = 2 * ChainRig.Grx;
    private const ulong FirstSettlement = 10_000;

    public async Task<IReadOnlyList<Measurement>> MeasureAsync()
    {
        var meters = LargestBatch(count => rig.ReadAndMint([.. Enumerable.Range(0, count).Select(FakeMeter)]));
        var apart = LargestBatch(count => [FakeSettlements(count, sponsor: null)]);
        var sponsored = LargestBatch(count => [FakeSettlements(count, rig.Registrar.PublicKey)]);
        return
        [
            new(ChainBench.Name, "meters in a mint transaction", "meters", meters),
            new(ChainBench.Name, "settlements in a transaction, owners paid rent", "settlements", apart, 1),
            new(ChainBench.Name, "settlements in a transaction, platform paid rent", "settlements", sponsored, 1),
            new(ChainBench.Name, $"mint transaction of {meters} meters", "compute units", await MintAsync(meters)),
            new(ChainBench.Name, $"settle_match of {apart} settlements", "compute units", await SettleAsync(apart)),
        ];
    }

    /// <summary>The most with which a transaction still has a valid length.</summary>
    public static int LargestBatch(Func<int, IReadOnlyList<Instruction>> build)
    {
        var count = 1;
        while (Fits(build(count + 1)))
        {
            count++;
        }

        return count;
    }

    private static bool Fits(IReadOnlyList<Instruction> instructions)
    {
        // The instructions' only signer pays.
        var signer = instructions[0].Accounts.First(static account => account.IsSigner).Address;
        try
        {
            _ = new Transaction(Message.CompileV0(signer, default, instructions));
            return true;
        }
        catch (TransactionTooLargeException)
        {
            return false;
        }
    }

    private async Task<double> MintAsync(int meters)
    {
        var batch = new List<(string, PublicKey, ulong)>();
        for (var i = 0; i < meters; i++)
        {
            using var user = await rig.UserAsync();
            batch.Add((await rig.MeterAsync(user.PublicKey), user.PublicKey, 1_000));
        }

        return await UnitsAsync(await rig.RunAsync(rig.ReadAndMint(batch), rig.Oracle));
    }

    private async Task<double> SettleAsync(int count)
    {
        var settlements = new List<MatchSettlement>();
        for (var i = 0UL; i < (ulong)count; i++)
        {
            using var seller = await rig.UserAsync(gridWattHours: 1_000);
            using var buyer = await rig.UserAsync(grx: 100 * ChainRig.Grx);
            var (sell, buy) = (seller.PublicKey, buyer.PublicKey);
            await rig.RunAsync(rig.Trading.CreateSellOrder(sell, sell, rig.Terms(i, Price)), seller);
            await rig.RunAsync(rig.Trading.CreateBuyOrder(buy, buy, rig.Terms(i, Price + 1)), buyer);
            settlements.Add(new MatchSettlement(
                FirstSettlement + i, ChainRig.Grid, Price, new(sell, i, sell), new(buy, i, buy)));
        }

        return await UnitsAsync(await rig.RunAsync(Settle(settlements), rig.Matcher));
    }

    private async Task<double> UnitsAsync(Signature signature)
    {
        var transaction = await rig.Rpc.GetTransactionAsync(signature);
        return transaction?.ComputeUnits ?? throw new InvalidOperationException($"{signature} has no compute units.");
    }

    private Instruction Settle(IReadOnlyList<MatchSettlement> settlements) =>
        rig.Trading.SettleMatch(rig.Matcher.PublicKey, rig.FeeAccount, settlements);

    private static (string Meter, PublicKey Owner, ulong Production) FakeMeter(int index) =>
        ($"{index:x32}", NewKey(), 1_000);

    private Instruction FakeSettlements(int count, PublicKey? sponsor) =>
        Settle([.. Enumerable.Range(0, count).Select(index => FakeSettlement(index, sponsor))]);

    private static MatchSettlement FakeSettlement(int index, PublicKey? sponsor)
    {
        var (seller, buyer) = (NewKey(), NewKey());
        return new MatchSettlement(
            (ulong)index, ChainRig.Grid, Price,
            new(seller, 1, sponsor ?? seller), new(buyer, 1, sponsor ?? buyer));
    }

    private static PublicKey NewKey()
    {
        using var key = Keypair.Generate();
        return key.PublicKey;
    }
}
