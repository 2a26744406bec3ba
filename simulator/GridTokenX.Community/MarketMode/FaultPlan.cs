using GridTokenX.Community.Numerics;
using GridTokenX.Community.Scenarios;

namespace GridTokenX.Community.MarketMode;

internal enum MeterState
{
    None = 0,
    Honest,

    /// <summary>Sends nothing; its registers go on counting, and the utility bills them later.</summary>
    Offline,

    /// <summary>Reports energy it has not: its readings are refused, and what it exports is not paid.</summary>
    Refused,
}

/// <summary>Which meters are not as they should be in an epoch.</summary>
internal sealed class FaultPlan
{
    private readonly List<(Fault Fault, int[] Homes)> _faults = [];
    private readonly MeterState[] _states;

    public FaultPlan(Scenario scenario, IReadOnlyList<Participant> participants)
    {
        _states = new MeterState[participants.Count];
        Array.Fill(_states, MeterState.Honest);
        for (var number = 0; number < scenario.Faults.Count; number++)
        {
            var fault = scenario.Faults[number];
            if (fault.IsOfMarketMode)
            {
                _faults.Add((fault, HomesOf(scenario, participants, number)));
            }
        }
    }

    public MeterState this[int home] => _states[home];

    /// <summary>Homes of the fault with this place among those that market mode applies.</summary>
    public IReadOnlyList<(Fault Fault, int[] Homes)> Applied => _faults;

    public void MoveTo(long epoch)
    {
        foreach (var (fault, homes) in _faults)
        {
            if (epoch != fault.FromEpoch && epoch != fault.ToEpoch)
            {
                continue;
            }

            foreach (var home in homes)
            {
                _states[home] = StateAt(home, epoch);
            }
        }
    }

    /// <summary>Of several faults at a time the worst.</summary>
    private MeterState StateAt(int home, long epoch) => _faults
        .Where(fault => epoch >= fault.Fault.FromEpoch && epoch < fault.Fault.ToEpoch
            && Array.IndexOf(fault.Homes, home) >= 0)
        .Select(static fault =>
            fault.Fault.Kind == FaultKind.CheatingMeter ? MeterState.Refused : MeterState.Offline)
        .DefaultIfEmpty(MeterState.Honest)
        .Max();

    /// <summary>The homes of the fault with this place in the scenario: the same in every mode.</summary>
    public static int[] HomesOf(Scenario scenario, IReadOnlyList<Participant> participants, int number)
    {
        var fault = scenario.Faults[number];
        var draws = Draws.For(scenario.Seed, "fault", number);
        return
        [
            .. Enumerable.Range(0, participants.Count)
                .Where(home => fault.Group < 0 || participants[home].Group == fault.Group)
                .OrderBy(home => draws.Bits(0, home))
                .ThenBy(static home => home)
                .Take(fault.Homes)
                .Order(),
        ];
    }
}
