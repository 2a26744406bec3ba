using GridTokenX.Firmware.Board;
using GridTokenX.Firmware.Metering;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.EndToEnd.Tests.Pairing;

/// <summary>The real firmware on a simulated board with a battery half full, and somebody at its button.</summary>
internal sealed class Meter : IDisposable
{
    private const int BatteryMillivolts = 51_200;
    private const int CellMillivolts = 3_200;

    private readonly SimulatedNetwork _air = new();
    private readonly SimulatedBoard _board;
    private readonly DateTimeOffset _bootedAt;
    private DateTimeOffset _now;
    private long _skippedMs;

    internal Meter(int brokerPort, DateTimeOffset now)
    {
        (_bootedAt, _now) = (now, now);
        _board = SimulatedBoard.Start(
            $$"""
            {"wifi_ssid":"home","broker":"127.0.0.1","broker_port":{{brokerPort}},"impulses_per_kwh":1000,
             "interval_s":900,"battery_wh":10000,"gauge":"ina226","battery_mv":{{BatteryMillivolts}},
             "shunt_microohm":100,"bus_ratio_permille":2000,"battery_reserve_permille":200}
            """,
            now,
            network: _air);
        _board.AttachGauge(100).Millivolts =
            BatteryGauge.CellAtRest(700) * BatteryMillivolts / (CellMillivolts * 2);
    }

    internal Key32 Key => new(Device.PublicKey);

    internal string? PairingCode => _board.PairingCode;

    internal bool IsPaired => _board.IsPaired;

    internal bool IsLocked => _board.IsRelayLocked;

    internal int Unacknowledged => Device.UnacknowledgedReadings;

    private Firmware.Device Device =>
        _board.Device ?? throw new InvalidOperationException(string.Join('\n', _board.Hardware.Serial));

    internal void Produce(int wattHours) => _board.AddProductionPulses(wattHours);

    internal void Step(DateTimeOffset now)
    {
        _now = now;
        _skippedMs += 200;
        _board.Step(now, UptimeMs);
    }

    internal void PressButton()
    {
        _skippedMs += 3_000;
        _board.Step(_now, UptimeMs);
        _board.PressButton(TimeSpan.FromMilliseconds(300));
        _skippedMs += 300;
    }

    public void Dispose()
    {
        _board.Dispose();
        _air.LeaveAll();
    }

    private long UptimeMs => (long)(_now - _bootedAt).TotalMilliseconds + _skippedMs;
}
