namespace GridTokenX.Market.Pricing;

/// <summary>The state of charge of a zone's batteries.</summary>
public static class CommunityStateOfCharge
{
    /// <summary>What a device without battery reports.</summary>
    public const ushort NoBattery = 0xFFFF;

    /// <summary>The gate's default: closed below a fifth.</summary>
    public const int GatePermille = 200;

    /// <summary>
    /// The mean in permille, rounded down, each device's latest counted once; null when none has a battery.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A value above 1000 that does not say: no battery.</exception>
    public static int? Mean(IEnumerable<ushort> latest)
    {
        var (sum, count) = (0L, 0L);
        foreach (var soc in latest)
        {
            if (soc == NoBattery)
            {
                continue;
            }

            if (soc > 1_000)
            {
                throw new ArgumentOutOfRangeException(nameof(latest), soc, "A state of charge has 0 to 1000 permille.");
            }

            sum += soc;
            count++;
        }

        return count == 0 ? null : (int)(sum / count);
    }

    /// <summary>Whether energy may be traded. Without a battery there is nothing to draw from: closed.</summary>
    public static bool IsOpen(int? mean, int gatePermille = GatePermille) => mean >= gatePermille;
}
