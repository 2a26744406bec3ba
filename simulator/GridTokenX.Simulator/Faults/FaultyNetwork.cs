using GridTokenX.Community.Scenarios;
using GridTokenX.Firmware.Board;
using GridTokenX.Mqtt;

namespace GridTokenX.Simulator.Faults;

/// <summary>What the way between a meter and its gateway does to messages; the shares go from 0 to 1.</summary>
/// <param name="IsDown">Nobody answers there.</param>
/// <param name="Cheat">Who stands between alters the readings so.</param>
/// <param name="Factor">What the cheat makes of the registers.</param>
internal sealed record Wire(bool IsDown, double Drop, double Duplicate, double Delay, CheatKind Cheat, double Factor)
{
    public static readonly Wire Sound = new(false, 0, 0, 0, CheatKind.None, 1);

    public static Wire Of(IReadOnlyList<Fault> faults)
    {
        var lossy = faults.Where(static fault => fault.Kind == FaultKind.LossyNetwork).ToList();
        var cheat = faults.FirstOrDefault(static fault => fault.Kind == FaultKind.CheatingMeter);
        return new Wire(
            faults.Any(static fault => fault.Kind is FaultKind.OfflineMeter or FaultKind.GatewayDown),
            lossy.Select(static fault => fault.Drop).DefaultIfEmpty(0).Max(),
            lossy.Select(static fault => fault.Duplicate).DefaultIfEmpty(0).Max(),
            lossy.Select(static fault => fault.Delay).DefaultIfEmpty(0).Max(),
            cheat?.Cheat ?? CheatKind.None,
            cheat?.Factor ?? 1);
    }
}

/// <summary>The way of one meter to its gateway's broker, as sound as it is told to be.</summary>
internal sealed class FaultyNetwork : SimulatedNetwork
{
    private const long Whole = 1_000_000;

    /// <summary>The client blocks while it waits, and here nobody will come.</summary>
    private static readonly TimeSpan Hopeless = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();
    private readonly HashSet<FaultyConnection> _connections = [];
    private readonly SeededRandom _chance;
    private readonly TimeSpan _patience;
    private volatile Wire _wire = Wire.Sound;

    public FaultyNetwork(
        SeededRandom chance, Forgery forgery, Action<string, Exception?> report, MqttLoop? loop = null)
        : base(report, loop)
    {
        _chance = chance;
        _patience = ConnectTimeout;
        Forgery = forgery;
        Report = report;
    }

    public Wire Wire => _wire;

    public Forgery Forgery { get; }

    /// <summary>Nothing is under way: what the meter still waits for got lost.</summary>
    public bool IsQuiet => Connections().TrueForAll(static connection => connection.IsQuiet);

    internal Action<string, Exception?> Report { get; }

    public void Become(Wire wire)
    {
        _wire = wire;
        ConnectTimeout = wire.IsDown ? Hopeless : _patience;
        foreach (var connection in wire.IsDown ? Connections() : [])
        {
            connection.Break();
        }
    }

    /// <summary>What was held back comes now.</summary>
    public void BringLate()
    {
        foreach (var connection in Connections())
        {
            connection.BringLate();
        }
    }

    /// <summary>Whether it happens this time to one of a share.</summary>
    internal bool Happens(double share)
    {
        if (share <= 0)
        {
            return false;
        }

        lock (_lock)
        {
            return _chance.Between(1, Whole) <= share * Whole;
        }
    }

    protected override IMqttConnection Open(MqttOptions options)
    {
        if (_wire.IsDown)
        {
            return new NoConnection();
        }

        var connection = new FaultyConnection(base.Open(options), this);
        lock (_lock)
        {
            _ = _connections.Add(connection);
        }

        return connection;
    }

    protected override void Leave(IMqttConnection connection)
    {
        if (connection is not FaultyConnection faulty)
        {
            base.Leave(connection);
            return;
        }

        lock (_lock)
        {
            _ = _connections.Remove(faulty);
        }

        base.Leave(faulty.Inner);
    }

    private List<FaultyConnection> Connections()
    {
        lock (_lock)
        {
            return [.. _connections];
        }
    }
}
