using System.ComponentModel;
using GridTokenX.Mqtt.Interop;

namespace GridTokenX.Mqtt;

/// <summary>The members of a loop in one round: who is ready, has called, or is due gets one turn.</summary>
internal sealed class LoopSeats(Epoll waits)
{
    private readonly List<LoopSeat> _all = [];
    private readonly Dictionary<long, LoopSeat> _byKey = [];
    private readonly List<(long Key, short Events)> _ready = [];
    private readonly List<LoopSeat> _listed = [];
    private long _lastKey;

    internal int Count => _all.Count;

    /// <summary>Nobody is due before that; perhaps nobody is then either.</summary>
    internal long Soonest { get; private set; } = long.MaxValue;

    internal void Add(LoopSeat seat)
    {
        _all.Add(seat);
        Soonest = Math.Min(Soonest, seat.Member.Due);
    }

    internal void Wait(int timeoutMs)
    {
        waits.Wait(timeoutMs, _ready);
        var isAstray = false;
        foreach (var (key, events) in _ready)
        {
            if (_byKey.TryGetValue(key, out var seat))
            {
                IsToServe(seat, events);
            }
            else
            {
                isAstray = true;
            }
        }

        if (isAstray && waits.TryRenew())
        {
            _byKey.Clear();
            foreach (var seat in _all)
            {
                seat.Socket = -1;
                Follow(seat);
            }
        }
    }

    internal void IsToServe(LoopSeat seat, short events)
    {
        seat.Ready |= events;
        if (!seat.IsListed)
        {
            seat.IsListed = true;
            _listed.Add(seat);
        }
    }

    internal void Serve()
    {
        var isSomebodyDue = Soonest <= Environment.TickCount64;
        if (isSomebodyDue)
        {
            ListDue(Environment.TickCount64);
        }

        var haveEnded = false;
        foreach (var seat in _listed)
        {
            var ready = seat.Ready;
            (seat.Ready, seat.IsListed) = (0, false);
            if (!seat.Member.HasEnded)
            {
                seat.Member.Turn(ready);
                Follow(seat);
            }

            haveEnded |= seat.Member.HasEnded;
            Soonest = Math.Min(Soonest, seat.Member.Due);
        }

        _listed.Clear();
        if (haveEnded)
        {
            _ = _all.RemoveAll(static seat => seat.Member.HasEnded);
        }

        if (isSomebodyDue)
        {
            Soonest = _all.Count == 0 ? long.MaxValue : _all.Min(static seat => seat.Member.Due);
        }
    }

    private void ListDue(long now)
    {
        foreach (var seat in _all)
        {
            if (seat.Member.Due <= now)
            {
                IsToServe(seat, 0);
            }
        }
    }

    /// <summary>What the member waits for now. A socket that it has closed is not waited for any more.</summary>
    private void Follow(LoopSeat seat)
    {
        var (socket, events) = (seat.Member.Socket, seat.Member.Events);
        try
        {
            if (socket != seat.Socket)
            {
                _ = _byKey.Remove(seat.Key);
                (seat.Socket, seat.Key) = (-1, 0);
                if (socket >= 0)
                {
                    waits.Watch(socket, events, ++_lastKey);
                    (seat.Socket, seat.Events, seat.Key) = (socket, events, _lastKey);
                    _byKey.Add(seat.Key, seat);
                }
            }
            else if (socket >= 0 && events != seat.Events)
            {
                waits.Change(socket, events, seat.Key);
                seat.Events = events;
            }
        }
        catch (Win32Exception exception)
        {
            _ = _byKey.Remove(seat.Key);
            (seat.Socket, seat.Key) = (-1, 0);
            seat.Member.Lose(exception);
        }
    }
}
