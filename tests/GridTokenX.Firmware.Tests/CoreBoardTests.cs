using GridTokenX.Firmware.Board;

namespace GridTokenX.Firmware.Tests;

public sealed class CoreBoardTests
{
    [Theory]
    [InlineData(1000)]
    [InlineData(800)]
    [InlineData(10_000)]
    public void Energy_in_milliwatt_hours_is_off_by_less_than_one_Wh_in_all(int impulsesPerKwh)
    {
        var rig = new Rig(config => config.ImpulsesPerKwh = impulsesPerKwh);
        var random = new Random(4);
        var milliwattHours = 0L;
        for (var i = 0; i < 500; i++)
        {
            var portion = random.NextInt64(2_000_000);
            milliwattHours += portion;
            rig.Board.AddProductionMilliwattHours(portion);
            rig.Board.AddConsumptionMilliwattHours(portion);
            rig.PassMinutes(1);
        }

        ((milliwattHours / 1000) - rig.Device.ProductionWh).ShouldBeInRange(0, 1000 / impulsesPerKwh);
        rig.Device.ConsumptionWh.ShouldBe(rig.Device.ProductionWh);
    }

    [Fact]
    public void Device_in_a_folder_outlives_the_process()
    {
        var folder = Directory.CreateTempSubdirectory("gtx-board-").FullName;
        try
        {
            var uplink = new RecordingUplink { Acknowledges = false };
            var board = new CoreBoard(new DeviceConfig(), Rig.Seed, null, new SimulatedFlash(folder), uplink);
            board.AddProductionPulses(77);
            board.Step(Rig.Start, 0);
            board.Step(Rig.Start + TimeSpan.FromMinutes(3), 0);

            var again = new CoreBoard(new DeviceConfig(), Rig.Seed, null, new SimulatedFlash(folder), uplink);

            (again.Device.ProductionWh, again.Device.ReadingSequence, again.Device.UnacknowledgedReadings)
                .ShouldBe((77, 1, 1));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Damaged_record_beyond_repair_stops_the_device_instead_of_starting_it_from_zero()
    {
        var rig = new Rig();
        rig.PassMinutes(3);
        rig.Flash.Damage("device.a", 30);
        rig.Board.Reboot();
        rig.PassMinutes(5);
        rig.Flash.Damage("device.a", 30);
        rig.Flash.Damage("device.b", 30);

        Should.Throw<InvalidOperationException>(rig.Board.Reboot);
    }

    [Theory]
    [InlineData(59, 1000, 200)]
    [InlineData(901, 1000, 200)]
    [InlineData(300, 0, 200)]
    [InlineData(300, 1000, 1001)]
    [InlineData(300, 1000, -1)]
    public void Configuration_out_of_range_is_refused(int intervalSeconds, int impulsesPerKwh, int reservePermille) =>
        Should.Throw<ArgumentException>(() => new Rig(config =>
        {
            config.IntervalSeconds = intervalSeconds;
            config.ImpulsesPerKwh = impulsesPerKwh;
            config.BatteryReservePermille = reservePermille;
        }));
}
