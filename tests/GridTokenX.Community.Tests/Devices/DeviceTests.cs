using GridTokenX.Community.Devices;
using GridTokenX.Community.Numerics;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Tests.Devices;

public sealed class DeviceTests
{
    /// <summary>
    /// Bergey WindCAD for the Excel 10 at a hub mean of 6.39 m/s, Weibull shape 2, in bins of 1 m/s: 2.91 kW on
    /// average, 25,522 kWh a year.
    /// </summary>
    [Fact]
    public void Wind_turbine_yields_what_its_maker_computes()
    {
        var scale = Weibull.ScaleOf(6.39);
        double mean = 0;
        for (var speed = 1; speed <= 20; speed++)
        {
            mean += (Weibull.Below(speed + 0.5, scale) - Weibull.Below(speed - 0.5, scale))
                * WindTurbine.CurveAt(speed);
        }

        mean.ShouldBe(2.91, 0.05);
        (mean * 8_760).ShouldBe(25_522, 400);
        WindTurbine.CurveAt(11).ShouldBe(8.86);
        WindTurbine.CurveAt(25).ShouldBe(0);
    }

    /// <summary>IEC 61215: 45 °C at 800 W/m² and 20 °C by definition of this cell.</summary>
    [Fact]
    public void Cell_is_at_its_nominal_temperature_under_nominal_conditions() =>
        PvArray.CellTemperature(800, 20).ShouldBe(45);

    [Fact]
    public void Flat_roof_receives_the_global_irradiance_and_never_more_than_its_inverter_gives()
    {
        var sun = new SolarPosition(0, -0.6, 0.8);
        var sky = Irradiance.Clear(0.8, 1.25, 3, 0, 1_361);
        new PvArray(new PvOptions(4, 0, 180, 0)).OnPlane(sun, sky).ShouldBe(sky.Global, 1e-6);
        var weather = new EpochWeather(sun, sky, 1, 20, 0);
        new PvArray(new PvOptions(4, 30, 180, 1)).Power(weather).ShouldBe(1_000);
        new PvArray(new PvOptions(4, 30, 0, 0)).Power(weather)
            .ShouldBeLessThan(new PvArray(new PvOptions(4, 30, 180, 0)).Power(weather));
    }

    /// <summary>dT/dt = (Tout − T)/RC without heat: after one time constant 1/e of the difference is left.</summary>
    [Fact]
    public void Room_cools_down_as_the_equation_says()
    {
        var room = new RoomClimate(new ClimateOptions(false, false, 0, 5, 4, 26, 20), 30);
        for (var quarter = 0; quarter < 80; quarter++)
        {
            room.Step(10, 0).ShouldBe(0);
        }

        room.TemperatureC.ShouldBe(10 + (20 / Math.E), 1e-9);
    }

    [Fact]
    public void Cooling_holds_the_set_point_with_the_power_of_the_steady_state()
    {
        var room = new RoomClimate(new ClimateOptions(true, false, 5_000, 8, 1.5, 26, 20), 26);
        double watts = 0;
        for (var quarter = 0; quarter < 400; quarter++)
        {
            watts = room.Step(34, 0.5);
        }

        room.TemperatureC.ShouldBe(26, 1e-9);

        // Through the wall (34 − 26)/8 = 1 kW and 0.5 kW from within, at the machine's performance.
        watts.ShouldBe(1_500 / RoomClimate.CoolingPerformance(34), 1e-6);
    }

    [Fact]
    public void Weak_heating_runs_at_its_most_and_cannot_hold_the_room()
    {
        var room = new RoomClimate(new ClimateOptions(false, true, 100, 2, 1, 26, 20), 20);
        room.Step(-10, 0).ShouldBe(100);
        room.TemperatureC.ShouldBeLessThan(20);
    }

    [Theory]
    [InlineData("immediate")]
    [InlineData("night")]
    [InlineData("surplus")]
    public void Car_holds_what_it_charged_less_what_it_drove(string strategy)
    {
        var options = new VehicleOptions(40_000, 7_400, 180, 60, Enum.Parse<ChargingStrategy>(strategy, true));
        var car = new ElectricVehicle(options, Draws.For(5, "vehicle", 2), 20_000);
        long drawn = 0;
        for (var epoch = 0; epoch < 60 * EpochTime.PerDay; epoch++)
        {
            var wh = car.Step(EpochTime.At(new DateOnly(2026, 3, 2), epoch, 7), 900);
            wh.ShouldBeInRange(0, 7_400 / 4);
            drawn += wh;
            car.StoredWh.ShouldBe(20_000 + car.ChargedWh - car.DrivenWh + car.ElsewhereWh);
            car.StoredWh.ShouldBeInRange(0, 40_000);
        }

        // 9 of 10 workdays and 6 of 10 weekend days, 60 km at 180 Wh.
        (car.DrivenWh / 60.0).ShouldBe(60 * 180 * ((5 * 0.9) + (2 * 0.6)) / 7, 1_200);
        ((double)car.ChargedWh / drawn).ShouldBe(0.9, 0.005);
    }

    [Fact]
    public void Trip_beyond_the_battery_is_charged_elsewhere()
    {
        var options = new VehicleOptions(5_000, 2_000, 200, 300, ChargingStrategy.Immediate);
        var car = new ElectricVehicle(options, Draws.For(5, "vehicle", 2), 5_000);
        for (var epoch = 0; epoch < 14 * EpochTime.PerDay; epoch++)
        {
            car.Step(EpochTime.At(new DateOnly(2026, 3, 2), epoch, 7), 0);
        }

        car.ElsewhereWh.ShouldBeGreaterThan(100_000);
        car.StoredWh.ShouldBeGreaterThanOrEqualTo(0);
    }
}
