using GridTokenX.Community.Scenarios;
using GridTokenX.Firmware;
using GridTokenX.Firmware.Board;

namespace GridTokenX.Simulator.Faults;

/// <summary>Lets the faults of one meter begin and end, and counts what they cost it.</summary>
internal sealed class MeterFaults(IReadOnlyList<Fault> faults, FaultyNetwork network)
{
    private long? _settledAtFirst;

    /// <summary>Nothing of what the meter signs comes through, or none of it is taken.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>How far the meter's clock is ahead of the time.</summary>
    public TimeSpan ClockError { get; private set; }

    /// <summary>
    /// Readings that have given way to younger ones while nobody acknowledged any: their energy is in the registers of
    /// those.
    /// </summary>
    public long GivenWay { get; private set; }

    /// <summary>
    /// Readings that the gateway has acknowledged: of a silent meter as many as before, whatever gives way meanwhile.
    /// </summary>
    public long Settled(Device device) =>
        (_settledAtFirst ?? Acknowledged(device)) - GivenWay;

    /// <summary>Of a meter whose readings all come through.</summary>
    public static long Acknowledged(Device device) => device.ReadingSequence - device.UnacknowledgedReadings;

    /// <summary>What is at this quarter hour, and was not before.</summary>
    public void Begin(int quarter, SimulatedBoard board)
    {
        var present = faults.Where(fault => fault.IsAt(quarter)).ToList();
        IsCutOff = present.Exists(StackFaults.IsSilent);
        CountGivenWay(board);
        board.Hardware.Wifi.IsInRange = !present.Exists(static fault => fault.Kind == FaultKind.OfflineMeter);
        var error = TimeSpan.FromSeconds(present
            .Where(static fault => fault.Kind == FaultKind.ClockError)
            .Sum(static fault => fault.Seconds));
        board.Hardware.JumpClock(error - ClockError);
        ClockError = error;
        network.Become(Wire.Of(present));
    }

    private void CountGivenWay(SimulatedBoard board)
    {
        if (board.Device is not { } device || IsCutOff == _settledAtFirst is not null)
        {
            return;
        }

        var settled = Acknowledged(device);
        if (_settledAtFirst is { } before)
        {
            GivenWay += settled - before;
            _settledAtFirst = null;
        }
        else
        {
            _settledAtFirst = settled;
        }
    }
}
