using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Firmware.Metering;

namespace GridTokenX.Firmware.Tests.Metering;

public sealed class EnergyRegisterTests
{
    [Theory]
    [InlineData(1000, 5, 5, 0)]
    [InlineData(800, 1, 1, 200)]
    [InlineData(10_000, 25, 2, 5000)]
    [InlineData(3, 1, 333, 1)]
    public void Pulses_become_whole_Wh_and_a_carry(int impulsesPerKwh, long pulses, long wattHours, int carry)
    {
        var register = new EnergyRegister(impulsesPerKwh);

        register.Count(pulses).ShouldBe(wattHours > 0);

        (register.WattHours, register.Carry).ShouldBe((wattHours, carry));
    }

    [Fact]
    public void Nothing_is_lost_to_rounding_however_the_pulses_come() =>
        Prop.ForAll<PositiveInt, NonNegativeInt[]>((constant, portions) =>
        {
            var impulsesPerKwh = 1 + (constant.Get % DeviceConfig.ImpulsesPerKwhMax);
            var register = new EnergyRegister(impulsesPerKwh);
            var counter = 0L;
            foreach (var portion in portions)
            {
                counter += portion.Get;
                register.Count(counter);
            }

            return (register.WattHours * impulsesPerKwh) + register.Carry == counter * 1000;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Counter_that_went_back_counts_on_from_there()
    {
        var register = new EnergyRegister(1000);
        register.Count(100);

        register.Count(40).ShouldBeFalse();
        register.WattHours.ShouldBe(100);
        register.Count(43);
        register.WattHours.ShouldBe(103);
    }

    [Fact]
    public void Carry_of_another_meter_constant_is_dropped()
    {
        var register = new EnergyRegister(1000);

        register.Restore(7, 999, 10_000);

        (register.WattHours, register.Carry).ShouldBe((7, 0));
    }
}
