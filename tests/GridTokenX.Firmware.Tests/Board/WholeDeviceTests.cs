using GridTokenX.Firmware.Board;
using GridTokenX.Firmware.Panel;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Tests.Board;

/// <summary>The firmware with its drivers, on hardware that is played, in simulated time.</summary>
public sealed class WholeDeviceTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    [Fact]
    public void First_boot_makes_an_identity_joins_learns_the_time_and_reads()
    {
        using var bench = new Bench();
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Board.AddProductionPulses(42);
        bench.Board.AddConsumptionPulses(7);
        bench.Pass(2 * Interval);

        var reading = bench.Gateway.Readings[0];
        (reading.ProductionWh, reading.ConsumptionWh, reading.Flags).ShouldBe((42, 7, (ushort)0));
        reading.Timestamp.ShouldBe(Bench.Start + TimeSpan.FromMinutes(3));
        bench.Gateway.Others.ShouldContain(message => message.Topic == $"gtx/v1/{bench.Device.Id}/status"
            && message.Json.Contains("\"online\":true") && message.Retained);
        bench.Board.Light.ShouldBe(LightPattern.Well);
    }

    [Fact]
    public void Connection_carries_a_last_will_and_a_kept_session()
    {
        using var bench = new Bench();
        bench.Step();

        var options = bench.Gateway.LastOptions!;
        (options.Host, options.Port, options.ClientId, options.CleanSession, options.KeepAlive)
            .ShouldBe(("gateway", 1883, $"gtx-{bench.Device.Id}", false, TimeSpan.FromSeconds(30)));
        options.Will!.Payload.ShouldBe(Device.LastWill());
        (options.Will.Topic, options.Will.Retain).ShouldBe(($"gtx/v1/{bench.Device.Id}/status", true));
    }

    [Fact]
    public void Identity_outlives_a_reboot_and_is_never_said()
    {
        using var bench = new Bench();
        bench.Pair();
        var id = bench.Device.Id;

        bench.Board.Reboot();
        bench.Press();

        bench.Device.Id.ShouldBe(id);
        bench.Board.IsPaired.ShouldBeTrue();
        var seed = bench.Board.Hardware.Flash.ReadAll("identity.a")![8..40];
        var said = bench.Serial + string.Concat(bench.Gateway.Others) + string.Concat(bench.Gateway.Readings);
        foreach (var secret in new[] { seed, bench.Cloud.CommandKey })
        {
            said.ShouldNotContain(Convert.ToHexString(secret), Case.Insensitive);
            said.ShouldNotContain(Convert.ToBase64String(secret));
            said.ShouldNotContain(Protocol.Wire.Base58.Encode(secret));
        }

        said.ShouldContain($"QR gridtokenx:device:{id}");
    }

    [Fact]
    public void Generator_is_only_asked_with_the_radio_on_and_must_not_repeat_itself()
    {
        var network = new ScriptedGateway();
        using var board = SimulatedBoard.Start(Bench.Config, Bench.Start, network: network);
        var draws = 0;
        board.Hardware.Entropy = buffer => buffer.AsSpan().Fill((byte)(draws++ == 0 ? 1 : 2));
        board.Hardware.Flash.Delete("identity.a");
        board.Hardware.Flash.Delete("identity.b");

        board.Reboot();
        board.Step(Bench.Start, 0);

        board.Device.ShouldBeNull();
        board.Light.ShouldBe(LightPattern.Fault);
        board.Hardware.Serial.Last().ShouldContain("repeats itself");
    }

    [Fact]
    public void Week_without_a_gateway_costs_only_readings_beyond_the_ring()
    {
        using var bench = new Bench();
        bench.Pass(TimeSpan.FromMinutes(10));
        bench.Gateway.GoAway();
        var energy = bench.Device.ProductionWh;
        for (var hour = 0; hour < 7 * 24; hour++)
        {
            bench.Board.AddProductionPulses(100);
            bench.Pass(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
        }

        bench.Board.AddProductionPulses(1);
        bench.Gateway.Readings.Clear();
        bench.Gateway.IsThere = true;
        bench.Pass(TimeSpan.FromMinutes(15));

        // One kept reading each five minutes of the last ten hours, oldest first; the registers hold the whole week.
        bench.Gateway.Readings.Count.ShouldBeGreaterThanOrEqualTo(128);
        bench.Gateway.Readings.ShouldBe(bench.Gateway.Readings.OrderBy(reading => reading.Sequence));
        bench.Gateway.Readings[^1].ProductionWh.ShouldBe(energy + (7 * 24 * 100) + 1);
        bench.Device.UnacknowledgedReadings.ShouldBe(0);
    }

    [Fact]
    public void Attempts_to_connect_become_rare_and_begin_anew_after_success()
    {
        using var bench = new Bench();
        bench.Gateway.IsThere = false;
        bench.Pass(TimeSpan.FromHours(4));
        bench.Gateway.Attempts.ShouldBeInRange(40, 120);

        bench.Gateway.IsThere = true;
        bench.Pass(TimeSpan.FromMinutes(5));
        var attempts = bench.Gateway.Attempts;
        bench.Gateway.GoAway();
        bench.Gateway.IsThere = true;
        bench.Pass(TimeSpan.FromSeconds(15));

        bench.Gateway.Attempts.ShouldBe(attempts + 1);
        bench.Board.Light.ShouldBe(LightPattern.Well);
    }

    [Fact]
    public void Name_that_nobody_knows_is_asked_for_ever_more_rarely_and_restarts_nothing()
    {
        using var bench = new Bench();
        bench.Board.Hardware.HasNames = false;
        bench.Pass(TimeSpan.FromHours(4));
        bench.Board.Light.ShouldBe(LightPattern.NoGateway);
        bench.Serial.Split('\n').Count(line => line.StartsWith("No connection", StringComparison.Ordinal))
            .ShouldBeInRange(20, 120);
        bench.Device.UnacknowledgedReadings.ShouldBeGreaterThan(40);

        bench.Board.Hardware.HasNames = true;
        bench.Pass(TimeSpan.FromMinutes(6));

        (bench.Board.Light, bench.Board.Hardware.Restarts).ShouldBe((LightPattern.Well, 0));
    }

    [Fact]
    public void Network_code_that_throws_is_a_failed_attempt()
    {
        using var bench = new Bench();
        bench.Board.Hardware.Wifi.IsBroken = true;
        bench.Pass(TimeSpan.FromHours(1));
        (bench.Board.Light, bench.Board.Hardware.Wifi.Attempts).ShouldBe((LightPattern.NoNetwork, 0));

        bench.Board.Hardware.Wifi.IsBroken = false;
        bench.Pass(TimeSpan.FromMinutes(6));

        (bench.Board.Light, bench.Board.Hardware.Restarts).ShouldBe((LightPattern.Well, 0));
    }

    [Fact]
    public void Day_without_a_connection_restarts_the_chip_and_loses_nothing()
    {
        using var bench = new Bench();
        bench.Pass(TimeSpan.FromMinutes(10));
        bench.Gateway.GoAway();
        bench.Board.AddProductionPulses(7);
        bench.Pass(TimeSpan.FromHours(25), TimeSpan.FromMinutes(1));

        bench.Serial.ShouldContain("No connection for a day: restarting.");
        bench.Device.ProductionWh.ShouldBe(7);
    }

    /// <summary>A power cut loses the time; a restart of the chip's own does not.</summary>
    [Fact]
    public void Three_days_without_a_network_are_read_to_the_end()
    {
        using var bench = new Bench();
        bench.Pass(TimeSpan.FromMinutes(10));
        var all = bench.Device.ReadingSequence + (72 * 60 / Interval.Minutes);
        var restarts = 0;
        bench.Board.Hardware.SerialWritten +=
            line => restarts += line.EndsWith("restarting.", StringComparison.Ordinal) ? 1 : 0;
        bench.Board.Hardware.Wifi.IsInRange = false;
        bench.Gateway.GoAway();

        bench.Pass(TimeSpan.FromHours(72), TimeSpan.FromMinutes(1));

        restarts.ShouldBe(2);
        bench.Device.ReadingSequence.ShouldBe(all);
        bench.Board.Reboot();
        bench.Pass(2 * Interval);
        bench.Device.ReadingSequence.ShouldBe(all);
    }

    [Fact]
    public void Lost_wifi_is_joined_again()
    {
        using var bench = new Bench();
        bench.Pass(TimeSpan.FromMinutes(1));
        bench.Board.Hardware.Wifi.IsInRange = false;
        bench.Gateway.GoAway();
        bench.Pass(TimeSpan.FromMinutes(30));
        bench.Board.Light.ShouldBe(LightPattern.NoNetwork);

        bench.Board.Hardware.Wifi.IsInRange = true;
        bench.Gateway.IsThere = true;
        bench.Pass(TimeSpan.FromMinutes(6));

        bench.Board.Light.ShouldBe(LightPattern.Well);
        bench.Device.UnacknowledgedReadings.ShouldBe(0);
    }

    [Fact]
    public void Without_the_time_nothing_is_read_and_the_gateways_time_serves()
    {
        using var bench = new Bench();
        bench.Board.Hardware.HasTimeServer = false;
        bench.Pass(TimeSpan.FromMinutes(20));
        (bench.Gateway.Readings.Count, bench.Board.Light).ShouldBe((0, LightPattern.NoTime));

        var unix = (bench.Now + TimeSpan.FromSeconds(1)).ToUnixTimeSeconds();
        bench.Gateway.Send("gtx/v1/time", $$"""{"unix":{{unix}}}""", retained: true);
        bench.Pass(TimeSpan.FromMinutes(6));
        bench.Gateway.Readings.ShouldBeEmpty("a kept time may be old");

        bench.Gateway.Send("gtx/v1/time", $$"""{"unix":{{bench.Now.ToUnixTimeSeconds()}}}""");
        bench.Pass(TimeSpan.FromMinutes(6));
        bench.Gateway.Readings.Count.ShouldBe(1);
    }

    [Fact]
    public void Clock_that_jumps_never_repeats_an_end_or_a_sequence()
    {
        using var bench = new Bench();
        bench.Pass(TimeSpan.FromMinutes(10));
        foreach (var minutes in new[] { -60 * 24 * 365 * 56, 4, -4, 70, -80, 3 })
        {
            bench.Board.Hardware.JumpClock(TimeSpan.FromMinutes(minutes));
            bench.Board.AddProductionPulses(10);
            bench.Pass(TimeSpan.FromMinutes(20));
        }

        var readings = bench.Gateway.Readings;
        readings.Select(reading => reading.Sequence).ShouldBeUnique();
        readings.Select(reading => reading.Sequence).ShouldBe(readings.Select(reading => reading.Sequence).Order());
        readings.Select(reading => reading.ProductionWh).ShouldBe(
            readings.Select(reading => reading.ProductionWh).Order());
        readings.ShouldAllBe(reading => reading.Timestamp.ToUnixTimeSeconds() % 300 == 0);
    }

    [Fact]
    public void Pulses_during_a_reboot_are_lost_and_nothing_else()
    {
        using var bench = new Bench();
        bench.Pass(TimeSpan.FromMinutes(5));
        bench.Board.AddProductionPulses(500);
        bench.Pass(TimeSpan.FromMinutes(5));
        bench.Board.AddProductionPulses(30);
        bench.Board.Hardware.CutPower();
        bench.Board.AddProductionPulses(1000);
        bench.Board.Reboot();
        bench.Board.AddProductionPulses(5);
        bench.Pass(TimeSpan.FromMinutes(5));

        bench.Device.ProductionWh.ShouldBeInRange(505, 535);
        bench.Gateway.Readings[^1].Flags.ShouldBe((ushort)ReadingBytes.FlagRegistersRestored);
    }

    [Fact]
    public void Opened_lid_is_remembered_however_short()
    {
        using var bench = new Bench();
        bench.Pass(TimeSpan.FromMinutes(1));
        var lid = bench.Board.Hardware.Wire(Firmware.Hardware.Board.TamperContact);
        lid.PullDown(false);
        lid.PullDown(true);
        bench.Pass(Interval);

        bench.Gateway.Readings[^1].Flags.ShouldBe((ushort)ReadingBytes.FlagTamper);
    }

    [Fact]
    public void Factory_reset_makes_another_identity_with_registers_of_its_own()
    {
        using var bench = new Bench();
        bench.Pair();
        bench.Board.AddProductionPulses(1000);
        bench.Pass(2 * Interval);
        var before = bench.Device.Id;

        bench.Press(seconds: 10.5);
        bench.Pass(2 * Interval);

        bench.Device.Id.ShouldNotBe(before);
        (bench.Board.IsPaired, bench.Device.ProductionWh).ShouldBe((false, 0));
        bench.Gateway.Readings[^1].Device.ToString().ShouldBe(bench.Device.Id);
        bench.Gateway.Readings[^1].Sequence.ShouldBeLessThan(4);
    }

    [Fact]
    public void Button_let_go_before_ten_seconds_resets_nothing()
    {
        using var bench = new Bench();
        bench.Step();
        var before = bench.Device.Id;

        bench.Press(seconds: 9);
        bench.Pass(Interval);

        bench.Device.Id.ShouldBe(before);
    }

    [Fact]
    public void Factory_reset_that_loses_power_at_any_change_never_lets_a_register_fall_under_one_key()
    {
        for (var change = 1; change <= 16; change++)
        {
            using var bench = new Bench();
            bench.Board.AddProductionPulses(1000);
            bench.Pass(2 * Interval);
            var before = bench.Device.Id;
            var flash = bench.Board.Hardware.Flash;
            flash.CutPowerAt(flash.Changes + change, (change % 3) - 1);
            ThroughCut(bench, () => bench.Press(seconds: 10.5));
            ThroughCut(bench, () => bench.Pass(2 * Interval));
            bench.Pass(2 * Interval);
            bench.Device.ProductionWh.ShouldBe(bench.Device.Id == before ? 1000 : 0, $"power cut at {change}");
            bench.Gateway.Readings.GroupBy(reading => (reading.Device, reading.Sequence))
                .ShouldAllBe(group => group.All(reading => reading.Signature.SequenceEqual(group.First().Signature)));
        }
    }

    private static void ThroughCut(Bench bench, Action action)
    {
        try
        {
            action();
        }
        catch (PowerCutException)
        {
            bench.Board.Reboot();
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"wifi_ssid":"a"}""")]
    [InlineData("""{"wifi_ssid":"a","broker":"b","interval":300}""")]
    [InlineData("""{"wifi_ssid":"a","broker":"b","interval_s":30}""")]
    [InlineData("""{"wifi_ssid":"a","broker":"b","battery_wh":5000}""")]
    [InlineData("not json")]
    public void Wrong_settings_are_shown_and_nothing_starts(string config)
    {
        using var board = SimulatedBoard.Start(config, Bench.Start, network: new ScriptedGateway());
        board.Step(Bench.Start, 0);

        (board.Device, board.Light).ShouldBe((null, LightPattern.NoSettings));
        board.Hardware.Serial.Last().ShouldStartWith("The device does not start: ");
    }

    [Fact]
    public void Damaged_memory_is_shown_and_not_signed_over()
    {
        using var bench = new Bench();
        bench.Pass(2 * Interval);
        var flash = bench.Board.Hardware.Flash;
        flash.Damage("device.a", 40);
        flash.Damage("device.b", 40);
        bench.Gateway.Readings.Clear();

        bench.Board.Reboot();
        bench.Pass(2 * Interval);

        (bench.Board.Device, bench.Board.Light).ShouldBe((null, LightPattern.Fault));
        bench.Gateway.Readings.ShouldBeEmpty();
    }
}
