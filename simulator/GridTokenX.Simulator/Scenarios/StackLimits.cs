using System.Globalization;
using GridTokenX.Community.Scenarios;
using GridTokenX.Market.Matching;
using GridTokenX.Simulator.Profiles;

namespace GridTokenX.Simulator.Scenarios;

/// <summary>Real parts cannot play a scenario; the code is stable, the sentence is for people.</summary>
internal sealed class UnplayableException(string code, string sentence) : FormatException($"{sentence} ({code})")
{
    public string Code => code;
}

/// <summary>What of a scenario real parts cannot play, and so refuse.</summary>
internal static class StackLimits
{
    /// <summary>Of the firmware's setting.</summary>
    public const long MaxBatteryWh = 100_000;

    /// <summary>What the battery's shunt shows within a quarter hour.</summary>
    public const long MaxBatteryWattsEither = 15_000;

    /// <summary>Two prices that all homes find a limit of their own between.</summary>
    private const long LeastPriceDistance = 2 * NeighbourhoodOptions.MaxHomes;

    /// <summary>Of the programs on chain and of the cloud core's setting.</summary>
    private const int MaxFeeBasisPoints = 1_000;

    private const long MaxMeterWh = CsvProfile.MaxWatts / 4;

    /// <exception cref="UnplayableException">Says the first thing that cannot be played.</exception>
    public static void Check(Scenario scenario)
    {
        CheckSize(scenario);
        CheckStart(scenario);
        CheckMarket(scenario);
        CheckBatteries(scenario);

        // A gateway keeps readings of times to come for hours of the real clock, which a run does not wait for.
        if (scenario.Faults.Any(static fault =>
            fault.Kind == FaultKind.ClockError && fault.Seconds >= Quarter.Seconds))
        {
            throw new UnplayableException(
                "clock_too_far_ahead", "Real parts play clocks that are less than a quarter hour ahead.");
        }
    }

    /// <summary>What a home gives or draws in a quarter hour.</summary>
    /// <exception cref="UnplayableException">More than a meter counts.</exception>
    public static void CheckMeter(Scenario scenario, int home, in Lived lived)
    {
        if (lived.Generated > MaxMeterWh || lived.Drawn > MaxMeterWh)
        {
            throw new UnplayableException(
                "home_too_strong",
                $"Home {home + 1} of {scenario.Name} gives or draws more than a meter's "
                + $"{CsvProfile.MaxWatts / 1_000} kW.");
        }
    }

    private static void CheckSize(Scenario scenario)
    {
        if (scenario.Homes > NeighbourhoodOptions.MaxHomes || scenario.Days > NeighbourhoodOptions.MaxDays)
        {
            throw new UnplayableException(
                "too_large",
                $"{scenario.Name} has {scenario.Homes} homes and {scenario.Days} days; real parts play at most "
                + $"{NeighbourhoodOptions.MaxHomes} homes and {NeighbourhoodOptions.MaxDays} days.");
        }
    }

    private static void CheckStart(Scenario scenario)
    {
        if (scenario.Site.UtcOffsetHours * 4 % 1 != 0)
        {
            throw new UnplayableException(
                "midnight_between_quarters",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{scenario.Name} is {scenario.Site.UtcOffsetHours} h from UTC; real parts begin a quarter hour."));
        }
    }

    private static void CheckMarket(Scenario scenario)
    {
        var (rules, prices) = (scenario.Market, scenario.Prices);
        if (rules is { Rule: MarketRule.Continuous, TradePrice: TradePrice.Resting })
        {
            throw new UnplayableException(
                "trade_price_resting",
                $"{scenario.Name} trades at the resting order's price; real parts at the ask.");
        }

        if (rules.Rule == MarketRule.CallAuction && scenario.Links.Count > 0)
        {
            throw new UnplayableException(
                "links_with_auction",
                $"{scenario.Name} has call auctions in linked zones; those of real parts trade among themselves only.");
        }

        if (rules.FeeBasisPoints > MaxFeeBasisPoints)
        {
            throw new UnplayableException(
                "fee_too_high",
                $"{scenario.Name} has a fee of {rules.FeeBasisPoints} bps; real parts take at most "
                + $"{MaxFeeBasisPoints}.");
        }

        if (Math.Min(prices.OnPeak, prices.OffPeak) - prices.FeedIn < LeastPriceDistance)
        {
            throw new UnplayableException(
                "prices_too_close",
                $"Feed-in and retail of {scenario.Name} are less than {LeastPriceDistance} µGRX apart: too close for a "
                + $"limit of each home's own.");
        }
    }

    private static void CheckBatteries(Scenario scenario)
    {
        foreach (var group in scenario.Groups)
        {
            if (group.Battery is { } battery
                && (battery.CapacityWh > MaxBatteryWh || battery.PowerW > MaxBatteryWattsEither))
            {
                throw new UnplayableException(
                    "battery_too_large",
                    $"{group.Name}: a battery of {battery.CapacityWh} Wh and {battery.PowerW} W; the device's gauge "
                    + $"measures {MaxBatteryWh} Wh and {MaxBatteryWattsEither} W at most.");
            }
        }
    }
}
