using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;
using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.Ingest;

/// <summary>
/// Device → database → acknowledgement, in this order: what came meanwhile is checked in parallel, committed together,
/// and only then acknowledged; the next batch is checked while this one is committed. Whatever is not acknowledged the
/// device repeats.
/// </summary>
internal sealed class ReadingIngest : SupervisedService
{
    /// <summary>
    /// Messages waiting to be checked; beyond that the newest are dropped, and their devices repeat them.
    /// </summary>
    internal const int InboxCapacity = 20_000;

    /// <summary>Messages of devices that the directory does not know yet, kept until the cloud's next answer.</summary>
    internal const int ParkedCapacity = 1000;

    /// <summary>
    /// The answer that is on its way while a message is parked may be older than the device; the next is not.
    /// </summary>
    private const int MaxParkings = 2;

    private const int MaxCommit = 2000;

    /// <summary>A broker that has not taken acknowledgements by then is not waited for.</summary>
    private static readonly TimeSpan BrokerPatience = TimeSpan.FromSeconds(30);

    /// <summary>Checks of fewer than these are not worth a second thread.</summary>
    private const int AloneUpTo = 8;

    private readonly HomeBroker _home;
    private readonly DeviceDirectory _directory;
    private readonly ReadingOutbox _outbox;
    private readonly DeviceWatch _watch;
    private readonly Heartbeat _heartbeat;
    private readonly Refusals _refusals;
    private readonly Alarms _alarms;
    private readonly ILogger _logger;
    private readonly Inbox<(MqttMessage Message, int Parkings)> _inbox = new(InboxCapacity);
    private readonly Queue<(MqttMessage Message, int Parkings)> _parked = new();
    private readonly OwedReadings _owed = new();
    private Task _storing = Task.CompletedTask;
    private Task _acknowledging = Task.CompletedTask;

    public ReadingIngest(
        HomeBroker home,
        DeviceDirectory directory,
        ReadingOutbox outbox,
        DeviceWatch watch,
        Heartbeat heartbeat,
        Refusals refusals,
        Alarms alarms,
        WallTime wall,
        ILogger<ReadingIngest> logger)
        : base(wall, logger)
    {
        (_home, _directory, _outbox, _refusals, _alarms, _logger) = (home, directory, outbox, refusals, alarms, logger);
        (_watch, _heartbeat) = (watch, heartbeat);
        home.Connection.MessageReceived += OnMessage;
        home.Connection.Subscribe(Topics.AllReadings, MqttQos.AtLeastOnce);
        directory.Refreshed += Unpark;
    }

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var taken = await _inbox.TakeAsync(MaxCommit, cancellationToken);
                _heartbeat.IntakeBegins();
                var readings = Checked(taken);

                // The last batch is committed meanwhile; no further ahead, and in their order. Its faults end the
                // worker, which begins anew.
                await DoneAsync(ref _storing);
                _storing = Task.Run(() => StoreAsync(readings, cancellationToken), CancellationToken.None);
            }
        }
        finally
        {
            await DoneAsync(ref _storing);
        }
    }

    /// <summary>Waits for it once: its fault is told once.</summary>
    private static Task DoneAsync(ref Task task)
    {
        var done = task;
        task = Task.CompletedTask;
        return done;
    }

    private async Task StoreAsync(List<CheckedReading> readings, CancellationToken cancellationToken)
    {
        _heartbeat.IntakeBegins();
        try
        {
            var taken = InOrder(readings);
            if (taken.Count > 0)
            {
                _watch.Saw(taken.Select(static one => one.Reading));
                var committed = Commit(taken);

                // The last batch's acknowledgements are on their way while this one is committed; no further ahead.
                await DoneAsync(ref _acknowledging);
                _acknowledging = AcknowledgeAsync(committed, cancellationToken);
            }
        }
        finally
        {
            _heartbeat.IntakeEnds();
        }
    }

    private void OnMessage(MqttMessage message)
    {
        if (!message.Topic.EndsWith("/reading", StringComparison.Ordinal))
        {
            return;
        }

        if (message.Payload.Length > ReadingCheck.MaxPayloadBytes)
        {
            _refusals.Add(ProblemCodes.RequestTooLarge, message.Topic);
        }
        else if (!_inbox.TryAdd((message, 0)))
        {
            _refusals.Add(Refusals.InboxFull, message.Topic);
        }
    }

    private List<CheckedReading> Checked(List<(MqttMessage Message, int Parkings)> taken)
    {
        var found = new (string? Code, SignedReading? Reading)[taken.Count];
        void Check(int i)
        {
            var code = ReadingCheck.Refuse(taken[i].Message, _directory, out var reading);
            found[i] = (code, reading);
        }

        if (taken.Count <= AloneUpTo)
        {
            for (var i = 0; i < taken.Count; i++)
            {
                Check(i);
            }
        }
        else
        {
            _ = Parallel.For(0, taken.Count, Check);
        }

        var readings = new List<CheckedReading>(taken.Count);
        for (var i = 0; i < taken.Count; i++)
        {
            var (message, parkings) = taken[i];
            if (found[i].Code is not { } code)
            {
                readings.Add(new CheckedReading(found[i].Reading!, message.Topic));
            }
            else if (parkings >= MaxParkings
                || !string.Equals(code, ProblemCodes.UnknownDevice, StringComparison.Ordinal)
                || !TryPark(message, parkings + 1))
            {
                _refusals.Add(code, message.Topic);
            }
        }

        return readings;
    }

    private List<CheckedReading> InOrder(List<CheckedReading> readings)
    {
        var now = Wall.UtcNow;
        return readings.FindAll(one =>
        {
            var may = _owed.MayTake(one.Reading, now);
            if (!may)
            {
                _refusals.Add(Refusals.OlderIsOwed, one.Topic);
            }

            return may;
        });
    }

    private void Owe(CheckedReading one, string code)
    {
        _owed.Add(one.Reading, Wall.UtcNow);
        _refusals.Add(code, one.Topic);
    }

    /// <summary>A device that was paired a moment ago may be known to the cloud already.</summary>
    private bool TryPark(MqttMessage message, int parkings)
    {
        lock (_parked)
        {
            if (_parked.Count >= ParkedCapacity)
            {
                return false;
            }

            _parked.Enqueue((message, parkings));
        }

        _directory.RefreshWanted.Set();
        return true;
    }

    private void Unpark()
    {
        lock (_parked)
        {
            while (_parked.TryDequeue(out var parked))
            {
                if (!_inbox.TryAdd(parked))
                {
                    _refusals.Add(Refusals.InboxFull, parked.Message.Topic);
                }
            }
        }
    }

    /// <summary>The readings that are in the database now; none when it could not take them.</summary>
    private List<CheckedReading> Commit(List<CheckedReading> readings)
    {
        AppendOutcome[] outcomes;
        try
        {
            outcomes = _outbox.Append(readings.ConvertAll(static one => one.Reading));
        }
        catch (SqliteException exception)
        {
            Log.CommitFailed(_logger, readings.Count, exception);
            _alarms.Raise(Alarms.DatabaseFault, $"Readings cannot be stored: {exception.Message}");
            readings.ForEach(reading => Owe(reading, Refusals.DatabaseFault));
            return [];
        }

        _alarms.Clear(Alarms.DatabaseFault);
        if (outcomes.Contains(AppendOutcome.Full))
        {
            _alarms.Raise(
                Alarms.DatabaseFull, "The database is full of readings that are still to be forwarded: none is taken.");
        }
        else if (outcomes.Contains(AppendOutcome.Stored))
        {
            _alarms.Clear(Alarms.DatabaseFull);
        }

        return Committed(readings, outcomes);
    }

    private List<CheckedReading> Committed(List<CheckedReading> readings, AppendOutcome[] outcomes)
    {
        var committed = new List<CheckedReading>(readings.Count);
        for (var i = 0; i < outcomes.Length; i++)
        {
            switch (outcomes[i])
            {
                case AppendOutcome.Stored or AppendOutcome.Known:
                    committed.Add(readings[i]);
                    break;
                case AppendOutcome.Full:
                    Owe(readings[i], Refusals.DatabaseFull);
                    break;
                default:
                    _refusals.Add(ProblemCodes.SequenceReused, readings[i].Topic);
                    break;
            }
        }

        return committed;
    }

    private async Task AcknowledgeAsync(List<CheckedReading> committed, CancellationToken cancellationToken)
    {
        try
        {
            await _home.Connection
                .PublishAllAsync(
                    committed.ConvertAll(static one => one.Acknowledgement()), MqttQos.AtLeastOnce, cancellationToken)
                .WaitAsync(BrokerPatience, Wall.Clock, cancellationToken);
        }
        catch (Exception exception) when (exception is MqttException or TimeoutException)
        {
            // The devices repeat what they miss an acknowledgement of; the next batch is not held up.
            Log.NotAcknowledged(_logger, exception.Message);
        }
    }
}
