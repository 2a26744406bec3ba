using System.Globalization;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Tests.Readings;

public sealed class ReadingTests
{
    [Fact]
    public void First_reading_ends_the_partial_interval_and_the_next_ones_are_aligned()
    {
        var rig = new Rig();

        rig.PassMinutes(14);

        rig.Uplink.Readings.Select(TimeOfDay).ShouldBe(["06:05", "06:10", "06:15"]);
        rig.Uplink.Readings.Select(reading => reading.Sequence).ShouldBe([1, 2, 3]);
        rig.Uplink.Readings.ShouldAllBe(reading => reading.IntervalSeconds == 300);
    }

    [Fact]
    public void Reading_holds_what_the_meters_and_the_battery_showed()
    {
        var rig = new Rig(config => config.ImpulsesPerKwh = 800);
        rig.Board.StateOfChargePermille = 512;
        rig.Board.Tamper = true;
        rig.Board.AddProductionMilliwattHours(1_999_999);
        rig.Board.AddConsumptionPulses(2);

        rig.PassMinutes(3);

        var reading = rig.Uplink.Readings.ShouldHaveSingleItem();
        reading.Device.ShouldBe(SigningKey.FromSeed(Rig.Seed).PublicKey);
        reading.ProductionWh.ShouldBe(1998);
        reading.ConsumptionWh.ShouldBe(2);
        reading.SocPermille.ShouldBe((ushort)512);
        reading.Flags.ShouldBe((ushort)ReadingBytes.FlagTamper);
    }

    [Fact]
    public void Signature_is_libsodiums_over_the_protocols_canonical_bytes()
    {
        var rig = new Rig();
        rig.PassMinutes(3);

        var reading = rig.Uplink.Readings.ShouldHaveSingleItem();

        reading.Signature.ShouldBe(SigningKey.FromSeed(Rig.Seed).Sign(reading.CanonicalBytes()));
    }

    [Fact]
    public void Home_without_battery_says_so()
    {
        var rig = new Rig(config => config.BatteryCapacityWh = 0);

        rig.PassMinutes(3);

        rig.Uplink.Readings.ShouldHaveSingleItem().SocPermille.ShouldBe((ushort)ReadingBytes.NoBattery);
    }

    [Fact]
    public void Step_at_the_same_time_makes_no_second_reading()
    {
        var rig = new Rig();
        rig.PassMinutes(3);

        rig.Step();
        rig.Step();

        rig.Uplink.Readings.Count.ShouldBe(1);
    }

    [Fact]
    public void Missed_ends_are_left_out_and_the_registers_carry_their_energy()
    {
        var rig = new Rig();
        rig.PassMinutes(3);
        rig.Board.AddProductionPulses(700);

        rig.Now += TimeSpan.FromMinutes(62);
        rig.Step();

        rig.Uplink.Readings.Select(TimeOfDay).ShouldBe(["06:05", "07:05"]);
        rig.Uplink.Readings[1].ProductionWh.ShouldBe(700);
        rig.Uplink.Readings[1].IntervalSeconds.ShouldBe(300u);
    }

    [Fact]
    public void No_reading_while_the_time_is_not_known()
    {
        var rig = new Rig { IsTimeKnown = false, Now = new DateTimeOffset(1970, 1, 1, 0, 3, 0, TimeSpan.Zero) };
        rig.Board.AddProductionPulses(50);
        rig.PassMinutes(60);
        rig.Uplink.Readings.ShouldBeEmpty();

        rig.IsTimeKnown = true;
        rig.Now = Rig.Start;
        rig.PassMinutes(3);

        rig.Uplink.Readings.ShouldHaveSingleItem().ProductionWh.ShouldBe(50);
    }

    [Fact]
    public void Energy_counted_while_the_time_is_unknown_survives_a_power_cut()
    {
        var rig = new Rig { IsTimeKnown = false };
        rig.Board.AddProductionPulses(50);
        rig.PassMinutes(6);

        rig.Board.Reboot();

        rig.Device.ProductionWh.ShouldBe(50);
    }

    [Fact]
    public void First_reading_after_a_reboot_is_flagged_and_only_that_one()
    {
        var rig = new Rig();
        rig.PassMinutes(3);
        rig.Board.Reboot();

        rig.PassMinutes(10);

        rig.Uplink.Readings.Select(reading => reading.Flags).ShouldBe([0, ReadingBytes.FlagRegistersRestored, 0]);
        rig.Uplink.Readings.Select(reading => reading.Sequence).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void Reboot_between_two_ends_loses_neither_of_them()
    {
        var rig = new Rig();
        rig.PassMinutes(3);
        rig.Board.Reboot();

        rig.Now += TimeSpan.FromMinutes(5);
        rig.Step();

        rig.Uplink.Readings.Select(TimeOfDay).ShouldBe(["06:05", "06:10"]);
    }

    [Fact]
    public void Registration_is_signed_over_owner_and_gateway()
    {
        var rig = new Rig();
        var owner = SigningKey.Generate().PublicKey;
        var gateway = SigningKey.Generate().PublicKey;
        var bytes = new byte[RegistrationBytes.Length];
        RegistrationBytes.Write(bytes, rig.Device.PublicKey, owner.ToArray(), gateway.ToArray());

        var signature = rig.Device.SignRegistration(owner.ToArray(), gateway.ToArray());

        Ed25519.Verify(new Key32(rig.Device.PublicKey), bytes, signature).ShouldBeTrue();
    }

    private static string TimeOfDay(SignedReading reading) =>
        reading.Timestamp.ToString("HH:mm", CultureInfo.InvariantCulture);
}
