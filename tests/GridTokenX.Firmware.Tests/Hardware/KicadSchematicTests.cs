using System.Text.Json;
using GridTokenX.Testing;

namespace GridTokenX.Firmware.Tests.Hardware;

/// <summary>The KiCad schematic joins exactly what circuit.json says, and leaves nothing hanging.</summary>
public sealed class KicadSchematicTests
{
    private static readonly KicadSchematic Schematic = new(RepositoryFiles.Read("hardware/gridtokenx-meter.kicad_sch"));

    private static readonly List<JsonElement> Parts = [.. JsonDocument.Parse(
        RepositoryFiles.Read("hardware/circuit.json")).RootElement.GetProperty("schematic").GetProperty("parts")
        .EnumerateArray()];

    [Fact]
    public void File_is_of_KiCad_6() => Schematic.Version.ShouldBe("20211123");

    [Fact]
    public void Every_net_joins_the_pins_it_should_and_no_other()
    {
        var wanted = Parts.SelectMany(part => part.GetProperty("nets").EnumerateObject()
                .Select(pin => (Net: pin.Value.GetString()!, Pin: $"{Reference(part)}.{pin.Name}")))
            .Where(pin => pin.Net.Length > 0)
            .GroupBy(pin => pin.Net, pin => pin.Pin)
            .Select(Line);
        var drawn = Schematic.Nets
            .Select(net => Line(net.Where(pin => !pin.Reference.StartsWith("#PWR", StringComparison.Ordinal))
                .Select(pin => $"{pin.Reference}.{pin.Number}")));

        drawn.Order(StringComparer.Ordinal).ShouldBe(wanted.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_pin_hangs_alone_and_no_reference_is_used_twice()
    {
        Schematic.Nets.Where(net => net.Count < 2).SelectMany(net => net).ShouldBeEmpty();
        Schematic.References.ShouldBeUnique();
    }

    /// <summary>As KiCad's electrical rules check does: each supply has one source, no two outputs meet.</summary>
    [Fact]
    public void Every_supply_has_one_source_and_no_outputs_meet()
    {
        foreach (var net in Schematic.Nets)
        {
            var name = Line(net.Select(pin => $"{pin.Reference}.{pin.Number}"));
            var sources = net.Count(pin => pin.Type is "power_out");
            sources.ShouldBe(net.Any(pin => pin.Type is "power_in") ? 1 : 0, name);
            net.Count(pin => pin.Type is "output").ShouldBeLessThanOrEqualTo(1, name);
            if (net.Any(pin => pin.Type is "input"))
            {
                net.Count(pin => pin.Type is "output" or "bidirectional" or "passive" or "power_out")
                    .ShouldBeGreaterThan(0, name);
            }
        }
    }

    [Fact]
    public void Every_pin_of_the_firmware_is_wired_at_the_controller()
    {
        var wired = Parts.Single(part => Reference(part) == "U1").GetProperty("nets").EnumerateObject()
            .Select(pin => pin.Value.GetString()!).Where(net => net.StartsWith("GPIO", StringComparison.Ordinal));
        var pins = JsonDocument.Parse(RepositoryFiles.Read("hardware/circuit.json")).RootElement.GetProperty("pins")
            .EnumerateArray().Select(pin => $"GPIO{pin.GetProperty("gpio").GetInt32()}");

        wired.Order(StringComparer.Ordinal).ShouldBe(pins.Order(StringComparer.Ordinal));
    }

    /// <summary>Nets on different potentials meet only in parts that isolate.</summary>
    [Fact]
    public void Only_isolators_bridge_the_gaps()
    {
        var bridges = Parts.Where(part => part.GetProperty("nets").EnumerateObject()
            .Select(pin => SideOf(pin.Value.GetString()!)).Where(side => side.Length > 0).Distinct().Count() > 1);

        bridges.Select(Reference).Order(StringComparer.Ordinal)
            .ShouldBe(["K1", "PS2", "PS3", "U3", "U4", "U5"]);
    }

    [Fact]
    public void Every_part_is_in_the_bill_of_materials()
    {
        var bill = RepositoryFiles.Read("hardware/bom.csv");
        foreach (var part in Parts.Where(part => !Reference(part).StartsWith('#')))
        {
            bill.ShouldContain(part.GetProperty("mpn").GetString()!);
            part.GetProperty("maker").GetString()!.ShouldNotBeEmpty();
            part.GetProperty("alternative").GetString()!.ShouldNotBeEmpty();
        }
    }

    private static string SideOf(string net) => net switch
    {
        "" => "",
        "S0_P_LED" or "S0_P_MINUS" or "S0_C_LED" or "S0_C_MINUS" => "S0",
        _ when net.EndsWith("_S0", StringComparison.Ordinal) => "S0",
        _ when net.EndsWith("_BAT", StringComparison.Ordinal) || net.StartsWith("SHUNT", StringComparison.Ordinal)
            || net.StartsWith("IN_", StringComparison.Ordinal) || net is "VBUS" or "BAT_PLUS" => "battery",
        _ when net.StartsWith("RELAY", StringComparison.Ordinal) => "inverter",
        _ => "board",
    };

    private static string Reference(JsonElement part) => part.GetProperty("ref").GetString()!;

    private static string Line(IEnumerable<string> pins) => string.Join(' ', pins.Order(StringComparer.Ordinal));
}
