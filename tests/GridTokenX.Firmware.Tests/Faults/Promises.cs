using GridTokenX.Firmware.Board;
using GridTokenX.Firmware.Readings;
using GridTokenX.Firmware.Tests.Board;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Tests.Faults;

/// <summary>
/// What the outside was told, and what was kept for it: whatever happens to a device afterwards, no register is lower,
/// no sequence is used again, no kept reading within the ring is lost, and no lock opens by itself.
/// </summary>
internal sealed class Promises
{
    private readonly List<SignedReading> _readings = [];
    private readonly List<DeviceState> _states = [];
    private readonly SortedSet<long> _kept = [];
    private readonly Bench? _now;

    internal Promises(Bench bench)
    {
        _now = bench;
        Device = bench.Device.Id;
        bench.Board.Hardware.Flash.Changing += Note;
    }

    private Promises(Promises before, Bench? bench)
    {
        _readings.AddRange(before.Readings);
        _states.AddRange(before.States);
        _kept.UnionWith(before._kept);
        _now = bench;
        Device = before.Device;
        if (bench is not null)
        {
            bench.Board.Hardware.Flash.Changing += Note;
        }
    }

    /// <summary>Whose they are.</summary>
    internal string Device { get; }

    private Bench Now => _now ?? throw new InvalidOperationException("No board keeps these promises.");

    private IEnumerable<SignedReading> Readings => _readings.Concat(_now?.Gateway.Readings ?? []);

    private IEnumerable<DeviceState> States => _states.Concat(_now?.Gateway.States ?? []);

    private SimulatedFlash Flash => Now.Board.Hardware.Flash;

    private bool IsFull =>
        Flash.Names.Count(name => name.StartsWith("reading.", StringComparison.Ordinal)) == ReadingRing.Capacity;

    /// <summary>Whether the last that was told of the lock says that it is held.</summary>
    internal bool IsLockTold => States.MaxBy(state => state.Sequence) is { State: not LockState.Idle };

    /// <summary>The promises of a board as they are now; what it does later adds nothing to them.</summary>
    internal Promises Freeze() => new(this, null);

    /// <summary>Another board has to keep these promises: it boots from what is left of this one's flash.</summary>
    internal Promises PassedTo(Bench bench) => new(this, bench);

    /// <summary>Right after a boot, before anything is measured or heard.</summary>
    /// <param name="moment">What happened.</param>
    /// <param name="mayHaveEnded">The lock's end may have been saved, and told to nobody.</param>
    internal void CheckBoot(string moment, bool mayHaveEnded = false)
    {
        if (IsLockTold && !mayHaveEnded)
        {
            Now.Board.IsRelayLocked.ShouldBeTrue(moment);
        }

        CheckRegisters(moment);
    }

    /// <summary>At the end: the gateway has been there for some intervals, and nothing is kept any more.</summary>
    /// <param name="moment">What happened.</param>
    /// <param name="isLocked">Whether the lock must be held now; null when it may have ended by what was done.</param>
    internal void Check(string moment, bool? isLocked = null)
    {
        var readings = Ordered(Readings, reading => reading.Sequence, reading => reading.Signature, moment);
        foreach (var (before, after) in readings.Zip(readings.Skip(1)))
        {
            after.ProductionWh.ShouldBeGreaterThanOrEqualTo(before.ProductionWh, moment);
            after.ConsumptionWh.ShouldBeGreaterThanOrEqualTo(before.ConsumptionWh, moment);
            after.Sequence.ShouldBeGreaterThan(before.Sequence, moment);
        }

        CheckRegisters(moment);
        _kept.Except(readings.Select(reading => reading.Sequence)).ShouldBeEmpty(moment);
        Now.Device.UnacknowledgedReadings.ShouldBe(0, moment);
        var states = Ordered(States, state => state.Sequence, state => state.Signature, moment);
        CheckLock(states, isLocked, moment);
    }

    private void CheckLock(List<DeviceState> states, bool? isLocked, string moment)
    {
        Now.Board.IsRelayLocked.ShouldBe(Now.Device.LockState != StateBytes.StateIdle, moment);
        if (isLocked is { } wanted)
        {
            Now.Board.IsRelayLocked.ShouldBe(wanted, moment);
        }

        foreach (var (before, after) in states.Zip(states.Skip(1)))
        {
            var opens = before.State != LockState.Idle && after.State == LockState.Idle;
            var isExplained = after.Cause is StateCause.Expired or StateCause.Released
                || (after.Cause == StateCause.Delivered && after.DeliveredWh == after.EnergyWh);
            (opens && !isExplained).ShouldBeFalse(moment);
        }
    }

    private void CheckRegisters(string moment)
    {
        if (Readings.MaxBy(reading => reading.Sequence) is { } highest)
        {
            Now.Device.ReadingSequence.ShouldBeGreaterThanOrEqualTo(highest.Sequence, moment);
            Now.Device.ProductionWh.ShouldBeGreaterThanOrEqualTo(highest.ProductionWh, moment);
            Now.Device.ConsumptionWh.ShouldBeGreaterThanOrEqualTo(highest.ConsumptionWh, moment);
        }

        if (States.MaxBy(state => state.Sequence) is { } newest)
        {
            Now.Device.StateSequence.ShouldBeGreaterThanOrEqualTo(newest.Sequence, moment);
        }
    }

    /// <summary>One of each sequence, in order; all of one sequence are the very same.</summary>
    private static List<T> Ordered<T>(
        IEnumerable<T> said, Func<T, long> sequence, Func<T, byte[]> signature, string moment)
    {
        var groups = said.GroupBy(sequence).OrderBy(group => group.Key).ToList();
        groups.TrueForAll(group => group.All(one => signature(one).AsSpan().SequenceEqual(signature(group.First()))))
            .ShouldBeTrue(moment);
        return [.. groups.Select(group => group.First())];
    }

    /// <summary>
    /// A reading is kept once the first of its two files is whole. In a full ring the oldest gives way to the next.
    /// </summary>
    private void Note(string name, byte[]? bytes)
    {
        if (bytes is null)
        {
            return;
        }

        if (name.StartsWith("copy.", StringComparison.Ordinal))
        {
            _kept.Add(ReadingBytes.Sequence(bytes));
        }
        else if (name.StartsWith("reading.", StringComparison.Ordinal) && IsFull && Flash.Has(name))
        {
            _kept.Remove(ReadingBytes.Sequence(Flash.ReadAll(name)!));
        }
    }
}
