using GridTokenX.Firmware.Board;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Firmware.Tests;

/// <summary>One paired home with a battery of 10 kWh, 20 % of it reserved, on a clock the test moves.</summary>
internal sealed class Rig
{
    internal static readonly DateTimeOffset Start = new(2026, 6, 1, 6, 2, 0, TimeSpan.Zero);

    internal static readonly byte[] Seed = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private static readonly byte[] CommandKey = [.. Enumerable.Range(101, 32).Select(i => (byte)i)];

    private long _counter;

    internal Rig(Action<DeviceConfig>? configure = null, bool isPaired = true)
    {
        Config = new DeviceConfig { IntervalSeconds = 300, BatteryCapacityWh = 10_000 };
        configure?.Invoke(Config);
        Board = new CoreBoard(Config, Seed, isPaired ? CommandKey : null, Flash, Uplink);
        Device.OnConnected();
    }

    internal DeviceConfig Config { get; }

    internal SimulatedFlash Flash { get; } = new();

    internal RecordingUplink Uplink { get; } = new();

    internal CoreBoard Board { get; }

    internal Device Device => Board.Device;

    internal DateTimeOffset Now { get; set; } = Start;

    internal long ElapsedMs { get; set; }

    internal bool IsTimeKnown { get; set; } = true;

    internal DeviceState LastState => Uplink.States[^1];

    internal void Step() => Board.Step(Now, ElapsedMs, IsTimeKnown);

    /// <summary>Both clocks go on, in steps of at most a minute.</summary>
    internal void Pass(TimeSpan time)
    {
        var end = Now + time;
        while (Now < end)
        {
            var step = end - Now < TimeSpan.FromMinutes(1) ? end - Now : TimeSpan.FromMinutes(1);
            Now += step;
            ElapsedMs += (long)step.TotalMilliseconds;
            Step();
        }
    }

    internal void PassMinutes(int minutes) => Pass(TimeSpan.FromMinutes(minutes));

    internal LockCommand Command(
        CommandKind kind, Guid order, long energyWh, long? counter = null, TimeSpan? expiresIn = null) =>
        new LockCommand
        {
            Device = new Key32(Device.PublicKey),
            Counter = counter ?? ++_counter,
            Kind = kind,
            Order = order,
            EnergyWh = energyWh,
            Expires = (Now + (expiresIn ?? TimeSpan.FromHours(1))).ToUnixTimeSeconds(),
        }.Authenticated(CommandKey);

    /// <summary>Sends it and lets the device take it in; the newest statement after that.</summary>
    internal DeviceState Do(LockCommand command)
    {
        _counter = Math.Max(_counter, command.Counter);
        Uplink.Send(command);
        Step();
        return LastState;
    }

    internal DeviceState Lock(Guid order, long energyWh, TimeSpan? expiresIn = null) =>
        Do(Command(CommandKind.Lock, order, energyWh, expiresIn: expiresIn));

    internal DeviceState Release(Guid order) => Do(Command(CommandKind.Release, order, 0));
}
