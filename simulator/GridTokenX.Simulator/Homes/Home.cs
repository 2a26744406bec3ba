using GridTokenX.Firmware;
using GridTokenX.Firmware.Board;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Keys;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Reporting;
using GridTokenX.Simulator.Trading;
using GridTokenX.Solana;

namespace GridTokenX.Simulator.Homes;

/// <summary>How the homes reach their gateway, and the clock of what they wait on.</summary>
internal sealed record HomeNetwork(
    string BrokerHost, int BrokerPort, TimeProvider Clock, Action<string, Exception?> Report);

/// <summary>
/// A home that lives: a wallet, and a meter with the real firmware core on a simulated board. Everything is called from
/// one thread at a time.
/// </summary>
internal sealed class Home : IAsyncDisposable
{
    /// <summary>
    /// The device's uptime runs this much faster than the wall clock, so that what it repeats it repeats soon.
    /// </summary>
    private const int UptimeSpeed = 10;

    /// <summary>What the device never gives away.</summary>
    private const int ReservePermille = 200;

    private readonly HomeNetwork _network;
    private readonly byte[] _deviceSeed;
    private readonly EnergyCounter _production = new();
    private readonly EnergyCounter _consumption = new();
    private SimulatedBoard? _board;
    private MosquittoConnection? _connection;
    private BoardUplink? _uplink;
    private long _bootedAt;
    private long _batteryWh;

    public Home(HomePlan plan, long seed, HomeNetwork network)
    {
        Plan = plan;
        _network = network;
        _batteryWh = plan.BatteryChargeWh;
        var walletSeed = SeededRandom.For(seed, "wallet", plan.Number).Bytes(Ed25519.SeedLength);
        _deviceSeed = SeededRandom.For(seed, "device", plan.Number).Bytes(Ed25519.SeedLength);
        AccessKey = SigningKey.FromSeed(walletSeed);
        if (!plan.IsManaged)
        {
            ChainWallet = Keypair.FromSeed(walletSeed);
            Wallet = AccessKey.PublicKey;
        }

        DeviceKey = SigningKey.FromSeed(_deviceSeed);
        Agent = new TradingAgent(seed, plan.Number, plan.IsProsumer);
    }

    public HomePlan Plan { get; }

    /// <summary>Signs the home's requests.</summary>
    public SigningKey AccessKey { get; }

    /// <summary>Signs the home's transactions with the same key; null when the server does that.</summary>
    public Keypair? ChainWallet { get; }

    /// <summary>Its address on chain; of a managed home as the server has said.</summary>
    public Key32 Wallet { get; set; }

    /// <summary>Lamports in the wallet when it began to trade; 0 when the platform pays.</summary>
    public ulong LamportsAtFirst { get; set; }

    public SigningKey DeviceKey { get; }

    public TradingAgent Agent { get; }

    /// <summary>The last order it placed and has not withdrawn.</summary>
    public Guid? LastOrder { get; set; }

    public long LastProducedWh { get; private set; }

    public long LastConsumedWh { get; private set; }

    /// <summary>The highest net generation at a mint point so far.</summary>
    public long MintedWh { get; private set; }

    /// <summary>What the battery can give to others: what is above the reserve that the device keeps.</summary>
    public long DeliverableWh => Math.Max(
        0, (StateOfChargePermille - ReservePermille) * Plan.BatteryCapacityWh / 1_000);

    public bool IsOnline => _uplink is { IsConnected: true };

    public long ReadingsProduced => Board.Device.ReadingSequence;

    public int UnacknowledgedReadings => Board.Device.UnacknowledgedReadings;

    public long StateSequence => Board.Device.StateSequence;

    public HomeBooks Books => new(
        Plan, ReadingsProduced, Board.Device.ProductionWh, Board.Device.ConsumptionWh, MintedWh);

    private SimulatedBoard Board => _board ?? throw new InvalidOperationException("The meter is not installed yet.");

    private int StateOfChargePermille =>
        Plan.BatteryCapacityWh == 0 ? 0 : (int)(_batteryWh * 1_000 / Plan.BatteryCapacityWh);

    /// <summary>The installer sets the command key and switches the meter on.</summary>
    public void Install(byte[] commandKey)
    {
        var id = DeviceKey.PublicKey.ToString();
        _connection = new MosquittoConnection(
            BoardUplink.Options(_network.BrokerHost, _network.BrokerPort, id), _network.Report);
        _uplink = new BoardUplink(_connection, id);
        _board = new SimulatedBoard(Config(commandKey), _deviceSeed, new SimulatedFlash(), _uplink)
        {
            StateOfChargePermille = StateOfChargePermille,
        };
        _bootedAt = _network.Clock.GetTimestamp();
        _connection.Start();
    }

    /// <summary>A quarter hour of life, counted from 0; nothing happens after the last one of the profiles.</summary>
    public void Live(int quarter, int lastQuarter)
    {
        var lives = quarter <= lastQuarter;
        LastProducedWh = lives && Plan.Pv is not null ? _production.Add(Plan.Pv.MicrowattSeconds(quarter)) : 0;
        LastConsumedWh = lives ? _consumption.Add(Plan.Load.MicrowattSeconds(quarter)) : 0;
        _batteryWh = Math.Clamp(_batteryWh + LastProducedWh - LastConsumedWh, 0, Plan.BatteryCapacityWh);
        Board.AddProductionPulses(LastProducedWh);
        Board.AddConsumptionPulses(LastConsumedWh);
        Board.StateOfChargePermille = StateOfChargePermille;
    }

    /// <summary>The device does what is due at this market time.</summary>
    public void Step(DateTimeOffset now)
    {
        var uptime = _network.Clock.GetElapsedTime(_bootedAt);
        Board.Step(now, (long)(uptime * UptimeSpeed).TotalMilliseconds);
    }

    /// <summary>Everything measured so far is about to be minted, as far as it is more than ever before.</summary>
    public void TakeMintPoint() =>
        MintedWh = Math.Max(MintedWh, Board.Device.ProductionWh - Board.Device.ConsumptionWh);

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        _uplink?.Dispose();
        AccessKey.Dispose();
        ChainWallet?.Dispose();
        DeviceKey.Dispose();
    }

    /// <summary>A pulse is a watt-hour, and a reading is due every quarter hour.</summary>
    private DeviceConfig Config(byte[] commandKey) => new()
    {
        CommandKey = commandKey,
        ImpulsesPerKwh = 1_000,
        IntervalSeconds = Quarter.Seconds,
        BatteryCapacityWh = (int)Plan.BatteryCapacityWh,
        BatteryReservePermille = ReservePermille,
    };
}

/// <summary>All homes of a run, to be ended together.</summary>
internal sealed class LiveHomes : IAsyncDisposable
{
    public LiveHomes(Neighbourhood neighbourhood, long seed, HomeNetwork network) =>
        All = [.. neighbourhood.Homes.Select(plan => new Home(plan, seed, network))];

    public IReadOnlyList<Home> All { get; }

    public async ValueTask DisposeAsync()
    {
        foreach (var home in All)
        {
            await home.DisposeAsync();
        }
    }
}
