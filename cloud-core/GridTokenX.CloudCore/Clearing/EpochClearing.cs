using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.Fairness;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Clearing;

/// <summary>A match of the epoch with what its settlement needs of the two orders.</summary>
internal sealed record MatchRow
{
    public required Guid Id { get; init; }

    public required long Epoch { get; init; }

    public required WattHours Energy { get; init; }

    public required PricePerKwh Price { get; init; }

    public required MicroGrx Value { get; init; }

    public required MicroGrx BuyerShare { get; init; }

    public required PricePerKwh BidLimit { get; init; }

    public required PricePerKwh AskLimit { get; init; }

    /// <summary>Bid and ask are of two zones.</summary>
    public required bool IsAcross { get; init; }

    public required Key32 Buyer { get; init; }

    public required long BuyOrderId { get; init; }

    public required Key32 BuyRentPayer { get; init; }

    public required Key32 Seller { get; init; }

    public required long SellOrderId { get; init; }

    public required Key32 SellRentPayer { get; init; }

    /// <summary>The market's when the sell order was placed.</summary>
    public required int FeeBasisPoints { get; init; }
}

/// <summary>An order that could match in the epoch.</summary>
internal sealed record EpochOrderRow
{
    public required long Epoch { get; init; }

    public required string Side { get; init; }

    public required PricePerKwh LimitPrice { get; init; }

    public required WattHours Energy { get; init; }

    /// <summary>Filled before the epoch.</summary>
    public required WattHours FilledBefore { get; init; }

    /// <summary>Filled up to the epoch's end.</summary>
    public required WattHours FilledAfter { get; init; }

    /// <summary>It outlives the epoch.</summary>
    public required bool StaysOpen { get; init; }
}

/// <summary>A settlement as it is foreseen; the chain has the last word about its fee.</summary>
internal sealed record SettlementRow(Guid Id, MatchRow Match, MicroGrx Fee)
{
    internal ChainIntent ToIntent(long number) => new SettleTrade(
        Id,
        number,
        Match.Energy,
        Match.Price,
        new SettledOrder(Match.Seller, (ulong)Match.SellOrderId, Match.SellRentPayer),
        new SettledOrder(Match.Buyer, (ulong)Match.BuyOrderId, Match.BuyRentPayer));
}

/// <summary>Everything that the end of an epoch decides.</summary>
internal sealed record EpochClearing(
    long Number,
    EpochStatistics Statistics,
    WattHours OpenInterest,
    MarketOutcome Reached,
    MarketOutcome Possible,
    FairnessReport Fairness,
    IReadOnlyList<SettlementRow> Settlements)
{
    internal static EpochClearing Of(
        long number, IReadOnlyList<MatchRow> matches, IReadOnlyList<EpochOrderRow> orders, DateTimeOffset now)
    {
        var trades = matches
            .Select(static match => new EpochTrade(match.Energy, match.Price, match.BidLimit, match.AskLimit))
            .ToList();

        // The other zone's orders are not among those that say what was possible here.
        var own = matches.Zip(trades)
            .Where(static pair => !pair.First.IsAcross)
            .Select(static pair => pair.Second)
            .ToList();
        var (bids, asks) = (Offers(orders, OrderSide.Buy), Offers(orders, OrderSide.Sell));
        var open = orders
            .Where(static order => order.StaysOpen)
            .Aggregate(WattHours.Zero, static (sum, order) => sum + (order.Energy - order.FilledAfter));
        var settlements = matches.Select(match => new SettlementRow(
            Guid.CreateVersion7(now),
            match,
            SettlementTerms.Of(match.Value, match.BuyerShare, match.FeeBasisPoints).Fee));
        return new EpochClearing(
            number,
            EpochStatistics.Of(trades),
            open,
            MeritOrder.Of(own),
            MeritOrder.Maximum(bids, asks),
            FairnessReport.Of(own, bids, asks, WattHours.Zero, WattHours.Zero),
            [.. settlements]);
    }

    private static List<Offer> Offers(IReadOnlyList<EpochOrderRow> orders, string side) =>
        [.. orders
            .Where(order => order.Side == side)
            .Select(static order => new Offer(order.Energy - order.FilledBefore, order.LimitPrice))];
}
