using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>
/// Keeps books on every order from the events alone, and complains at the first that cannot be: an order filled beyond
/// its energy, a trade outside a limit or within one owner, an event of an order that has ended.
/// </summary>
internal sealed class OrderLedger(BookRules rules) : IBookListener
{
    internal Dictionary<long, Account> Orders { get; } = [];

    internal PricePerKwh DynamicPrice { get; set; }

    internal MarketTime Now { get; set; }

    internal IEnumerable<Account> Live => Orders.Values.Where(static order => order.Rest > 0);

    internal sealed class Account(NewOrder order)
    {
        internal NewOrder Order { get; } = order;

        internal long Rest { get; set; } = (order.Energy - order.Filled).Value;

        internal long Matched { get; set; }

        /// <summary>Of what is matched, with orders of other zones.</summary>
        internal long Across { get; set; }

        internal long GivenBack { get; set; }

        /// <summary>Of a bid's escrow: what its matches used, the refunds in it, and what went back.</summary>
        internal MicroGrx Paid { get; set; }
    }

    public void Accepted(in NewOrder order) => Orders.Add(order.Sequence, new Account(order));

    public void Rejected(long order, RejectReason reason) => reason.ShouldNotBe(RejectReason.None);

    public void Rested(long order, WattHours rest) => Orders[order].Rest.ShouldBe(rest.Value);

    public void Matched(in BookMatch match)
    {
        var (bid, ask) = (Orders[match.Bid], Orders[match.Ask]);
        (bid.Order.Side, ask.Order.Side).ShouldBe((Side.Bid, Side.Ask));
        bid.Order.Owner.ShouldNotBe(ask.Order.Owner);
        match.Price.ShouldBeLessThanOrEqualTo(bid.Order.Limit);
        match.Price.ShouldBeGreaterThanOrEqualTo(ask.Order.Limit);
        bid.Order.Limit.ShouldBeGreaterThanOrEqualTo(DynamicPrice);
        if (rules.ExactQuantity)
        {
            (bid.Rest, ask.Rest).ShouldBe((match.Energy.Value, match.Energy.Value));
        }

        Fill(bid, match.Energy, match.BidRest);
        Fill(ask, match.Energy, match.AskRest);
        match.Value.ShouldBe(match.Price.ValueOf(match.Energy));
        var terms = SettlementTerms.Of(match.Value, match.BuyerShare, feeBasisPoints: 100);
        bid.Paid += terms.ToSeller + terms.Fee + terms.Refund;
    }

    public void MatchedAcross(long order, WattHours energy, WattHours rest)
    {
        var account = Orders[order];
        var filled = account.Order.Energy.Value - account.GivenBack - account.Rest;
        Fill(account, energy, rest);
        account.Across += energy.Value;
        account.Paid += BidEscrow.Share(account.Order.Limit, new(filled), new WattHours(filled) + energy);
    }

    public void Reduced(long order, WattHours by, WattHours rest)
    {
        by.Value.ShouldBeGreaterThan(0);
        GiveBack(Orders[order], by.Value);
        Orders[order].Rest.ShouldBe(rest.Value);
    }

    public void Cancelled(long order, WattHours rest, CancelReason reason)
    {
        Orders[order].Rest.ShouldBe(rest.Value);
        GiveBack(Orders[order], rest.Value);
    }

    public void Expired(long order, WattHours rest)
    {
        Orders[order].Order.ExpiresAt.UtcTicks.ShouldBeLessThanOrEqualTo(Now.UtcTicks);
        Orders[order].Rest.ShouldBe(rest.Value);
        GiveBack(Orders[order], rest.Value);
    }

    private void Fill(Account account, WattHours energy, WattHours rest)
    {
        energy.Value.ShouldBeGreaterThan(0);
        account.Rest -= energy.Value;
        account.Matched += energy.Value;
        account.Rest.ShouldBe(rest.Value);
        account.Rest.ShouldBeGreaterThanOrEqualTo(0);
        account.Order.ExpiresAt.UtcTicks.ShouldBeGreaterThan(Now.UtcTicks);
    }

    private static void GiveBack(Account account, long energy)
    {
        energy.ShouldBeGreaterThan(0);
        account.Rest -= energy;
        account.GivenBack += energy;
        account.Rest.ShouldBeGreaterThanOrEqualTo(0);
    }
}
