using GridTokenX.EdgeGateway.Senses;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>Files as the kernel's drivers show them, under a folder of the test.</summary>
public sealed class SenseTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gridtokenx-system-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_bare_machine_senses_nothing_and_nothing_fails()
    {
        var senses = Read();

        senses.TemperatureMilliCelsius.ShouldBeNull();
        senses.UnderVoltage.ShouldBeNull();
        senses.Sources.ShouldBeEmpty();
        senses.Measurements.ShouldBeEmpty();
        new StatusLed(new SystemFiles(_root), "ACT").TryShow(LedPattern.Alarm).ShouldBeFalse();
    }

    [Fact]
    public void A_ups_a_meter_an_input_and_heat_are_read()
    {
        Have("sys/class/power_supply/ups/type", "UPS");
        Have("sys/class/power_supply/ups/capacity", "83");
        Have("sys/class/power_supply/ups/status", "Discharging");
        Have("sys/class/power_supply/ac/type", "Mains");
        Have("sys/class/thermal/thermal_zone0/temp", "48312");
        Have("sys/class/hwmon/hwmon0/name", "rpi_volt");
        Have("sys/class/hwmon/hwmon0/in0_lcrit_alarm", "1");
        Have("sys/class/hwmon/hwmon1/name", "ina219");
        Have("sys/class/hwmon/hwmon1/in1_input", "5120");
        Have("sys/class/hwmon/hwmon1/curr1_input", "640");
        Have("sys/class/hwmon/hwmon1/power1_input", "3276000");
        Have("sys/bus/iio/devices/iio:device0/name", "ads1015");
        Have("sys/bus/iio/devices/iio:device0/in_voltage2_raw", "1101");
        Have("sys/bus/iio/devices/iio:device0/in_voltage2_scale", "3.000000000");
        Have("sys/bus/iio/devices/iio:device0/in_voltage3_raw", "noise");

        var senses = Read();

        senses.TemperatureMilliCelsius.ShouldBe(48_312);
        senses.UnderVoltage.ShouldBe(true);
        senses.Sources.ShouldBe([new PowerSource("ups", 83, true)]);
        senses.Measurements.ShouldBe(
        [
            new Measurement("ina219 bus", 5120, "mV"),
            new Measurement("ina219", 640, "mA"),
            new Measurement("ina219", 3276, "mW"),
            new Measurement("ads1015 2", 3303, "mV"),
        ]);
    }

    [Fact]
    public void The_light_blinks_by_the_kernels_triggers()
    {
        Have("sys/class/leds/ACT/trigger", "[none] timer heartbeat");
        Have("sys/class/leds/ACT/delay_on", "0");
        Have("sys/class/leds/ACT/delay_off", "0");
        var led = new StatusLed(new SystemFiles(_root), "ACT");

        led.TryShow(LedPattern.CloudAway).ShouldBeTrue();
        Is("trigger").ShouldBe("timer");
        Is("delay_on").ShouldBe("100");
        Is("delay_off").ShouldBe("1900");
        led.TryShow(LedPattern.Heartbeat).ShouldBeTrue();
        Is("trigger").ShouldBe("heartbeat");

        string Is(string name) => File.ReadAllText(Path.Combine(_root, "sys/class/leds/ACT", name));
    }

    private SenseSnapshot Read() => new SenseReader(new SystemFiles(_root)).Read();

    private void Have(string path, string text)
    {
        var file = Path.Combine(_root, path);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text + "\n");
    }
}
