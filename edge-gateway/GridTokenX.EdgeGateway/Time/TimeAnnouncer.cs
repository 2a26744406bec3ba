using System.Text.Json;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.EdgeGateway.Time;

/// <summary>
/// Tells the devices market time: each minute of it, after every connect, when it is set, and when one of them is
/// wrong; retained. Says nothing while the time is unknown.
/// </summary>
internal sealed class TimeAnnouncer : SupervisedService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly HomeBroker _home;
    private readonly MarketClock _clock;
    private readonly ILogger _logger;
    private readonly Signal _due = new();

    public TimeAnnouncer(
        HomeBroker home, MarketClock clock, DeviceWatch watch, WallTime wall, ILogger<TimeAnnouncer> logger)
        : base(wall, logger)
    {
        (_home, _clock, _logger) = (home, clock, logger);
        watch.TimeWanted += _due.Set;
        home.Connection.ConnectionChanged += connected =>
        {
            if (connected)
            {
                _due.Set();
            }
        };
    }

    internal async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        if (_clock.Now is not { } now)
        {
            return;
        }

        var payload = JsonSerializer.SerializeToUtf8Bytes(
            new TimeAnnouncement(now.ToUnixTimeSeconds()), ProtocolJson.Default.TimeAnnouncement);
        try
        {
            await _home.Connection.PublishAsync(
                Topics.Time, payload, MqttQos.AtMostOnce, retain: true, cancellationToken);
        }
        catch (MqttException exception)
        {
            // It is told again after the next connect.
            Log.TimeNotAnnounced(_logger, exception.Message);
        }
    }

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var timer = _clock.Time.CreateTimer(_ => _due.Set(), null, Interval, Interval);
        while (!cancellationToken.IsCancellationRequested)
        {
            await _due.WaitAsync(cancellationToken);
            await AnnounceAsync(cancellationToken);
        }
    }
}
