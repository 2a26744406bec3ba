using System.Numerics;
using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Fairness;

/// <summary>
/// What an epoch's market was worth to the people of its zone. Shares are null when there is no whole.
/// </summary>
public sealed record FairnessReport
{
    /// <summary>Welfare reached, of the most that the epoch's orders allowed.</summary>
    public required decimal? WelfareShare { get; init; }

    /// <summary>Volume reached, of the most that the epoch's orders allowed.</summary>
    public required decimal? VolumeShare { get; init; }

    /// <summary>The buyers' part of the welfare: what they would have paid at most, less what they paid.</summary>
    public required decimal? BuyersShare { get; init; }

    /// <summary>
    /// Dispersion of prices: the standard deviation weighted by volume, as a share of the weighted average. 0 when
    /// all pay the same.
    /// </summary>
    public required decimal? PriceDispersion { get; init; }

    /// <summary>Of the zone's consumption, what its own production covered.</summary>
    public required decimal? SelfSufficiency { get; init; }

    /// <summary>Of the zone's production, what was consumed in it.</summary>
    public required decimal? SelfConsumption { get; init; }

    public static FairnessReport Of(
        IReadOnlyCollection<EpochTrade> trades,
        IReadOnlyCollection<Offer> bids,
        IReadOnlyCollection<Offer> asks,
        WattHours production,
        WattHours consumption)
    {
        var reached = MeritOrder.Of(trades);
        var most = MeritOrder.Maximum(bids, asks);
        var buyers = MeritOrder.Of(trades.Select(static trade => trade with { AskLimit = trade.Price }));
        var covered = WattHours.Min(production, consumption);
        return new FairnessReport
        {
            WelfareShare = Ratio.Of(reached.Welfare.Value, most.Welfare.Value),
            VolumeShare = Ratio.Of(reached.Volume.Value, most.Volume.Value),
            BuyersShare = Ratio.Of(buyers.Welfare.Value, reached.Welfare.Value),
            PriceDispersion = Dispersion(trades),
            SelfSufficiency = Ratio.Of(covered.Value, consumption.Value),
            SelfConsumption = Ratio.Of(covered.Value, production.Value),
        };
    }

    /// <summary>
    /// √(Σ e × (p − mean)²) / Σ e) / mean in whole numbers: the mean is rounded down to a thousandth of a µGRX, the
    /// root to a µGRX.
    /// </summary>
    private static decimal? Dispersion(IReadOnlyCollection<EpochTrade> trades)
    {
        const int Finer = 1_000;
        BigInteger volume = 0;
        BigInteger weighted = 0;
        foreach (var trade in trades)
        {
            volume += trade.Energy.Value;
            weighted += (BigInteger)trade.Energy.Value * trade.Price.Value * Finer;
        }

        if (volume.IsZero || weighted.IsZero)
        {
            return null;
        }

        var mean = weighted / volume;
        BigInteger squares = 0;
        foreach (var trade in trades)
        {
            var distance = ((BigInteger)trade.Price.Value * Finer) - mean;
            squares += trade.Energy.Value * distance * distance;
        }

        return Ratio.Of((decimal)SquareRoot(squares / volume), (decimal)mean);
    }

    /// <summary>Rounded down, by Newton's method.</summary>
    private static BigInteger SquareRoot(BigInteger square)
    {
        if (square.IsZero)
        {
            return 0;
        }

        var root = BigInteger.One << (int)((square.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = (root + (square / root)) / 2;
            if (next >= root)
            {
                return root;
            }

            root = next;
        }
    }
}
