using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Effects;

/// <summary>What an owner retires by himself is taken for what he owes, the oldest first.</summary>
public static class BurnLedger
{
    /// <summary>
    /// What each debt gets, in their order, the last one in part; whole watt-hours, rounded down. What is left of the
    /// amount was voluntary.
    /// </summary>
    /// <param name="baseUnits">GRID that was retired.</param>
    /// <param name="debts">The oldest first.</param>
    public static IReadOnlyList<WattHours> Cover(ulong baseUnits, IReadOnlyList<WattHours> debts)
    {
        ArgumentNullException.ThrowIfNull(debts);
        var left = baseUnits / WattHours.GridBaseUnitsPerWh;
        var covered = new WattHours[debts.Count];
        for (var i = 0; i < covered.Length; i++)
        {
            if (debts[i] < WattHours.Zero)
            {
                throw new ArgumentOutOfRangeException(nameof(debts));
            }

            var taken = Math.Min(left, (ulong)debts[i].Value);
            covered[i] = new WattHours((long)taken);
            left -= taken;
        }

        return covered;
    }
}
