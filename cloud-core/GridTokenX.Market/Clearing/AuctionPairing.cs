using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Clearing;

/// <summary>What an order gets of an auction, and has left to be paired.</summary>
internal record struct Share(long Sequence, long Owner, WattHours Energy);

/// <summary>Pairs what buyers and sellers get, nobody with himself.</summary>
internal static class AuctionPairing
{
    internal static IReadOnlyList<AuctionMatch> Pair(List<Share> bids, List<Share> asks)
    {
        List<Pairing> pairings = [];
        var first = 0;
        for (var bid = 0; bid < bids.Count; bid++)
        {
            while (first < asks.Count && asks[first].Energy == WattHours.Zero)
            {
                first++;
            }

            for (var ask = first; ask < asks.Count && bids[bid].Energy > WattHours.Zero; ask++)
            {
                if (bids[bid].Owner != asks[ask].Owner && asks[ask].Energy > WattHours.Zero)
                {
                    Join(bids, bid, asks, ask, WattHours.Min(bids[bid].Energy, asks[ask].Energy), pairings);
                }
            }
        }

        Exchange(bids, asks, pairings);
        return [.. pairings
            .Where(static pairing => pairing.Energy > WattHours.Zero)
            .Select(pairing => new AuctionMatch(
                bids[pairing.Bid].Sequence, asks[pairing.Ask].Sequence, pairing.Energy))];
    }

    /// <summary>
    /// What is left over on both sides belongs to one owner, or it would have been paired. Two strangers' pairing is
    /// opened: each of them trades with the owner instead.
    /// </summary>
    private static void Exchange(List<Share> bids, List<Share> asks, List<Pairing> pairings)
    {
        var ask = 0;
        var strangers = pairings.Count;
        for (var (bid, at) = (0, 0); bid < bids.Count; bid++)
        {
            while (bids[bid].Energy > WattHours.Zero)
            {
                while (ask < asks.Count && asks[ask].Energy == WattHours.Zero)
                {
                    ask++;
                }

                while (at < strangers && !MayOpen(pairings[at], bids, asks, bids[bid].Owner))
                {
                    at++;
                }

                if (ask == asks.Count || at == strangers)
                {
                    return;
                }

                var opened = pairings[at];
                var energy = WattHours.Min(opened.Energy, WattHours.Min(bids[bid].Energy, asks[ask].Energy));
                pairings[at] = opened with { Energy = opened.Energy - energy };
                bids[opened.Bid] = Plus(bids[opened.Bid], energy);
                asks[opened.Ask] = Plus(asks[opened.Ask], energy);
                Join(bids, bid, asks, opened.Ask, energy, pairings);
                Join(bids, opened.Bid, asks, ask, energy, pairings);
            }
        }
    }

    private static bool MayOpen(Pairing pairing, List<Share> bids, List<Share> asks, long owner) =>
        pairing.Energy > WattHours.Zero && bids[pairing.Bid].Owner != owner && asks[pairing.Ask].Owner != owner;

    private static void Join(
        List<Share> bids, int bid, List<Share> asks, int ask, WattHours energy, List<Pairing> pairings)
    {
        bids[bid] = Plus(bids[bid], WattHours.Zero - energy);
        asks[ask] = Plus(asks[ask], WattHours.Zero - energy);
        pairings.Add(new Pairing(bid, ask, energy));
    }

    private static Share Plus(Share share, WattHours energy) => share with { Energy = share.Energy + energy };

    private readonly record struct Pairing(int Bid, int Ask, WattHours Energy);
}
