using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Effects;

/// <summary>
/// Yields are paid out of collected fees and nothing else. Each yield accrues; payments take the oldest first and stop
/// at what the fees hold; what is accrued and not covered shows as unfunded and is no debt.
/// </summary>
/// <param name="Collected">Fees collected so far.</param>
/// <param name="Accrued">Yields accrued so far.</param>
/// <param name="Paid">Yields paid so far; never above either of the others.</param>
public readonly record struct YieldLedger(MicroGrx Collected, MicroGrx Accrued, MicroGrx Paid)
{
    public static readonly TimeSpan Year = TimeSpan.FromDays(365);

    /// <summary>What may be paid now.</summary>
    public MicroGrx Payable => Min(Accrued - Paid, Collected - Paid);

    /// <summary>What fees do not cover.</summary>
    public MicroGrx Unfunded => Accrued - Paid - Payable;

    /// <summary>What the fees hold beyond all that is accrued.</summary>
    public MicroGrx Surplus => Collected - Paid - Payable;

    /// <summary>
    /// Of a yearly yield up to a time since the match, rounded down: floor(yearly × elapsed / 365 days). Differences
    /// of it add up to it, however often they are taken.
    /// </summary>
    public static MicroGrx AccruedAfter(MicroGrx perYear, TimeSpan elapsed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(elapsed, TimeSpan.Zero);
        return new MicroGrx(checked((long)((Int128)perYear.Value * elapsed.Ticks / Year.Ticks)));
    }

    public YieldLedger Collect(MicroGrx fee) => this with { Collected = Collected + Positive(fee) };

    public YieldLedger Accrue(MicroGrx yield) => this with { Accrued = Accrued + Positive(yield) };

    /// <summary>Pays the claims in their order as far as the fees reach, the last one in part.</summary>
    /// <exception cref="ArgumentException">More is claimed than has accrued.</exception>
    public (YieldLedger After, IReadOnlyList<MicroGrx> Payments) Pay(IReadOnlyList<MicroGrx> claims)
    {
        var left = Payable;
        var unclaimed = Accrued - Paid;
        var payments = new MicroGrx[claims.Count];
        for (var i = 0; i < payments.Length; i++)
        {
            unclaimed -= Positive(claims[i]);
            if (unclaimed < MicroGrx.Zero)
            {
                throw new ArgumentException("More is claimed than has accrued.", nameof(claims));
            }

            payments[i] = Min(claims[i], left);
            left -= payments[i];
        }

        return (this with { Paid = Paid + (Payable - left) }, payments);
    }

    private static MicroGrx Positive(MicroGrx amount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(amount, MicroGrx.Zero);
        return amount;
    }

    private static MicroGrx Min(MicroGrx left, MicroGrx right) => left <= right ? left : right;
}
