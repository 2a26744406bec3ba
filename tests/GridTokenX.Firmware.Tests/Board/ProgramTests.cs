using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using GridTokenX.Firmware.Board;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Readings;
using GridTokenX.Testing;

namespace GridTokenX.Firmware.Tests.Board;

/// <summary>
/// Program itself: its threads, its waits and its watch, in real time, over the real MQTT client and a real broker.
/// </summary>
public sealed class ProgramTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Program_boots_connects_reads_and_gets_its_acknowledgement()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var gateway = new MosquittoConnection(
            new MqttOptions { Host = "127.0.0.1", Port = broker.Port, ClientId = "gateway", CleanSession = true },
            (_, _) => { });
        var readings = new BlockingCollection<SignedReading>();
        var statuses = new BlockingCollection<string>();
        gateway.MessageReceived += message =>
        {
            if (message.Topic.EndsWith("/reading", StringComparison.Ordinal))
            {
                readings.Add(JsonSerializer.Deserialize(message.Payload, ProtocolJson.Default.SignedReading)!);
            }
            else
            {
                statuses.Add(Encoding.UTF8.GetString(message.Payload));
            }
        };
        gateway.Subscribe("gtx/v1/+/reading", MqttQos.AtLeastOnce);
        gateway.Subscribe("gtx/v1/+/status", MqttQos.AtLeastOnce);
        gateway.Start();

        // The end of an interval comes when the board has come up, however long that takes.
        var time = new OffsetTime(new DateTimeOffset(2026, 6, 1, 11, 59, 20, TimeSpan.Zero));
        var hardware = new SimulatedHardware(time);
        hardware.Flash.Install("config.json", Encoding.UTF8.GetBytes(
            $$"""{"wifi_ssid":"home","broker":"127.0.0.1","broker_port":{{broker.Port}},"interval_s":60}"""));
        using var running = new RunningProgram(hardware);

        statuses.TryTake(out var status, Patience).ShouldBeTrue();
        status.ShouldContain("\"online\":true");
        hardware.Wire(Firmware.Hardware.Board.ProductionS0).Pulse(17);
        time.Advance(TimeSpan.FromSeconds(40));
        readings.TryTake(out var reading, Patience).ShouldBeTrue();
        reading.HasValidSignature().ShouldBeTrue();
        (reading.Sequence, reading.ProductionWh, reading.Timestamp.Second).ShouldBe((1, 17, 0));
        hardware.Flash.Has("reading.0").ShouldBeTrue();

        using var forgotten = new ManualResetEventSlim();
        hardware.Flash.Deleted += name => Signal(forgotten, name == "reading.0");
        await gateway.PublishAsync(
            $"gtx/v1/{reading.Device}/reading/ack", Encoding.UTF8.GetBytes("""{"sequence":1}"""),
            MqttQos.AtLeastOnce, false, CancellationToken.None);
        forgotten.Wait(Patience).ShouldBeTrue("the acknowledged reading leaves the ring");

        running.CutPower();
        hardware.Network.LeaveAll();
    }

    [Fact]
    public void Program_restarts_after_a_factory_reset_and_has_another_identity()
    {
        var time = new OffsetTime(new DateTimeOffset(2026, 6, 1, 12, 0, 1, TimeSpan.Zero));
        var hardware = new SimulatedHardware(time, network: new ScriptedGateway());
        hardware.Flash.Install("config.json", Encoding.UTF8.GetBytes(Bench.Config));
        string first;
        using (var running = new RunningProgram(hardware))
        {
            first = running.WaitForSerial("device ");
            hardware.Wire(Firmware.Hardware.Board.Button).PullDown(true);
            running.WaitForSerial("Factory reset.");
            running.WaitForEnd();
        }

        hardware.Restarts.ShouldBe(1);
        hardware.Wire(Firmware.Hardware.Board.Button).PullDown(false);
        hardware.Reset();
        using var again = new RunningProgram(hardware);
        again.WaitForSerial("device ").ShouldNotBe(first);
    }

    [Fact]
    public void Stuck_part_is_noticed_and_the_chip_restarted()
    {
        var time = new OffsetTime(new DateTimeOffset(2026, 6, 1, 12, 0, 1, TimeSpan.Zero));
        using var stuck = new ManualResetEventSlim();
        var hardware = new SimulatedHardware(time, network: new StuckNetwork(stuck));
        hardware.Flash.Install("config.json", Encoding.UTF8.GetBytes(Bench.Config));
        using var running = new RunningProgram(hardware);
        running.WaitForSerial("Wi-Fi joined.");
        using var lives = new AutoResetEvent(false);
        hardware.Wire(Firmware.Hardware.Board.StatusLight).Changed += _ => lives.Set();

        // The light shows that the device's thread goes on, while the network's does not come back.
        for (var i = 0; i < 5; i++)
        {
            _ = lives.Reset();
            time.Advance(TimeSpan.FromSeconds(50));
            lives.WaitOne(Patience).ShouldBeTrue();
        }

        time.Advance(TimeSpan.FromSeconds(55));

        running.WaitForSerial("Network is stuck.");
        running.WaitForEnd();
        hardware.Restarts.ShouldBe(1);
        stuck.Set();
    }

    private static void Signal(ManualResetEventSlim signal, bool isIt)
    {
        if (isIt)
        {
            signal.Set();
        }
    }

    /// <summary>The chip running Main until its power goes.</summary>
    private sealed class RunningProgram : IDisposable
    {
        private readonly SimulatedHardware _hardware;
        private readonly BlockingCollection<string> _serial = [];
        private readonly Thread _thread;

        internal RunningProgram(SimulatedHardware hardware)
        {
            _hardware = hardware;
            hardware.SerialWritten += _serial.Add;
            _thread = new Thread(Run) { IsBackground = true };
            _thread.Start();
        }

        public void Dispose()
        {
            CutPower();
            _hardware.SerialWritten -= _serial.Add;
        }

        internal void CutPower() => _hardware.CutPower();

        internal void WaitForEnd() => _thread.Join(Patience).ShouldBeTrue("the program ended with the power");

        internal string WaitForSerial(string text)
        {
            while (_serial.TryTake(out var line, Patience))
            {
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return line;
                }
            }

            throw new TimeoutException($"'{text}' was not written.");
        }

        private void Run()
        {
            using (_hardware.Enter())
            {
                try
                {
                    Firmware.Program.Main();
                }
                catch (PowerCutException)
                {
                    // As on the chip: nothing runs on.
                }
            }
        }
    }

    /// <summary>Real time from another beginning on, that can leap.</summary>
    private sealed class OffsetTime(DateTimeOffset start) : TimeProvider
    {
        private readonly long _startStamp = System.GetTimestamp();
        private long _leapTicks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => start + TimeSpan.FromTicks(GetTimestamp());

        public override long GetTimestamp() =>
            System.GetElapsedTime(_startStamp).Ticks + Interlocked.Read(ref _leapTicks);

        internal void Advance(TimeSpan by) => Interlocked.Add(ref _leapTicks, by.Ticks);
    }

    private sealed class StuckNetwork(ManualResetEventSlim end) : SimulatedNetwork
    {
        protected internal override IMqttConnection Open(MqttOptions options)
        {
            end.Wait();
            throw new MqttException("The end of the test.");
        }
    }
}
