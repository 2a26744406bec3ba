using GridTokenX.Firmware.Board;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Tests.Storage;

/// <summary>
/// The same day is lived again and again, and each time power fails at another write to the flash. Whatever the moment:
/// no register goes back, no sequence is used twice, no kept reading is lost, no lock opens by itself.
/// </summary>
public sealed class PowerCutTests
{
    private const int Intervals = 96;

    // How much of the write still gets into the file; -1: the file is gone.
    private static readonly int[] Tears = [-1, 0, 1, 80, 155, 400, 100_000];

    [Fact]
    public void Day_without_a_cut_is_whole()
    {
        var day = new Day();

        day.Live(Intervals);

        day.Rig.Uplink.Readings.Select(reading => reading.Sequence).Distinct().Count().ShouldBe(Intervals);
        day.Rig.Uplink.States.Select(state => state.Cause).Distinct().Order().ShouldBe(
        [
            StateCause.Boot, StateCause.LockAccepted, StateCause.DeliveryBegan, StateCause.Delivered,
            StateCause.Released, StateCause.Expired, StateCause.Refused,
        ]);
        day.Rig.Device.UnacknowledgedReadings.ShouldBe(0);
    }

    [Fact]
    public void Power_cut_at_any_write_of_a_day_costs_nothing_that_was_promised()
    {
        var whole = new Day();
        whole.Live(Intervals);
        for (var change = 1; change <= whole.Rig.Flash.Changes; change++)
        {
            var day = new Day { EndsSoonAfterACut = true };
            day.Rig.Uplink.Verifies = false;
            day.Rig.Flash.CutPowerAt(change, Tears[change % Tears.Length]);

            day.Live(Intervals);

            day.Reboots.ShouldBe(1, $"power at change {change}");
            day.CheckPromises($"power cut at change {change}, {Tears[change % Tears.Length]} bytes written");
        }
    }

    [Fact]
    public void Power_cut_at_any_byte_of_a_reading_cycle_costs_nothing_that_was_promised()
    {
        // The record has 520 bytes and a kept reading 156. These are the changes around the second reading.
        for (var change = 7; change <= 11; change++)
        {
            for (var bytes = -1; bytes <= 520; bytes += change <= 8 ? 1 : 3)
            {
                var day = new Day();
                day.Rig.Uplink.Verifies = false;
                day.Rig.Flash.CutPowerAt(change, bytes);

                day.Live(4);

                day.CheckPromises($"power cut at change {change}, {bytes} bytes written");
            }
        }
    }

    [Fact]
    public void Power_that_fails_again_and_again_costs_nothing_that_was_promised()
    {
        var random = new Random(7);
        for (var run = 0; run < 20; run++)
        {
            var day = new Day { CutEvery = () => (random.Next(2, 14), Tears[random.Next(Tears.Length)]) };

            day.Live(Intervals);

            day.Reboots.ShouldBeGreaterThan(10);
            day.CheckPromises($"run {run}");
        }
    }

    [Fact]
    public void Full_flash_keeps_the_device_quiet_and_loses_nothing()
    {
        var rig = new Rig();
        rig.PassMinutes(3);
        rig.Board.AddProductionPulses(10);
        rig.Flash.IsFull = true;
        rig.Now += TimeSpan.FromMinutes(5);
        Should.Throw<IOException>(rig.Step);
        Should.Throw<IOException>(rig.Step);
        Should.Throw<IOException>(() => rig.Lock(Guid.NewGuid(), 100));
        var said = (rig.Uplink.Readings.Count, rig.Uplink.States.Count);
        rig.Uplink.Reconnect();
        Should.Throw<IOException>(rig.Step);
        rig.Board.Device.OnConnected();
        (rig.Uplink.Readings.Count, rig.Uplink.States.Count).ShouldBe(said);

        rig.Flash.IsFull = false;
        rig.PassMinutes(5);

        rig.Uplink.Readings.Select(reading => reading.Sequence).ShouldBe([1, 3]);
        rig.Uplink.Readings[^1].ProductionWh.ShouldBe(10);
    }

    /// <summary>
    /// A day with locks that are delivered, topped up, released, refused and expired, and two hours without a gateway.
    /// </summary>
    private sealed class Day
    {
        private static readonly Guid[] Orders = [.. Enumerable.Range(1, 9).Select(i => new Guid(i, 0, 0, new byte[8]))];

        private readonly List<LockCommand> _unanswered = [];
        private int _interval;
        private int _last = int.MaxValue;

        internal Rig Rig { get; } = new(config => config.IntervalSeconds = 900) { Now = Rig.Start };

        internal int Reboots { get; private set; }

        /// <summary>The next cut, counted from the last one.</summary>
        internal Func<(int Changes, int Bytes)>? CutEvery { get; init; }

        /// <summary>Three hours later, with a gateway, everything must be well again.</summary>
        internal bool EndsSoonAfterACut { get; init; }

        internal void Live(int intervals)
        {
            CutNext();
            StepThroughCuts();
            for (var i = 0; i < intervals && i < _last; i++)
            {
                _interval = i;
                Rig.Board.AddProductionMilliwattHours(123_456);
                Rig.Board.AddConsumptionMilliwattHours(98_765);
                Rig.Uplink.IsConnected = i is < 20 or > 28;
                if (i == 29)
                {
                    Rig.Uplink.Reconnect();
                }

                Decide(i);
                Rig.Now += TimeSpan.FromMinutes(15);
                Rig.ElapsedMs += 900_000;
                StepThroughCuts();
                StepThroughCuts();
            }

            for (var i = 0; i < 3; i++)
            {
                StepThroughCuts();
            }
        }

        internal void CheckPromises(string moment)
        {
            var readings = Rig.Uplink.Readings.GroupBy(reading => reading.Sequence)
                .OrderBy(group => group.Key).ToList();
            readings.ShouldAllBe(
                group => group.All(reading => reading.Signature.SequenceEqual(group.First().Signature)), moment);
            foreach (var (before, after) in readings.Zip(readings.Skip(1), (a, b) => (a.First(), b.First())))
            {
                after.ProductionWh.ShouldBeGreaterThanOrEqualTo(before.ProductionWh, moment);
                after.ConsumptionWh.ShouldBeGreaterThanOrEqualTo(before.ConsumptionWh, moment);
                after.Timestamp.ShouldBeGreaterThan(before.Timestamp, moment);
            }

            // A reading may remain unmade when power fails while it is made; one that was made gets through.
            (readings[^1].Key - readings.Count).ShouldBeLessThanOrEqualTo(Reboots, moment);
            Rig.Device.UnacknowledgedReadings.ShouldBe(0, moment);
            Rig.Device.DroppedReadings.ShouldBe(0, moment);

            var states = Rig.Uplink.States.GroupBy(state => state.Sequence).OrderBy(group => group.Key).ToList();
            states.ShouldAllBe(
                group => group.All(state => state.Signature.SequenceEqual(group.First().Signature)), moment);
            CheckNoLockOpensByItself([.. states.Select(group => group.First())], moment);
        }

        private static void CheckNoLockOpensByItself(List<DeviceState> states, string moment)
        {
            foreach (var (before, after) in states.Zip(states.Skip(1)))
            {
                var opens = before.State != LockState.Idle && after.State == LockState.Idle;
                var isExplained = after.Cause is StateCause.Expired or StateCause.Released
                    || (after.Cause == StateCause.Delivered && after.DeliveredWh == after.EnergyWh)
                    // Something before it was said to nobody: power or the gateway were away.
                    || after.Sequence > before.Sequence + 1;
                (opens && !isExplained).ShouldBeFalse(moment);
            }
        }

        private void Decide(int interval)
        {
            var command = interval switch
            {
                2 => Rig.Command(CommandKind.Lock, Orders[0], 300),
                10 => Rig.Command(CommandKind.Lock, Orders[1], 1000, expiresIn: TimeSpan.FromHours(9)),
                12 => Rig.Command(CommandKind.Lock, Orders[2], 10),
                14 => Rig.Command(CommandKind.Lock, Orders[1], 3000, expiresIn: TimeSpan.FromHours(9)),
                45 => Rig.Command(CommandKind.Lock, Orders[3], 5000, expiresIn: TimeSpan.FromHours(9)),
                50 => Rig.Command(CommandKind.Release, Orders[3], 0),
                60 => Rig.Command(CommandKind.Lock, Orders[4], 7000, expiresIn: TimeSpan.FromHours(2)),
                _ => null,
            };
            if (command is not null)
            {
                _unanswered.Add(command);
            }

            // As the cloud does: the same bytes again until there is an answer.
            _unanswered.RemoveAll(sent => Rig.Uplink.States.Exists(state => state.Counter >= sent.Counter));
            if (Rig.Uplink.IsConnected)
            {
                _unanswered.ForEach(Rig.Uplink.Send);
            }
        }

        private void StepThroughCuts()
        {
            while (true)
            {
                try
                {
                    Rig.Step();
                    return;
                }
                catch (PowerCutException)
                {
                    BootThroughCuts();
                }
            }
        }

        private void BootThroughCuts()
        {
            _last = EndsSoonAfterACut ? Math.Max(_interval, 29) + 12 : int.MaxValue;
            while (true)
            {
                try
                {
                    Reboots++;
                    var last = Rig.Uplink.States.LastOrDefault();
                    var highest = Rig.Uplink.Readings.MaxBy(reading => reading.Sequence);
                    Rig.Uplink.Clear();
                    Rig.Flash.PowerOn();
                    CutNext();
                    Rig.Board.Reboot();
                    CheckBoot(last, highest);
                    return;
                }
                catch (PowerCutException)
                {
                    // Power failed while booting.
                }
            }
        }

        private void CheckBoot(DeviceState? last, Protocol.Readings.SignedReading? highest)
        {
            Rig.Board.IsRelayLocked.ShouldBe(Rig.Device.LockState != StateBytes.StateIdle);
            if (highest is not null)
            {
                Rig.Device.ReadingSequence.ShouldBeGreaterThanOrEqualTo(highest.Sequence);
                Rig.Device.ProductionWh.ShouldBeGreaterThanOrEqualTo(highest.ProductionWh);
                Rig.Device.ConsumptionWh.ShouldBeGreaterThanOrEqualTo(highest.ConsumptionWh);
            }

            if (last is not null)
            {
                Rig.Device.StateSequence.ShouldBeGreaterThanOrEqualTo(last.Sequence);
                if (Rig.Device.StateSequence == last.Sequence)
                {
                    Rig.Device.LockState.ShouldBe((int)last.State);
                }
            }
        }

        private void CutNext()
        {
            if (CutEvery?.Invoke() is { } cut)
            {
                Rig.Flash.CutPowerAt(Rig.Flash.Changes + cut.Changes, cut.Bytes);
            }
        }
    }
}
