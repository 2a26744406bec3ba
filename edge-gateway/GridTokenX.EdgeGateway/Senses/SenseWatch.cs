using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Page;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Senses;

/// <summary>Looks at the board every few seconds: alarms for power, heat and disk, and the light.</summary>
internal sealed class SenseWatch(
    SenseReader reader,
    StatusLed led,
    HomeBroker home,
    CloudClient cloud,
    Claim claim,
    DatabaseWatch database,
    Alarms alarms,
    GatewayOptions options,
    WallTime wall,
    ILogger<SenseWatch> logger)
    : SupervisedService(wall, logger)
{
    internal const long HotMilliCelsius = 80_000;
    internal const long CoolMilliCelsius = 75_000;
    internal const int LowPercent = 20;
    internal const long LeastFreeBytes = 64L * 1024 * 1024;
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private SenseSnapshot _latest = new(null, null, [], []);

    internal SenseSnapshot Latest => Volatile.Read(ref _latest);

    /// <summary>On the disk that holds the buffer; null when it cannot be asked.</summary>
    internal long? FreeBytes()
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(options.Database))!).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Look();
            await Wall.DelayAsync(Interval, cancellationToken);
        }
    }

    internal void Look()
    {
        var senses = reader.Read();
        Volatile.Write(ref _latest, senses);
        database.Tidy();
        JudgePower(senses);
        JudgeHeat(senses.TemperatureMilliCelsius);
        Judge(
            Alarms.DiskSpace,
            FreeBytes() is { } free && free < LeastFreeBytes
                ? $"Only {free / 1_048_576} MiB are free on the disk."
                : null);
        _ = led.TryShow(Pattern());
    }

    private LedPattern Pattern()
    {
        if (!home.Connection.IsConnected)
        {
            return LedPattern.BrokerAway;
        }

        var names = alarms.All();
        if (names.Any(static alarm => alarm.Name != Alarms.CloudUnreachable))
        {
            return LedPattern.Alarm;
        }

        if (!claim.IsClaimed && claim.IsOpen)
        {
            return LedPattern.Waiting;
        }

        return cloud.IsReachable ? LedPattern.Heartbeat : LedPattern.CloudAway;
    }

    private void JudgePower(SenseSnapshot senses)
    {
        var discharging = senses.Sources.Where(static source => source.Discharging).ToList();
        string? text = null;
        if (discharging.Count > 0)
        {
            var least = discharging.Min(static source => source.Percent);
            text = least <= LowPercent
                ? $"The mains are gone and the battery is low: {least} %."
                : "The mains are gone; the gateway runs on its battery.";
        }
        else if (senses.UnderVoltage == true)
        {
            text = "The power supply is too weak: use the one made for this board.";
        }

        Judge(Alarms.Power, text);
    }

    private void JudgeHeat(long? milliCelsius)
    {
        if (milliCelsius >= HotMilliCelsius)
        {
            alarms.Raise(Alarms.Heat, $"The gateway is {milliCelsius / 1000} °C hot.");
        }
        else if (milliCelsius is null or < CoolMilliCelsius)
        {
            alarms.Clear(Alarms.Heat);
        }
    }

    private void Judge(string name, string? text)
    {
        if (text is null)
        {
            alarms.Clear(name);
        }
        else
        {
            alarms.Raise(name, text);
        }
    }
}
