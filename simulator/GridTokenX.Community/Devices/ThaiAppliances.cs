using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Devices;

/// <summary>
/// A Thai household's electricity by appliance. Shares: Poolsawat et al. 2020, the mean of the country in 2018. Hours
/// of use are our own assumption, after the survey's description: cooling at night and on weekend afternoons, cooking
/// in the morning and evening.
/// </summary>
internal static class ThaiAppliances
{
    /// <summary>More in the hot season (March to June), less in the cool one; its mean is 1.</summary>
    private static readonly double[] CoolingByMonth =
        [0.72, 0.84, 1.16, 1.34, 1.28, 1.14, 1.04, 1.02, 0.98, 0.94, 0.84, 0.70];

    /// <summary>Name, share in the year's energy in hundredths of a per cent, and weights by hour of the day.</summary>
    internal static readonly (string Name, int Share, int[] Workday, int[] Weekend)[] All =
    [
        ("air conditioner", 2_650, Hours(22, 24, 10, 0, 6, 9, 20, 22, 6), Hours(22, 24, 10, 0, 7, 9, 12, 17, 5)),
        ("refrigerator", 1_933, Flat(), Flat()),
        ("light indoor", 1_493, Hours(18, 22, 10, 22, 24, 4, 5, 7, 5), Hours(18, 23, 10, 23, 24, 3, 5, 7, 3)),
        ("rice cooker", 682, Hours(6, 7, 10, 17, 19, 10, 12, 13, 1), Hours(7, 8, 10, 17, 19, 10, 11, 12, 6)),
        ("television", 610, Hours(18, 22, 10, 6, 8, 3, 12, 14, 2), Hours(9, 18, 6, 18, 23, 10, 7, 9, 4)),
        ("fan", 575, Hours(19, 24, 8, 0, 6, 8, 12, 18, 4), Hours(10, 24, 8, 0, 7, 8, 8, 10, 4)),
        ("electric bottle", 335, Hours(6, 8, 10, 8, 18, 3, 18, 22, 6), Hours(7, 9, 10, 9, 18, 4, 18, 22, 6)),
        ("light outdoor", 330, Hours(18, 24, 10, 0, 6, 10, 6, 7, 2), Hours(18, 24, 10, 0, 6, 10, 6, 7, 2)),
        ("water pump", 261, Hours(6, 8, 10, 17, 20, 10, 11, 13, 3), Hours(7, 10, 10, 16, 20, 8, 11, 13, 4)),
        ("water heater", 186, Hours(6, 8, 10, 19, 22, 10, 5, 6, 4), Hours(7, 9, 10, 19, 22, 10, 6, 7, 3)),
        ("computer", 167, Hours(19, 23, 10, 12, 18, 3, 8, 12, 3), Hours(10, 23, 8, 23, 24, 4, 9, 10, 4)),
        ("iron", 155, Hours(6, 7, 6, 19, 21, 10, 9, 10, 1), Hours(9, 12, 8, 18, 20, 6, 12, 13, 4)),
        ("other", 623, Hours(6, 23, 8, 23, 24, 4, 0, 6, 3), Hours(7, 23, 8, 23, 24, 4, 0, 7, 3)),
    ];

    internal static double[] Watts(bool cooling)
    {
        var table = LoadShape.NewTable();
        var all = 0;
        foreach (var appliance in All)
        {
            all += cooling || appliance.Name != "air conditioner" ? appliance.Share : 0;
        }

        foreach (var (name, share, workday, weekend) in All)
        {
            var cools = name == "air conditioner";
            if (cools && !cooling)
            {
                continue;
            }

            // A mean day of 1 kWh a year has 1,000/365 Wh; an hour's energy in Wh is its mean power in W.
            var dayWh = 1_000.0 / 365 * share / all;
            for (var month = 1; month <= Site.Months; month++)
            {
                var wh = dayWh * (cools ? CoolingByMonth[month - 1] : 1);
                Add(table, month, DayKind.Workday, workday, wh);
                Add(table, month, DayKind.Saturday, weekend, wh);
                Add(table, month, DayKind.Sunday, weekend, wh);
            }
        }

        return table;
    }

    private static void Add(double[] table, int month, DayKind kind, int[] weights, double dayWh)
    {
        double sum = weights.Sum();
        for (var quarter = 0; quarter < EpochTime.PerDay; quarter++)
        {
            table[LoadShape.Place(month, kind, quarter)] += dayWh * weights[quarter / 4] / sum;
        }
    }

    private static int[] Flat() => Hours(0, 24, 10, 0, 0, 0, 0, 0, 0);

    /// <summary>Three spans of hours with their weights; every other hour has none.</summary>
    private static int[] Hours(
        int from1, int to1, int weight1, int from2, int to2, int weight2, int from3, int to3, int weight3)
    {
        var hours = new int[24];
        Array.Fill(hours, weight3, from3, to3 - from3);
        Array.Fill(hours, weight2, from2, to2 - from2);
        Array.Fill(hours, weight1, from1, to1 - from1);
        return hours;
    }
}
