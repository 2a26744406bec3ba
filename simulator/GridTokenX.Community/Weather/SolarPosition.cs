using GridTokenX.Community.Numerics;

namespace GridTokenX.Community.Weather;

/// <summary>
/// Where the sun stands, by the PSA algorithm: M. Blanco-Muriel et al., "Computing the solar vector", Solar Energy 70
/// (2001) 431–441. Within 0.01° of the reference algorithm (NREL SPA) without refraction from 1999 to 2015, and within
/// 0.02° until 2050. The unit vector points to the sun.
/// </summary>
internal readonly record struct SolarPosition(double East, double North, double Up)
{
    private const double EarthRadiusInSunDistances = 6371.01 / 149_597_890;

    public double CosZenith => Up;

    public double ZenithDegrees => Real.Acos(Up) / Real.DegreesToRadians;

    /// <summary>From north over east, 0 to 360.</summary>
    public double AzimuthDegrees
    {
        get
        {
            var degrees = Real.Atan2(East, North) / Real.DegreesToRadians;
            return degrees < 0 ? degrees + 360 : degrees;
        }
    }

    /// <param name="days">Since 1 January 2000, 12:00 UTC.</param>
    /// <param name="latitude">Degrees, north positive.</param>
    /// <param name="longitude">Degrees, east positive.</param>
    public static SolarPosition At(double days, double latitude, double longitude)
    {
        var omega = 2.1429 - (0.0010394594 * days);
        var meanLongitude = 4.8950630 + (0.017202791698 * days);
        var anomaly = 6.2400600 + (0.0172019699 * days);
        var ecliptic = meanLongitude + (0.03341607 * Real.Sin(anomaly)) + (0.00034894 * Real.Sin(2 * anomaly))
            - 0.0001134 - (0.0000203 * Real.Sin(omega));
        var obliquity = 0.4090928 - (6.2140e-9 * days) + (0.0000396 * Real.Cos(omega));

        var sinEcliptic = Real.Sin(ecliptic);
        var rightAscension = Real.Atan2(Real.Cos(obliquity) * sinEcliptic, Real.Cos(ecliptic));
        var sinDeclination = Real.Sin(obliquity) * sinEcliptic;
        var cosDeclination = Math.Sqrt(1 - (sinDeclination * sinDeclination));

        var hours = (days + 0.5 - Math.Floor(days + 0.5)) * 24;
        var siderealHours = 6.6974243242 + (0.0657098283 * days) + hours;
        var hourAngle = (((siderealHours * 15) + longitude) * Real.DegreesToRadians) - rightAscension;
        var sinLatitude = Real.Sin(latitude * Real.DegreesToRadians);
        var cosLatitude = Real.Cos(latitude * Real.DegreesToRadians);
        var cosHour = Real.Cos(hourAngle);
        var up = (cosLatitude * cosHour * cosDeclination) + (sinDeclination * sinLatitude);
        var east = -cosDeclination * Real.Sin(hourAngle);
        var north = (sinDeclination * cosLatitude) - (cosDeclination * cosHour * sinLatitude);
        return new SolarPosition(east, north, up).WithParallax();
    }

    /// <summary>Seen from the ground instead of the Earth's centre the sun stands lower by up to 0.0024°.</summary>
    private SolarPosition WithParallax()
    {
        var sinZenith = Math.Sqrt(Math.Max(0, 1 - (Up * Up)));
        if (sinZenith <= 0)
        {
            return this;
        }

        var angle = EarthRadiusInSunDistances * sinZenith;
        var lowered = Up - (sinZenith * angle);
        var widened = Math.Sqrt(1 - (lowered * lowered)) / sinZenith;
        return new SolarPosition(East * widened, North * widened, lowered);
    }
}
