using System.Threading.Channels;
using GridTokenX.Programs;
using GridTokenX.Solana;

namespace GridTokenX.Benchmarks.Chain;

/// <summary>From signed order to confirmed settlement: several clients sign and send pairs of orders, several senders
/// settle what is on chain in transactions as full as they get. All wallets pay for themselves.</summary>
internal sealed class SettlementThroughput(ChainRig rig, TimeProvider time)
{
    private const int Clients = 24;
    private const int Senders = 8;
    private const int PairsOfEach = 30;
    private const int SettlementsOfATransaction = 3;
    private const ulong Price = 2 * ChainRig.Grx;

    public async Task<Measurement> MeasureAsync()
    {
        var clients = new List<(Keypair Seller, Keypair Buyer)>();
        for (var i = 0; i < Clients; i++)
        {
            clients.Add((
                await rig.UserAsync(gridWattHours: PairsOfEach * 1_000),
                await rig.UserAsync(grx: PairsOfEach * 10 * ChainRig.Grx)));
        }

        var onChain = Channel.CreateUnbounded<MatchSettlement>();
        var started = time.GetTimestamp();
        var senders = Enumerable.Range(0, Senders).Select(_ => SettleAsync(onChain.Reader)).ToList();
        await Task.WhenAll(clients.Select((client, index) => PlaceAsync(client, index, onChain.Writer)));
        onChain.Writer.Complete();
        var settled = (await Task.WhenAll(senders)).Sum();
        var elapsed = time.GetElapsedTime(started);
        clients.ForEach(static client =>
        {
            client.Seller.Dispose();
            client.Buyer.Dispose();
        });
        return settled == Clients * PairsOfEach
            ? new Measurement(
                ChainBench.Name, "signed order to confirmed settlement", "settlements/s",
                Math.Round(settled / elapsed.TotalSeconds, 1))
            : throw new InvalidOperationException($"{settled} of {Clients * PairsOfEach} settlements.");
    }

    private async Task PlaceAsync(
        (Keypair Seller, Keypair Buyer) client, int index, ChannelWriter<MatchSettlement> onChain)
    {
        var (seller, buyer) = (client.Seller.PublicKey, client.Buyer.PublicKey);
        for (var pair = 0UL; pair < PairsOfEach; pair++)
        {
            var sell = rig.Trading.CreateSellOrder(seller, seller, rig.Terms(pair, Price));
            var buy = rig.Trading.CreateBuyOrder(buyer, buyer, rig.Terms(pair, Price + 1));
            await Task.WhenAll(rig.RunAsync(sell, client.Seller), rig.RunAsync(buy, client.Buyer));
            var id = ((ulong)index * PairsOfEach) + pair;
            await onChain.WriteAsync(new MatchSettlement(
                id, ChainRig.Grid, Price, new(seller, pair, seller), new(buyer, pair, buyer)));
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
}
