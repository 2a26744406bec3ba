using GridTokenX.Firmware.Board;
using GridTokenX.Firmware.Storage;

namespace GridTokenX.Firmware.Tests.Storage;

public sealed class TwinRecordTests
{
    private const int Length = 20;

    [Fact]
    public void Nothing_saved_is_no_record() =>
        new TwinRecord(new SimulatedFlash(), "x", Length).Load(new byte[Length]).ShouldBeFalse();

    [Fact]
    public void After_a_cut_at_any_byte_of_any_write_it_holds_the_old_or_the_new_and_goes_on()
    {
        for (var change = 3; change <= 4; change++)
        {
            for (var bytes = -1; bytes <= Length + 12; bytes++)
            {
                var flash = new SimulatedFlash();
                var record = new TwinRecord(flash, "x", Length);
                record.Save(Payload(1));
                flash.CutPowerAt(change, bytes);
                Should.Throw<PowerCutException>(() => record.Save(Payload(2)));
                flash.PowerOn();

                var first = Load(flash);
                first.ShouldBeOneOf(1, 2);
                // Repaired: whichever copy is lost now, the other one is the same.
                flash.Damage("x.a", 9);
                Load(flash).ShouldBe(first);
                flash.Damage("x.b", 9);
                Load(flash).ShouldBe(first);
            }
        }
    }

    [Fact]
    public void Cut_during_the_first_save_ever_leaves_no_record_or_the_whole_one()
    {
        for (var change = 1; change <= 2; change++)
        {
            for (var bytes = -1; bytes <= Length + 12; bytes++)
            {
                var flash = new SimulatedFlash();
                flash.CutPowerAt(change, bytes);
                Should.Throw<PowerCutException>(() => new TwinRecord(flash, "x", Length).Save(Payload(1)));
                flash.PowerOn();

                var payload = new byte[Length];
                var isThere = new TwinRecord(flash, "x", Length).Load(payload);

                isThere.ShouldBe(change == 2 || bytes == Length + 12);
                payload[0].ShouldBe(isThere ? (byte)1 : (byte)0);
            }
        }
    }

    [Fact]
    public void Failed_write_of_one_copy_never_endangers_the_other()
    {
        var flash = new SimulatedFlash();
        var record = new TwinRecord(flash, "x", Length);
        record.Save(Payload(1));
        flash.CutPowerAt(4, 5);
        Should.Throw<PowerCutException>(() => record.Save(Payload(2)));
        flash.PowerOn();
        flash.CutPowerAt(5, 5);

        Should.Throw<PowerCutException>(() => record.Save(Payload(3)));
        flash.PowerOn();

        Load(flash).ShouldBe(2);
    }

    [Fact]
    public void Two_damaged_copies_are_no_fresh_start()
    {
        var flash = new SimulatedFlash();
        new TwinRecord(flash, "x", Length).Save(Payload(1));
        flash.Damage("x.a", 10);
        flash.Damage("x.b", 11);

        Should.Throw<InvalidOperationException>(() => Load(flash));
    }

    private static byte[] Payload(byte value) => [.. Enumerable.Repeat(value, Length)];

    private static int Load(SimulatedFlash flash)
    {
        var payload = new byte[Length];
        new TwinRecord(flash, "x", Length).Load(payload).ShouldBeTrue();
        payload.ShouldAllBe(value => value == payload[0]);
        return payload[0];
    }
}
