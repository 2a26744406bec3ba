using GridTokenX.Community.Devices;
using GridTokenX.Community.Numerics;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Tests.Weather;

public sealed class SunTests
{
    /// <summary>
    /// I. Reda and A. Andreas, NREL/TP-560-34302, table A5.1: Golden, 17 October 2003, 12:30:30 at UTC−7. Topocentric
    /// elevation without refraction 39.872046°, azimuth 194.340241°.
    /// </summary>
    [Fact]
    public void Sun_stands_where_NREL_s_example_says()
    {
        var sun = SolarPosition.At(Days(2003, 10, 17, 19.508333333), 39.742476, -105.1786);
        (90 - sun.ZenithDegrees).ShouldBe(39.872046, 0.01);
        sun.AzimuthDegrees.ShouldBe(194.340241, 0.01);
    }

    /// <summary>At a solstice's solar noon the sun stands at 90° − latitude ± 23.44°.</summary>
    [Theory]
    [InlineData(6, 52.52, 60.92)]
    [InlineData(12, 52.52, 14.04)]
    [InlineData(12, -33.9, 79.54)]
    public void Sun_stands_highest_at_the_solstice(int month, double latitude, double elevation)
    {
        var midnight = Days(2026, month, 21, 0);
        Enumerable.Range(0, 1_440)
            .Max(minute => 90 - SolarPosition.At(midnight + (minute / 1_440.0), latitude, 0).ZenithDegrees)
            .ShouldBe(elevation, 0.02);
    }

    [Fact]
    public void Direction_is_a_unit_vector()
    {
        for (var hour = 0; hour < 8_760; hour += 7)
        {
            var sun = SolarPosition.At(9_500 + (hour / 24.0), 13.75, 100.5);
            ((sun.East * sun.East) + (sun.North * sun.North) + (sun.Up * sun.Up)).ShouldBe(1, 1e-9);
        }
    }

    /// <summary>
    /// Values of the reference implementation (pvlib 0.11) for zenith 10°, air mass 1, turbidity 3.
    /// </summary>
    [Theory]
    [InlineData(0, 1370, 1042.72590228, 946.35279683, 110.75033088)]
    [InlineData(2000, 1364, 1134.24312405, 994.95377835, 154.40492924)]
    public void Clear_sky_is_that_of_Ineichen_and_Perez(
        double altitude, double extraterrestrial, double global, double beam, double diffuse)
    {
        var sky = Irradiance.Clear(Real.Cos(10 * Real.DegreesToRadians), 1, 3, altitude, extraterrestrial);
        sky.Global.ShouldBe(global, 1e-6);
        sky.Beam.ShouldBe(beam, 1e-6);
        sky.Diffuse.ShouldBe(diffuse, 1e-6);
    }

    /// <summary>The correlation's three pieces, at clearness 0.1, 0.5 and 0.9 (Erbs et al. 1982, equation 1).</summary>
    [Theory]
    [InlineData(0.1, 0.991)]
    [InlineData(0.5, 0.65915)]
    [InlineData(0.9, 0.165)]
    public void Diffuse_share_is_that_of_Erbs(double clearness, double share) =>
        Irradiance.DiffuseShare(clearness).ShouldBe(share, 1e-9);

    /// <summary>Kasten and Young 1989: 37.92 at the horizon; far above it the secant, a little less.</summary>
    [Fact]
    public void Air_mass_is_that_of_Kasten_and_Young()
    {
        Irradiance.AirMass(90).ShouldBe(37.92, 0.01);
        Irradiance.AirMass(60).ShouldBe(1.994, 0.001);
        Irradiance.AirMass(0).ShouldBe(1, 0.001);
    }

    [Fact]
    public void Earth_is_nearest_to_the_sun_in_January()
    {
        Irradiance.ExtraterrestrialOn(3).ShouldBe(1_405.9, 0.5);
        Irradiance.ExtraterrestrialOn(185).ShouldBe(1_316.2, 0.5);
    }

    [Fact]
    public void Beam_and_diffuse_make_up_the_global_irradiance_behind_any_cloud()
    {
        var sun = new SolarPosition(0.5, -0.5, Math.Sqrt(0.5));
        var clear = Irradiance.Clear(sun.Up, 1.41, 3, 0, 1_361);
        for (var index = 0.06; index < 1.05; index += 0.01)
        {
            var sky = clear.Behind(index, sun.Up);
            sky.Global.ShouldBe(clear.Global * index, 1e-9);
            ((sky.Beam * sun.Up) + sky.Diffuse).ShouldBe(sky.Global, 1e-9);
            sky.Beam.ShouldBeGreaterThanOrEqualTo(0);
        }
    }

    /// <summary>The isotropic view factor of a 40° plane: pvlib's reference value for 100 W/m².</summary>
    [Fact]
    public void Tilted_plane_sees_its_part_of_a_uniform_sky() =>
        (100 * PvArray.Isotropic(Real.Cos(40 * Real.DegreesToRadians))).ShouldBe(88.30222215594891, 1e-9);

    /// <summary>Since noon of 1 January 2000.</summary>
    private static double Days(int year, int month, int day, double hour) =>
        new DateOnly(year, month, day).DayNumber - new DateOnly(2000, 1, 1).DayNumber - 0.5 + (hour / 24);
}
