using System.Diagnostics;
using System.Text.Json;
using GridTokenX.Firmware.Tests.Guard;
using GridTokenX.Testing;

namespace GridTokenX.Firmware.Tests.Hardware;

/// <summary>What the drawings say is what the firmware does.</summary>
public sealed class PinTableTests
{
    private static readonly string[] NoPins = ["I2cBus", "GaugeAddress", "DividerChannel"];

    // These decide how the chip starts, or are its flash's.
    private static readonly int[] Forbidden = [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 15];

    [Fact]
    public void Every_pin_of_the_board_is_drawn_and_no_other()
    {
        var board = typeof(Firmware.Hardware.Board)
            .GetFields(System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)
            .Where(field => !NoPins.Contains(field.Name))
            .Select(field => (field.Name, Gpio: (int)field.GetRawConstantValue()!))
            .Order();

        Drawn().Order().ShouldBe(board);
        board.Select(pin => pin.Gpio).ShouldBeUnique();
        board.ShouldAllBe(pin => !Forbidden.Contains(pin.Gpio));
    }

    [Fact]
    public void Schematic_names_every_pin()
    {
        var schematic = RepositoryFiles.Read("hardware/schematic.svg");

        Drawn().ShouldAllBe(pin => schematic.Contains($"GPIO{pin.Gpio}"));
    }

    [Fact]
    public void Drawings_are_what_their_source_says()
    {
        using var node = Process.Start(new ProcessStartInfo("node", ["hardware/draw.mjs", "--check"])
        {
            WorkingDirectory = FirmwareSources.Root,
        })!;
        node.WaitForExit();

        node.ExitCode.ShouldBe(0);
    }

    private static List<(string Name, int Gpio)> Drawn() =>
        [.. JsonDocument.Parse(RepositoryFiles.Read("hardware/circuit.json")).RootElement
            .GetProperty("pins").EnumerateArray()
            .Select(pin => (pin.GetProperty("name").GetString()!, pin.GetProperty("gpio").GetInt32()))];
}
