using System.Device.I2c;
using GridTokenX.Firmware.Board;
using GridTokenX.Firmware.Hardware;

namespace GridTokenX.Firmware.Tests.Hardware;

public sealed class Ina226Tests
{
    [Theory]
    [InlineData(0, 26_400)]
    [InlineData(50_000, 27_000)]
    [InlineData(-100_000, 25_600)]
    public void Current_and_voltage_come_through_the_registers(int milliamperes, int millivolts)
    {
        using var bus = new Bus();
        bus.Chip.Milliamperes = milliamperes;
        bus.Chip.Millivolts = millivolts;
        bus.Gauge.TryRead(out _, out _).ShouldBeFalse("the chip is set up first");

        bus.Gauge.TryRead(out var current, out var voltage).ShouldBeTrue();

        // One bit of the shunt is 2.5 µV over 750 µΩ, of the bus 1.25 mV twice.
        current.ShouldBeInRange(milliamperes - 4, milliamperes + 4);
        voltage.ShouldBeInRange((2 * millivolts) - 3, 2 * millivolts);
    }

    [Fact]
    public void Chip_that_was_reset_is_set_up_again()
    {
        using var bus = new Bus();
        bus.Gauge.TryRead(out _, out _);
        bus.Gauge.TryRead(out _, out _).ShouldBeTrue();
        bus.Chip.TryWrite([0, 0x80, 0]).ShouldBeTrue();

        bus.Gauge.TryRead(out _, out _).ShouldBeFalse();
        bus.Gauge.TryRead(out _, out _).ShouldBeTrue();
    }

    [Fact]
    public void Chip_that_does_not_answer_is_no_measurement()
    {
        using var bus = new Bus();
        bus.Chip.IsBroken = true;

        bus.Gauge.TryRead(out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void Played_chip_follows_the_data_sheets_example()
    {
        // SBOS547B, table 8: 10 A through 2 mΩ at 12 V, current bit 1 mA, calibration 2560.
        var chip = new SimulatedIna226(2000) { Milliamperes = 10_000, Millivolts = 11_980 };
        chip.TryWrite([0x05, 2560 >> 8, 2560 & 0xFF]).ShouldBeTrue();

        Register(chip, 0x00).ShouldBe(0x4127);
        Register(chip, 0x01).ShouldBe(8000);
        Register(chip, 0x02).ShouldBe(9584);
        Register(chip, 0x04).ShouldBe(10_000);
        Register(chip, 0x03).ShouldBe(4792);
        Register(chip, 0xFE).ShouldBe(0x5449);
        Register(chip, 0xFF).ShouldBe(0x2260);
    }

    private static int Register(SimulatedIna226 chip, byte register)
    {
        Span<byte> value = stackalloc byte[2];
        chip.TryWrite([register]).ShouldBeTrue();
        chip.TryRead(value).ShouldBeTrue();
        return (value[0] << 8) | value[1];
    }

    private sealed class Bus : IDisposable
    {
        private readonly SimulatedHardware.Entry _entry;

        internal Bus()
        {
            var hardware = new SimulatedHardware(TimeProvider.System);
            hardware.Attach(Firmware.Hardware.Board.I2cBus, Firmware.Hardware.Board.GaugeAddress, Chip);
            _entry = hardware.Enter();
            Firmware.Hardware.Board.Assign();
            Gauge = new Ina226(
                I2cDevice.Create(new I2cConnectionSettings(1, 0x40, I2cBusSpeed.StandardMode)), 750, 2000);
        }

        internal SimulatedIna226 Chip { get; } = new(750);

        internal Ina226 Gauge { get; }

        public void Dispose() => _entry.Dispose();
    }
}
