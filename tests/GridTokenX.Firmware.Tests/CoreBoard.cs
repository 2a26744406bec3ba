using GridTokenX.Firmware.Board;
using GridTokenX.Firmware.Signing;

namespace GridTokenX.Firmware.Tests;

/// <summary>
/// The device's core on its ports, without drivers: two meters, a battery gauge, a tamper contact, a relay, flash.
/// After a <see cref="PowerCutException"/> only <see cref="Reboot"/> goes on.
/// </summary>
internal sealed class CoreBoard : IMeterInput, IRelay
{
    private const long MilliwattHoursPerKwh = 1_000_000;

    private readonly DeviceConfig _config;
    private readonly byte[] _seed;
    private readonly byte[]? _commandKey;
    private readonly SimulatedFlash _flash;
    private readonly ICoreUplink _uplink;
    private long _productionResidue;
    private long _consumptionResidue;
    private long _elapsedMs;
    private long _bootMs;

    internal CoreBoard(
        DeviceConfig config, byte[] seed, byte[]? commandKey, SimulatedFlash flash, ICoreUplink uplink)
    {
        _config = config;
        _seed = seed;
        _commandKey = commandKey;
        _flash = flash;
        _uplink = uplink;
        Device = Make();
    }

    public Device Device { get; private set; }

    public long ProductionPulses { get; private set; }

    public long ConsumptionPulses { get; private set; }

    public int StateOfChargePermille { get; set; } = 1000;

    public bool Tamper { get; set; }

    /// <summary>Whether the relay keeps the battery's energy.</summary>
    public bool IsRelayLocked { get; private set; }

    /// <summary>
    /// Lets the production meter turn; what makes no whole pulse stays in the meter, over a reboot too.
    /// </summary>
    public void AddProductionMilliwattHours(long milliwattHours) =>
        ProductionPulses += ToPulses(milliwattHours, ref _productionResidue);

    /// <summary>
    /// Lets the consumption meter turn; what makes no whole pulse stays in the meter, over a reboot too.
    /// </summary>
    public void AddConsumptionMilliwattHours(long milliwattHours) =>
        ConsumptionPulses += ToPulses(milliwattHours, ref _consumptionResidue);

    public void AddProductionPulses(long pulses) => ProductionPulses += RequireForward(pulses);

    public void AddConsumptionPulses(long pulses) => ConsumptionPulses += RequireForward(pulses);

    /// <summary>Hands over what arrived, then lets the device do what is due.</summary>
    /// <param name="utcNow">The device's clock.</param>
    /// <param name="elapsedMs">Milliseconds of any clock that never goes back: the one that repetitions wait
    /// on.</param>
    /// <param name="timeSynchronised">Whether the device knows the time.</param>
    public void Step(DateTimeOffset utcNow, long elapsedMs, bool timeSynchronised = true)
    {
        _elapsedMs = elapsedMs;
        Device.Step(utcNow.UtcDateTime, timeSynchronised, elapsedMs - _bootMs);
        if (_uplink.Deliver(Device) > 0)
        {
            Device.Step(utcNow.UtcDateTime, timeSynchronised, elapsedMs - _bootMs);
        }
    }

    /// <summary>
    /// Power comes back: the device starts anew over the same flash, and its pulse counters from zero. Pulses that
    /// it had not saved are lost, as on the real board.
    /// </summary>
    public void Reboot()
    {
        _flash.PowerOn();
        _bootMs = _elapsedMs;
        ProductionPulses = 0;
        ConsumptionPulses = 0;
        IsRelayLocked = false;
        Device = Make();
        if (_uplink.IsConnected)
        {
            Device.OnConnected();
        }
    }

    private Device Make() => new(_config, new DeviceKey(_seed), new DevicePorts
    {
        Input = this,
        Flash = _flash,
        Relay = this,
        Uplink = _uplink,
        Mac = new DotnetMac(),
    })
    {
        CommandKey = _commandKey,
    };

    void IRelay.Set(bool locked) => IsRelayLocked = locked;

    private static long RequireForward(long pulses)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pulses);
        return pulses;
    }

    private long ToPulses(long milliwattHours, ref long residue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(milliwattHours);
        var total = checked((milliwattHours * _config.ImpulsesPerKwh) + residue);
        residue = total % MilliwattHoursPerKwh;
        return total / MilliwattHoursPerKwh;
    }
}

internal interface ICoreUplink : IUplink
{
    /// <summary>Hands over everything that arrived since, in its order; the number of events.</summary>
    int Deliver(Device device);
}

internal sealed class DotnetMac : IMac
{
    public byte[] Compute(byte[] key, byte[] message) =>
        System.Security.Cryptography.HMACSHA256.HashData(key, message);
}
