using GridTokenX.Community.Devices;

namespace GridTokenX.Community.MarketMode;

/// <summary>
/// Counts what would be minted on chain: a meter's net generation beyond the most that it ever had, each quarter hour
/// in which its readings are taken.
/// </summary>
internal sealed class Mints(int homes)
{
    private const int MetersPerTransaction = 9;

    private readonly long[] _net = new long[homes];
    private readonly long[] _minted = new long[homes];

    public long Count { get; private set; }

    public long Transactions { get; private set; }

    public void Add(HomeFlows[] flows, FaultPlan faults)
    {
        var meters = 0;
        for (var home = 0; home < homes; home++)
        {
            _net[home] += flows[home].Generation - flows[home].Consumption;
            if (faults[home] == MeterState.Honest && _net[home] > _minted[home])
            {
                _minted[home] = _net[home];
                meters++;
            }
        }

        Count += meters;
        Transactions += (meters + MetersPerTransaction - 1) / MetersPerTransaction;
    }
}
