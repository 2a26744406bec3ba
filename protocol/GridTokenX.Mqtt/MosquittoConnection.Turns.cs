using System.ComponentModel;
using System.Diagnostics;

namespace GridTokenX.Mqtt;

/// <content>What its loop's thread does: one attempt to connect after the other, and what it brings.</content>
public sealed partial class MosquittoConnection : IMosquittoEvents, ILoopMember
{
    private const int GoodByeMs = 500;

    /// <summary>Between two looks at a connection that is not there yet.</summary>
    private const int LookMs = 500;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(10);

    private MosquittoSession? _session;
    private int _socket = -1;
    private short _events;
    private long _due;
    private long _began;
    private long? _leaveBy;
    private int _attempt;
    private int _subscribed;
    private bool _hasEnded;

    void IMosquittoEvents.Received(MqttMessage message) => MessageReceived?.Invoke(message);

    void IMosquittoEvents.Report(string what, Exception? exception) => Report(what, exception);

    int ILoopMember.Socket => _socket;

    short ILoopMember.Events => _events;

    long ILoopMember.Due => _due;

    bool ILoopMember.HasEnded => _hasEnded;

#pragma warning disable CA1031 // The loop outlives every fault of an attempt or a handler; all is reported.
    void ILoopMember.Turn(short ready)
    {
        try
        {
            if (_stopping)
            {
                Leave();
            }
            else if (_session is { } session)
            {
                Serve(session, ready);
            }
            else if (Environment.TickCount64 >= _due)
            {
                BeginAttempt();
            }
        }
        catch (Exception exception)
        {
            Lose(exception);
        }

        _socket = _session?.Socket ?? -1;
        _events = _session?.Events ?? 0;
    }

    void ILoopMember.Lose(Win32Exception cause)
    {
        Lose(cause);
        _socket = -1;
    }

    private void RaiseConnectionChanged(bool connected)
    {
        try
        {
            ConnectionChanged?.Invoke(connected);
        }
        catch (Exception exception)
        {
            Report("A handler failed.", exception);
        }
    }

    private void Report(string what, Exception? exception)
    {
        try
        {
            _report(what, exception);
        }
        catch (Exception failure)
        {
            Debug.Fail($"Reports must not throw: {failure}");
        }
    }
#pragma warning restore CA1031

    private void BeginAttempt()
    {
        _began = Environment.TickCount64;
        _subscribed = 0;
        _session = new MosquittoSession(_options, MaxUnacknowledged, this);
        _session.BeginConnect(_options);
        _due = _began + LookMs;
    }

    private void Serve(MosquittoSession session, short ready)
    {
        session.Turn(ready);
        var goesOn = session.HasMore;
        if (session.IsAccepted)
        {
            SubscribeNew(session);
            var areLeft = PublishOutgoing(session);
            session.Write();

            // What nobody acknowledges is done when it is written: nothing would come that asks for the next ones.
            goesOn |= areLeft && session.Unacknowledged < MaxUnacknowledged;
        }

        var now = Environment.TickCount64;
        if (!_connected && session.SubscriptionsAreInPlace)
        {
            lock (_lock)
            {
                _connected = true;
            }

            _trouble = null;
            RaiseConnectionChanged(connected: true);
        }
        else if (!_connected && now - _began > AnswerTimeout.TotalMilliseconds)
        {
            throw new MqttException("The broker did not answer in time.", MqttFault.Unreachable);
        }

        var idleMs = _connected ? (long)Math.Clamp(_options.KeepAlive.TotalMilliseconds / 4, 1000, 30_000) : LookMs;
        _due = goesOn ? now : now + idleMs;
    }

    /// <summary>Says good-bye, waits for the network a while, and ends.</summary>
    private void Leave()
    {
        if (_session is { } session)
        {
            if (_leaveBy is null)
            {
                _leaveBy = Environment.TickCount64 + GoodByeMs;
                session.BeginDisconnect();
            }

            if (!session.HasLeft() && Environment.TickCount64 < _leaveBy)
            {
                _due = _leaveBy.Value;
                return;
            }

            BecomeDisconnected();
        }

        _hasEnded = true;
        _ = _ended.TrySetResult();
    }

    private void Lose(Exception exception)
    {
        var cause = exception is MqttException ? null : exception;
        EndSession();
        _trouble = exception as MqttException ?? new MqttException(exception.Message, exception);
        var address = MqttOptions.AddressOf(_options.Host, _options.Port);
        Report($"{_options.ClientId}: no connection to {address}: {exception.Message}", cause);
        BecomeDisconnected();
        var now = Environment.TickCount64;
        _attempt = now - _began > StableAfter.TotalMilliseconds ? 0 : _attempt + 1;
        _due = now + (long)_delays.Next(_attempt).TotalMilliseconds;
    }

    private void SubscribeNew(MosquittoSession session)
    {
        List<(string Filter, MqttQos Qos)> added;
        lock (_lock)
        {
            if (_subscriptions.Count == _subscribed)
            {
                return;
            }

            added = _subscriptions[_subscribed..];
        }

        foreach (var (filter, qos) in added)
        {
            session.Subscribe(filter, qos);
        }

        _subscribed += added.Count;
    }

    /// <summary>True when there are more than may be on their way.</summary>
    private bool PublishOutgoing(MosquittoSession session)
    {
        while (session.Unacknowledged < MaxUnacknowledged)
        {
            PendingPublish? message;
            lock (_lock)
            {
                if (!_outgoing.TryDequeue(out message))
                {
                    return false;
                }
            }

            session.Publish(message);
        }

        return true;
    }

    /// <summary>The session is over, and with it all that was to be sent.</summary>
    private void BecomeDisconnected()
    {
        EndSession();
        bool was;
        PendingPublish[] unsent;
        lock (_lock)
        {
            was = _connected;
            _connected = false;
            unsent = [.. _outgoing];
            _outgoing.Clear();
        }

        foreach (var message in unsent)
        {
            message.Fail("The connection was lost before the message was sent.");
        }

        if (was)
        {
            RaiseConnectionChanged(connected: false);
        }
    }

    private void EndSession()
    {
        _session?.Dispose();
        _session = null;
    }
}
