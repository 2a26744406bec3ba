using GridTokenX.Community.Scenarios;
using GridTokenX.Firmware.Board;

namespace GridTokenX.Simulator.Faults;

/// <summary>Lets the faults of one meter begin and end, and counts what they cost it.</summary>
internal sealed class MeterFaults(IReadOnlyList<Fault> faults, FaultyNetwork network)
{
    private TimeSpan _clockError;
    private long? _settledAtFirst;

    /// <summary>What the meter signs does not come to the cloud core's books for now.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>
    /// Readings that have given way to younger ones while nobody acknowledged any: their energy is in the registers of
    /// those.
    /// </summary>
    public long GivenWay { get; private set; }

    /// <summary>What is at this quarter hour, and was not before.</summary>
    public void Begin(int quarter, SimulatedBoard board)
    {
        var present = faults.Where(fault => fault.IsAt(quarter)).ToList();
        CountGivenWay(present.Exists(StackFaults.IsSilent), board);
        IsCutOff = present.Exists(StackFaults.CutsOff);
        board.Hardware.Wifi.IsInRange = !present.Exists(static fault => fault.Kind == FaultKind.OfflineMeter);
        var error = TimeSpan.FromSeconds(present
            .Where(static fault => fault.Kind == FaultKind.ClockError)
            .Sum(static fault => fault.Seconds));
        board.Hardware.JumpClock(error - _clockError);
        _clockError = error;
        network.Become(Wire.Of(present));
    }

    private void CountGivenWay(bool isSilent, SimulatedBoard board)
    {
        if (board.Device is not { } device || isSilent == _settledAtFirst is not null)
        {
            return;
        }

        var settled = device.ReadingSequence - device.UnacknowledgedReadings;
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
