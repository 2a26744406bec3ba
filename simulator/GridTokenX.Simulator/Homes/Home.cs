using GridTokenX.Firmware.Board;
using GridTokenX.Firmware.Metering;
using GridTokenX.Protocol.Keys;
using GridTokenX.Simulator.Faults;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Reporting;
using GridTokenX.Simulator.Trading;
using GridTokenX.Solana;

namespace GridTokenX.Simulator.Homes;

/// <summary>
/// A home that lives: a wallet, and a meter, which is the real firmware on a simulated board. Everything is called from
/// one thread at a time.
/// </summary>
internal sealed class Home : IAsyncDisposable
{
    /// <summary>What the device never gives away.</summary>
    private const int ReservePermille = 200;

    private const int BatteryMillivolts = 51_200;
    private const int CellMillivolts = 3_200;
    private const int ShuntMicroohm = 100;
    private const int MinutesOfAQuarter = 15;

    /// <summary>Wh a minute: what the shunt can show of 51.2 V, with room to spare.</summary>
    private const int WattHoursAMinute = 300;

    /// <summary>Readings of a meter with faults that may be on their way when it makes the next one.</summary>
    private const int UnderWayWithFaults = 4;

    /// <summary>Of the device's uptime: half of what passes before it repeats anything.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Of the uptime of a meter that waits in vain: its patience, which doubles each time that nobody answers.
    /// </summary>
    private static readonly TimeSpan FirstLeap = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestLeap = TimeSpan.FromMinutes(5);

    /// <summary>Of somebody who is about to press the button.</summary>
    private static readonly TimeSpan LookAtTheMeter = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Press = TimeSpan.FromMilliseconds(300);

    /// <summary>Of the wall clock, between two steps of a meter that waits in vain.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(1);

    private readonly HomeNetwork _network;
    private readonly SeededRandom _deviceRandom;
    private readonly SimulatedNetwork _air;
    private readonly FaultyNetwork? _faultyAir;
    private readonly MeterFaults? _faults;
    private readonly EnergyCounter _production = new();
    private readonly EnergyCounter _consumption = new();
    private SimulatedBoard? _board;
    private SimulatedIna226? _gauge;
    private DeviceUptime? _uptime;
    private long _steppedAt;
    private TimeSpan _leap = FirstLeap;
    private DateTimeOffset _now;
    private long _batteryWh;
    private long _signed;
    private long _signedEnd;
    private long _signedNetWh;

    public Home(HomePlan plan, long seed, HomeNetwork network)
    {
        Plan = plan;
        _network = network;
        _batteryWh = plan.BatteryChargeWh;
        var walletSeed = SeededRandom.For(seed, "wallet", plan.Number).Bytes(Ed25519.SeedLength);
        _deviceRandom = SeededRandom.For(seed, "device", plan.Number);
        if (plan is { Faults.Count: > 0, PlaysFaults: true })
        {
            var key = SigningKey.FromSeed(SeededRandom.For(seed, "forger", plan.Number).Bytes(Ed25519.SeedLength));
            _faultyAir = new FaultyNetwork(
                SeededRandom.For(seed, "wire", plan.Number), new Forgery(key), network.Report, network.Loop)
            {
                LocalBroker = network.LocalBroker,
            };
            _faults = new MeterFaults(plan.Faults, _faultyAir);
        }

        _air = _faultyAir
            ?? new SimulatedNetwork(network.Report, network.Loop) { LocalBroker = network.LocalBroker };
        AccessKey = SigningKey.FromSeed(walletSeed);
        if (!plan.IsManaged)
        {
            ChainWallet = Keypair.FromSeed(walletSeed);
            Wallet = AccessKey.PublicKey;
        }

        Agent = plan.Agent ?? new TradingAgent(seed, plan.Number, plan.IsProsumer);
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

    /// <summary>The device's public key, which it made when it was switched on.</summary>
    public Key32 DeviceKey => new(Device.PublicKey);

    public IHomeAgent Agent { get; }

    /// <summary>The last order it placed and has not withdrawn.</summary>
    public Guid? LastOrder { get; set; }

    /// <summary>Since <see cref="BeginSession"/>.</summary>
    public long LastProducedWh { get; private set; }

    /// <summary>Since <see cref="BeginSession"/>.</summary>
    public long LastConsumedWh { get; private set; }

    /// <summary>The highest net generation at a mint point so far.</summary>
    public long MintedWh { get; private set; }

    /// <summary>
    /// What the battery can give to others: what is above the reserve that the device keeps, by its own gauge.
    /// </summary>
    public long DeliverableWh => Math.Max(
        0, (Board.StateOfChargePermille - ReservePermille) * Plan.BatteryCapacityWh / 1_000);

    /// <summary>It has been switched on.</summary>
    public bool IsOn => _board is not null;

    public bool IsOnline => _board is { IsOnline: true };

    public bool IsPaired => Board.IsPaired;

    /// <summary>What the device shows to be compared; null before.</summary>
    public string? PairingCode => Board.PairingCode;

    public long ReadingsProduced => Device.ReadingSequence;

    public int UnacknowledgedReadings => Device.UnacknowledgedReadings;

    public long StateSequence => Device.StateSequence;

    /// <summary>Nothing of what it signs now comes into the cloud core's books.</summary>
    public bool IsCutOff => _faults is { IsCutOff: true };

    /// <summary>
    /// Its last reading has arrived. One with faults does not wait for each: what it has lost it repeats with the next.
    /// </summary>
    public bool MayGoOn => IsCutOff || UnacknowledgedReadings < (_faults is null ? 1 : UnderWayWithFaults);

    /// <summary>Something has arrived, or it is time to repeat what nobody has answered.</summary>
    public bool HasNews
    {
        get
        {
            var waited = _network.Clock.GetElapsedTime(_steppedAt);
            return Board.HasMessages || waited * DeviceUptime.Speed > Patience || (waited > Breath && WaitsInVain);
        }
    }

    /// <summary>Readings that the gateway has acknowledged.</summary>
    public long ReadingsSettled => _faults?.Settled(Device) ?? MeterFaults.Acknowledged(Device);

    public long ReadingsGivenWay => _faults?.GivenWay ?? 0;

    public HomeBooks Books => new(Plan, ReadingsProduced, Device.ProductionWh, Device.ConsumptionWh, MintedWh)
    {
        ReadingsGivenWay = ReadingsGivenWay,
    };

    private DeviceUptime Uptime => _uptime ?? throw new InvalidOperationException("The meter is not switched on yet.");

    private SimulatedBoard Board => _board ?? throw new InvalidOperationException("The meter is not switched on yet.");

    /// <summary>
    /// What it waits for got lost on the way, or it pauses before it connects again: nothing happens until its own
    /// patience is over.
    /// </summary>
    private bool WaitsInVain => _faultyAir is { IsQuiet: true }
        && !IsCutOff && !Board.HasMessages && (!IsOnline || UnacknowledgedReadings > 0);

    private Firmware.Device Device =>
        Board.Device ?? throw new InvalidOperationException(string.Join('\n', Board.Hardware.Serial));

    /// <summary>The meter is switched on for the first time, and makes its key.</summary>
    public void SwitchOn(DateTimeOffset now)
    {
        _now = now;
        _uptime = new DeviceUptime(_network.Clock, now);
        _board = SimulatedBoard.Start(
            Settings(),
            now,
            network: _air,
            entropy: buffer => _deviceRandom.Bytes(buffer.Length).CopyTo(buffer, 0));
        if (Plan.BatteryCapacityWh > 0)
        {
            _gauge = _board.AttachGauge(ShuntMicroohm);
            ShowBatteryVoltage();
        }
    }

    /// <summary>Somebody at the meter presses its button, having looked at it for a while.</summary>
    public void PressButton()
    {
        Uptime.Skip(LookAtTheMeter);
        Step(_now);
        Board.PressButton(Press);
        Uptime.Skip(Press);
    }

    /// <summary>In whose name the home's meter speaks when that is how it cheats.</summary>
    public void ChooseVictim(Home neighbour)
    {
        if (_faultyAir is not null)
        {
            _faultyAir.Forgery.Neighbour = () => neighbour.DeviceKey;
        }
    }

    /// <summary>Faults that begin or end with this quarter hour do so.</summary>
    public void BeginQuarter(int quarter) => _faults?.Begin(quarter, Board);

    /// <summary>What the home produces and consumes is counted anew.</summary>
    public void BeginSession()
    {
        LastProducedWh = 0;
        LastConsumedWh = 0;
    }

    /// <summary>A quarter hour of life, counted from 0; nothing happens after the last one of the profiles.</summary>
    public void Live(int quarter, int lastQuarter)
    {
        var lives = quarter <= lastQuarter;
        var produced = lives && Plan.Pv is not null ? _production.Add(Plan.Pv.MicrowattSeconds(quarter)) : 0;
        var consumed = lives ? _consumption.Add(Plan.Load.MicrowattSeconds(quarter)) : 0;
        LastProducedWh += produced;
        LastConsumedWh += consumed;
        var before = _batteryWh;
        var stored = Plan.Stores is { } stores && lives ? stores(quarter) : produced - consumed;
        _batteryWh = Math.Clamp(_batteryWh + stored, 0, Plan.BatteryCapacityWh);
        Board.AddProductionPulses(produced);
        Board.AddConsumptionPulses(consumed);
        ChargeBattery(_batteryWh - before);
    }

    /// <summary>The device does what is due at this market time.</summary>
    public void Step(DateTimeOffset now)
    {
        _steppedAt = _network.Clock.GetTimestamp();
        _now = now;
        Uptime.MoveTo(now);
        Board.Step(now, Uptime.Milliseconds);
        if (Device.ReadingSequence != _signed)
        {
            _signed = Device.ReadingSequence;
            TakeSigned(now + (_faults?.ClockError ?? TimeSpan.Zero));
        }
    }

    /// <summary>Messages that are late on the way to or from the device come on.</summary>
    public void BringLate() => _faultyAir?.BringLate();

    /// <summary>
    /// The device takes in what has arrived, at its own time; now and then it is also let repeat what nobody has
    /// answered.
    /// </summary>
    public void Answer() => Answer(_now);

    /// <summary>The same at this market time.</summary>
    public void Answer(DateTimeOffset now)
    {
        BringLate();
        if (HasNews)
        {
            PassInVain();
            Step(now);
        }
    }

    /// <summary>
    /// Everything read so far is about to be minted, as far as it is more than ever before, and the cloud core has it.
    /// </summary>
    public void TakeMintPoint()
    {
        if (!IsCutOff)
        {
            MintedWh = Math.Max(MintedWh, _signedNetWh);
        }
    }

    public ValueTask DisposeAsync()
    {
        _board?.Dispose();
        _air.LeaveAll();
        _faultyAir?.Forgery.Dispose();
        AccessKey.Dispose();
        ChainWallet?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Only between the quarter hours: no current flows then, which would charge the battery meanwhile.
    /// </summary>
    private void PassInVain()
    {
        if (WaitsInVain)
        {
            Uptime.Skip(_leap);
            _leap = _leap * 2 < LongestLeap ? _leap * 2 : LongestLeap;
        }
        else if (Board.HasMessages)
        {
            _leap = FirstLeap;
        }
    }

    /// <summary>The reading counts unless a clock that went back has signed a time that was signed before.</summary>
    private void TakeSigned(DateTimeOffset deviceNow)
    {
        var end = deviceNow.ToUnixTimeSeconds() / Quarter.Seconds;
        if (end > _signedEnd)
        {
            _signedEnd = end;
            _signedNetWh = Device.ProductionWh - Device.ConsumptionWh;
        }
    }

    /// <summary>
    /// The current that brings this energy flows through the shunt, for no longer than it must; then none does, so that
    /// time spent waiting charges nothing.
    /// </summary>
    private void ChargeBattery(long wattHours)
    {
        if (_gauge is not { } gauge || wattHours == 0)
        {
            return;
        }

        // The gauge takes the mean of what it reads, so the last minute counts half.
        var minutes = Math.Min(2 + (Math.Abs(wattHours) / WattHoursAMinute), MinutesOfAQuarter);

        // The wall clock stands still meanwhile: how long this takes must charge nothing either.
        Uptime.Hold();
        ShowBatteryVoltage();
        Step(_now);
        gauge.Milliamperes = (int)(wattHours * 60 * 1_000_000 * 2 / ((2 * minutes) - 1) / BatteryMillivolts);
        Step(_now);
        for (var minute = 1; minute <= minutes; minute++)
        {
            gauge.Milliamperes = minute == minutes ? 0 : gauge.Milliamperes;
            Uptime.Skip(TimeSpan.FromMinutes(1));
            Step(_now);
        }

        Uptime.GoOn();
    }

    /// <summary>Where the curve is flat it tells little, and the gauge goes by the current.</summary>
    private void ShowBatteryVoltage()
    {
        var cell = BatteryGauge.CellAtRest((int)(_batteryWh * 1_000 / Plan.BatteryCapacityWh));
        _gauge!.Millivolts = cell * BatteryMillivolts / (CellMillivolts * 2);
    }

    /// <summary>A pulse is a watt-hour, and a reading is due every quarter hour.</summary>
    private string Settings()
    {
        var battery = Plan.BatteryCapacityWh == 0
            ? string.Empty
            : $",\"battery_wh\":{Plan.BatteryCapacityWh},\"gauge\":\"ina226\",\"battery_mv\":{BatteryMillivolts},"
                + $"\"shunt_microohm\":{ShuntMicroohm},\"bus_ratio_permille\":2000,"
                + $"\"battery_reserve_permille\":{ReservePermille}";
        var (broker, port) = _network.Broker;
        return $"{{\"wifi_ssid\":\"home\",\"broker\":\"{broker}\",\"broker_port\":{port},"
            + $"\"impulses_per_kwh\":1000,\"interval_s\":{Quarter.Seconds}{battery}}}";
    }
}
