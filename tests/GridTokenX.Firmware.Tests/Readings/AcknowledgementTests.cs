using System.Text;
using GridTokenX.Firmware.Readings;

namespace GridTokenX.Firmware.Tests.Readings;

public sealed class AcknowledgementTests
{
    [Fact]
    public void Acknowledged_reading_is_forgotten_and_another_is_kept()
    {
        var rig = new Rig();
        rig.Uplink.Acknowledges = false;
        rig.PassMinutes(8);
        rig.Device.UnacknowledgedReadings.ShouldBe(2);

        rig.Uplink.Acknowledge(1);
        rig.Step();

        rig.Device.UnacknowledgedReadings.ShouldBe(1);
        rig.Board.Reboot();
        rig.Device.UnacknowledgedReadings.ShouldBe(1);
    }

    [Fact]
    public void Without_acknowledgement_it_is_sent_again_after_10_seconds_then_twice_as_late_up_to_5_minutes()
    {
        var rig = new Rig(config => config.IntervalSeconds = 900);
        rig.Uplink.Acknowledges = false;
        rig.PassMinutes(13);
        var sentAt = new List<long> { 0 };
        var begin = rig.ElapsedMs;
        var count = rig.Uplink.Readings.Count;
        while (sentAt.Count < 9)
        {
            rig.ElapsedMs += 1000;
            rig.Step();
            if (rig.Uplink.Readings.Count > count)
            {
                count = rig.Uplink.Readings.Count;
                sentAt.Add((rig.ElapsedMs - begin) / 1000);
            }
        }

        sentAt.Zip(sentAt.Skip(1), (from, to) => to - from).ShouldBe([10, 20, 40, 80, 160, 300, 300, 300]);
    }

    [Fact]
    public void After_a_reconnect_everything_kept_comes_at_once_oldest_first()
    {
        var rig = new Rig();
        rig.Uplink.IsConnected = false;
        rig.PassMinutes(60);
        rig.Uplink.Readings.ShouldBeEmpty();

        rig.Uplink.Reconnect();
        rig.Step();
        rig.Step();

        rig.Uplink.Readings.Select(reading => reading.Sequence).ShouldBe(Enumerable.Range(1, 12).Select(i => (long)i));
        rig.Device.UnacknowledgedReadings.ShouldBe(0);
    }

    [Fact]
    public void No_more_than_a_window_is_under_way_until_acknowledgements_come()
    {
        var rig = new Rig();
        rig.Uplink.IsConnected = false;
        rig.PassMinutes(5 * 40);
        rig.Uplink.Acknowledges = false;
        rig.Uplink.Reconnect();
        rig.Step();
        rig.Uplink.Readings.Count.ShouldBe(16);

        rig.Uplink.Acknowledge(1);
        rig.Uplink.Acknowledge(2);
        rig.Step();

        rig.Uplink.Readings.Select(reading => reading.Sequence).ShouldBe(Enumerable.Range(1, 18).Select(i => (long)i));
    }

    [Fact]
    public void Full_ring_gives_up_its_oldest_readings_and_no_energy()
    {
        var rig = new Rig();
        rig.Uplink.IsConnected = false;
        for (var i = 0; i < ReadingRing.Capacity + 10; i++)
        {
            rig.Board.AddProductionPulses(100);
            rig.PassMinutes(5);
        }

        rig.Device.UnacknowledgedReadings.ShouldBe(ReadingRing.Capacity);
        rig.Device.DroppedReadings.ShouldBe(10);
        rig.Board.Reboot();
        rig.Uplink.Reconnect();
        for (var i = 0; i < 10; i++)
        {
            rig.Step();
        }

        rig.Uplink.Readings.Select(reading => reading.Sequence)
            .ShouldBe(Enumerable.Range(11, ReadingRing.Capacity).Select(i => (long)i));
        rig.Uplink.Readings[^1].ProductionWh.ShouldBe(100 * (ReadingRing.Capacity + 10));
        rig.Device.UnacknowledgedReadings.ShouldBe(0);
    }

    [Fact]
    public void Week_without_a_broker_ends_with_the_newest_readings_and_the_flash_no_fuller()
    {
        var rig = new Rig(config => config.IntervalSeconds = 900);
        rig.Uplink.IsConnected = false;
        rig.Pass(TimeSpan.FromDays(7));

        rig.Device.UnacknowledgedReadings.ShouldBe(ReadingRing.Capacity);
        rig.Device.ReadingSequence.ShouldBe(7 * 96);
        rig.Flash.Names.Count.ShouldBe((2 * ReadingRing.Capacity) + 2);
    }

    [Fact]
    public void Damaged_kept_reading_goes_from_its_copy_and_without_one_the_others_still_go()
    {
        var rig = new Rig();
        rig.Uplink.IsConnected = false;
        rig.PassMinutes(15);
        rig.Flash.Damage("reading.0", 70);
        rig.Flash.Damage("reading.1", 70);
        rig.Flash.Damage("copy.1", 71);

        rig.Uplink.Reconnect();
        rig.Step();
        rig.Step();

        rig.Uplink.Readings.Select(reading => reading.Sequence).ShouldBe([1, 3]);
        rig.Device.UnacknowledgedReadings.ShouldBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"sequence":"1"}""")]
    [InlineData("""{"sequence":0}""")]
    [InlineData("""{"sequence":-1}""")]
    [InlineData("""{"sequence":1.0}""")]
    [InlineData("""{"sequence":1,"sequence":1}""")]
    [InlineData("""{"sequence":1""")]
    [InlineData("""{"sequence":1}x""")]
    [InlineData("""{"sequence":99999999999999999999}""")]
    public void Malformed_acknowledgement_acknowledges_nothing(string json)
    {
        var rig = new Rig();
        rig.Uplink.Acknowledges = false;
        rig.PassMinutes(3);

        rig.Device.OnMessage($"gtx/v1/{rig.Device.Id}/reading/ack", Encoding.UTF8.GetBytes(json));

        rig.Device.UnacknowledgedReadings.ShouldBe(1);
        rig.Device.IgnoredMessages.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{ "sequence" : 1 }""")]
    [InlineData("""{"from":{"a":["}",{"b":"\""}]},"sequence":1,"later":null}""")]
    public void Acknowledgement_of_a_newer_gateway_is_understood(string json)
    {
        var rig = new Rig();
        rig.Uplink.Acknowledges = false;
        rig.PassMinutes(3);

        rig.Device.OnMessage($"gtx/v1/{rig.Device.Id}/reading/ack", Encoding.UTF8.GetBytes(json));

        rig.Device.UnacknowledgedReadings.ShouldBe(0);
    }
}
