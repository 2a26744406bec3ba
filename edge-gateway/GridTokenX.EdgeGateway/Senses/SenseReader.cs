using System.Globalization;

namespace GridTokenX.EdgeGateway.Senses;

/// <summary>A UPS or a battery.</summary>
/// <param name="Name">As the kernel calls it.</param>
/// <param name="Percent">0–100; null when it does not say.</param>
/// <param name="Discharging">The mains are gone.</param>
internal sealed record PowerSource(string Name, int? Percent, bool Discharging);

/// <summary>A measured value of a power meter or an analogue input.</summary>
/// <param name="Name">Chip and channel.</param>
/// <param name="Value">In the unit: mV, mA, mW.</param>
/// <param name="Unit">mV, mA or mW.</param>
internal sealed record Measurement(string Name, long Value, string Unit);

/// <param name="TemperatureMilliCelsius">The hottest of the board's own sensors; null when there is none.</param>
/// <param name="UnderVoltage">The supply is too weak; null when the board cannot tell.</param>
/// <param name="Sources">UPS and batteries.</param>
/// <param name="Measurements">Power meters and analogue inputs.</param>
internal sealed record SenseSnapshot(
    long? TemperatureMilliCelsius,
    bool? UnderVoltage,
    IReadOnlyList<PowerSource> Sources,
    IReadOnlyList<Measurement> Measurements);

/// <summary>
/// The board's own senses by the kernel's drivers: <c>power_supply</c> (UPS, fuel gauge), <c>hwmon</c> (temperature,
/// the INA2xx power meters, the Raspberry Pi's voltage guard), <c>iio</c> (analogue inputs).
/// </summary>
internal sealed class SenseReader(SystemFiles system)
{
    private const int MaxChannels = 32;
    private const string PowerSupplies = "sys/class/power_supply";
    private const string Monitors = "sys/class/hwmon";
    private const string Inputs = "sys/bus/iio/devices";

    internal SenseSnapshot Read() =>
        new(Temperature(), UnderVoltage(), Sources(), [.. Meters(), .. AnalogueInputs()]);

    private List<PowerSource> Sources()
    {
        var sources = new List<PowerSource>();
        foreach (var name in system.Names(PowerSupplies))
        {
            var folder = $"{PowerSupplies}/{name}";
            if (system.Text($"{folder}/type") is "Battery" or "UPS")
            {
                sources.Add(new PowerSource(
                    name,
                    system.Number($"{folder}/capacity") is { } percent and >= 0 and <= 100 ? (int)percent : null,
                    system.Text($"{folder}/status") == "Discharging"));
            }
        }

        return sources;
    }

    private long? Temperature()
    {
        var zones = system.Names("sys/class/thermal")
            .Where(static name => name.StartsWith("thermal_zone", StringComparison.Ordinal))
            .Select(name => system.Number($"sys/class/thermal/{name}/temp"));
        var monitors = system.Names(Monitors).Select(name => system.Number($"{Monitors}/{name}/temp1_input"));
        return zones.Concat(monitors).Max();
    }

    private bool? UnderVoltage()
    {
        var guard = system.Names(Monitors).FirstOrDefault(name =>
            system.Text($"{Monitors}/{name}/name") == "rpi_volt");
        return guard is not null && system.Number($"{Monitors}/{guard}/in0_lcrit_alarm") is { } alarm
            ? alarm != 0
            : null;
    }

    private IEnumerable<Measurement> Meters()
    {
        foreach (var name in system.Names(Monitors))
        {
            var folder = $"{Monitors}/{name}";
            var chip = system.Text($"{folder}/name");
            if (chip?.StartsWith("ina", StringComparison.Ordinal) != true)
            {
                continue;
            }

            if (system.Number($"{folder}/in1_input") is { } milliVolts)
            {
                yield return new Measurement($"{chip} bus", milliVolts, "mV");
            }

            if (system.Number($"{folder}/curr1_input") is { } milliAmperes)
            {
                yield return new Measurement(chip, milliAmperes, "mA");
            }

            if (system.Number($"{folder}/power1_input") is { } microWatts)
            {
                yield return new Measurement(chip, microWatts / 1000, "mW");
            }
        }
    }

    /// <summary>Millivolts = (raw + offset) × scale, rounded to the nearest.</summary>
    private IEnumerable<Measurement> AnalogueInputs()
    {
        foreach (var device in system.Names(Inputs))
        {
            var folder = $"{Inputs}/{device}";
            var chip = system.Text($"{folder}/name") ?? device;
            for (var channel = 0; channel < MaxChannels; channel++)
            {
                var input = string.Create(CultureInfo.InvariantCulture, $"{folder}/in_voltage{channel}");
                if (system.Number($"{input}_raw") is not { } raw)
                {
                    continue;
                }

                var scale = system.Decimal($"{input}_scale") ?? system.Decimal($"{folder}/in_voltage_scale");
                var offset = system.Decimal($"{input}_offset") ?? system.Decimal($"{folder}/in_voltage_offset") ?? 0;
                if (scale is { } factor)
                {
                    var milliVolts = (long)Math.Round((raw + offset) * factor, MidpointRounding.AwayFromZero);
                    yield return new Measurement($"{chip} {channel}", milliVolts, "mV");
                }
            }
        }
    }
}
