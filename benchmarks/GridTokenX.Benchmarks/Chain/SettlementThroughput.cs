using System.Threading.Channels;
using GridTokenX.Programs;
using GridTokenX.Solana;
using GridTokenX.Solana.Sending;

namespace GridTokenX.Benchmarks.Chain;

/// <summary>From signed order to confirmed settlement: several clients send pairs of orders that they have signed, one
/// pair after another; several senders settle what is on chain, in transactions as full as they get. Every wallet pays
/// for itself.</summary>
internal sealed class SettlementThroughput(ChainRig rig, TimeProvider time)
{
    private const int Clients = 64;
    private const int Senders = 16;
    private const int PairsOfEach = 15;
    private const int SettlementsOfATransaction = 3;
    private const ulong Price = 2 * ChainRig.Grx;

    public async Task<Measurement> MeasureAsync()
    {
        var clients = await SignedPairsAsync();
        var onChain = Channel.CreateUnbounded<MatchSettlement>();
        var started = time.GetTimestamp();
        var senders = Enumerable.Range(0, Senders).Select(_ => SettleAsync(onChain.Reader)).ToList();
        await Task.WhenAll(clients.Select(pairs => PlaceAsync(pairs, onChain.Writer)));
        onChain.Writer.Complete();
        var settled = (await Task.WhenAll(senders)).Sum();
        var elapsed = time.GetElapsedTime(started);
        return settled == Clients * PairsOfEach
            ? new Measurement(
                ChainBench.Name, "signed order to confirmed settlement", "settlements/s",
                Math.Round(settled / elapsed.TotalSeconds, 1))
            : throw new InvalidOperationException($"{settled} of {Clients * PairsOfEach} settlements.");
    }

    private async Task<List<List<Pair>>> SignedPairsAsync()
    {
        var users = new List<(Keypair Seller, Keypair Buyer)>();
        for (var i = 0; i < Clients; i++)
        {
            users.Add((
                await rig.UserAsync(gridWattHours: PairsOfEach * 1_000),
                await rig.UserAsync(grx: PairsOfEach * 10 * ChainRig.Grx)));
        }

        // Last of all, since a blockhash is good for a minute.
        var pairs = new List<List<Pair>>();
        foreach (var (seller, buyer) in users)
        {
            pairs.Add(await SignedPairsAsync(seller, buyer, firstSettlement: (ulong)pairs.Count * PairsOfEach));
            seller.Dispose();
            buyer.Dispose();
        }

        return pairs;
    }

    private async Task<List<Pair>> SignedPairsAsync(Keypair sellerKey, Keypair buyerKey, ulong firstSettlement)
    {
        var (seller, buyer) = (sellerKey.PublicKey, buyerKey.PublicKey);
        var pairs = new List<Pair>();
        for (var id = 0UL; id < PairsOfEach; id++)
        {
            var sell = rig.Trading.CreateSellOrder(seller, seller, rig.Terms(id, Price));
            var buy = rig.Trading.CreateBuyOrder(buyer, buyer, rig.Terms(id, Price + 1));
            pairs.Add(new Pair(
                await rig.SignAsync([sell], sellerKey),
                await rig.SignAsync([buy], buyerKey),
                new MatchSettlement(
                    firstSettlement + id, ChainRig.Grid, Price, new(seller, id, seller), new(buyer, id, buyer))));
        }

        return pairs;
    }

    private async Task PlaceAsync(List<Pair> pairs, ChannelWriter<MatchSettlement> onChain)
    {
        foreach (var (sell, buy, settlement) in pairs)
        {
            await Task.WhenAll(rig.SubmitAsync(sell), rig.SubmitAsync(buy));
            await onChain.WriteAsync(settlement);
        }
    }

    private async Task<int> SettleAsync(ChannelReader<MatchSettlement> onChain)
    {
        var settled = 0;
        while (await onChain.WaitToReadAsync())
        {
            var batch = new List<MatchSettlement>();
            while (batch.Count < SettlementsOfATransaction && onChain.TryRead(out var settlement))
            {
                batch.Add(settlement);
            }

            if (batch.Count > 0)
            {
                await rig.RunAsync(
                    rig.Trading.SettleMatch(rig.Matcher.PublicKey, rig.FeeAccount, batch), rig.Matcher);
                settled += batch.Count;
            }
        }

        return settled;
    }

    private sealed record Pair(SignedTransaction Sell, SignedTransaction Buy, MatchSettlement Settlement);
}
