using GridTokenX.Community.Scenarios;

namespace GridTokenX.Simulator.Faults;

/// <summary>What the faults of a scenario mean to real parts.</summary>
internal static class StackFaults
{
    /// <summary>
    /// Orders expire at the end of the epoch after the one they were placed in, and locks a quarter hour later: nothing
    /// may be under way for a meter that falls silent.
    /// </summary>
    private const int QuartersOfAnOrder = 4;

    /// <summary>Nothing of the meter comes through that would be taken.</summary>
    public static bool IsSilent(this Fault fault) =>
        fault.Kind is FaultKind.OfflineMeter or FaultKind.CheatingMeter or FaultKind.GatewayDown;

    public static bool IsAt(this Fault fault, int quarter) => quarter >= fault.FromEpoch && quarter < fault.ToEpoch;

    /// <summary>
    /// Who is not metered as he should be does not trade. A network that loses messages keeps nobody from it: they are
    /// repeated.
    /// </summary>
    public static bool KeepsFromTrading(this Fault fault) => fault.Kind != FaultKind.LossyNetwork;

    /// <summary>Also shortly before and after.</summary>
    /// <param name="fault">Of the home.</param>
    /// <param name="quarter">Played so far.</param>
    public static bool KeepsFromTrading(this Fault fault, int quarter) =>
        fault.KeepsFromTrading()
        && quarter > fault.FromEpoch - QuartersOfAnOrder
        && quarter < fault.ToEpoch + QuartersOfAnOrder;
}
