using System.ComponentModel;
using GridTokenX.Mqtt.Interop;

namespace GridTokenX.Mqtt;

/// <summary>
/// The thread that does the native work of connections. One that is alone has its own; many in a process share one, so
/// that what comes for several of them is done in one turn. It runs while it has connections. It waits with epoll, not
/// with libmosquitto's loop, whose select cannot serve descriptors above 1023 (some 300 connections in a process); who
/// is silent costs a look now and then, when somebody's time is over. Handlers of messages, and the look-up of a
/// broker's name, hold up all that share it.
/// </summary>
public sealed class MqttLoop
{
    private const int StackBytes = 1024 * 1024;

    private readonly string _name;
    private readonly Lock _lock = new();
    private readonly List<LoopSeat> _joining = [];
    private readonly List<LoopSeat> _called = [];
    private Epoll? _waits;
    private bool _isWaiting;

    /// <param name="name">Of the thread.</param>
    public MqttLoop(string name) => _name = name;

    /// <summary>It is served from now on.</summary>
    internal LoopSeat Add(ILoopMember member)
    {
        var seat = new LoopSeat(this, member);
        lock (_lock)
        {
            if (_waits is null)
            {
                var waits = new Epoll();
                _waits = waits;
                new Thread(() => Run(waits), StackBytes) { IsBackground = true, Name = _name }.Start();
            }

            _joining.Add(seat);
            EndWait();
        }

        return seat;
    }

    /// <summary>It is served again; nothing happens when it has ended.</summary>
    internal void Call(LoopSeat seat)
    {
        lock (_lock)
        {
            if (!seat.IsCalled)
            {
                seat.IsCalled = true;
                _called.Add(seat);
                EndWait();
            }
        }
    }

    /// <summary>Under the lock. Nothing is to be done where the thread will look anyway before it waits.</summary>
    private void EndWait()
    {
        if (_isWaiting)
        {
            _isWaiting = false;
            _waits!.Wake();
        }
    }

    private void Run(Epoll waits)
    {
        var seats = new LoopSeats(waits);
        while (TryTakeIn(seats))
        {
            seats.Wait(TimeoutMs(seats.Soonest));
            lock (_lock)
            {
                _isWaiting = false;
                foreach (var seat in _called)
                {
                    seat.IsCalled = false;
                    seats.IsToServe(seat, 0);
                }

                _called.Clear();
            }

            seats.Serve();
        }
    }

    /// <summary>How long it may wait; not at all when somebody has called or joined meanwhile.</summary>
    private int TimeoutMs(long due)
    {
        lock (_lock)
        {
            _isWaiting = _called.Count == 0 && _joining.Count == 0;
            return _isWaiting ? (int)Math.Clamp(due - Environment.TickCount64, 0, int.MaxValue) : 0;
        }
    }

    /// <summary>Who joins; false when nobody is there.</summary>
    private bool TryTakeIn(LoopSeats seats)
    {
        lock (_lock)
        {
            foreach (var seat in _joining)
            {
                seats.Add(seat);
            }

            _joining.Clear();
            if (seats.Count == 0)
            {
                _called.Clear();
                _waits?.Dispose();
                _waits = null;
                return false;
            }

            return true;
        }
    }
}

/// <summary>Who is served by a loop; everything happens on its thread.</summary>
internal interface ILoopMember
{
    /// <summary>Waited for; negative for none. A number that was closed in a turn is not used anew in the same one.
    /// </summary>
    int Socket { get; }

    /// <summary>Of epoll: what the socket is waited for.</summary>
    short Events { get; }

    /// <summary>When it is to be served at the latest, as <see cref="Environment.TickCount64"/> has it.</summary>
    long Due { get; }

    bool HasEnded { get; }

    /// <summary>Does what there is to do; must not throw.</summary>
    void Turn(short ready);

    /// <summary>Its socket cannot be waited for: it has none after that. Must not throw.</summary>
    void Lose(Win32Exception cause);
}

/// <summary>A member's place in its loop.</summary>
internal sealed class LoopSeat(MqttLoop loop, ILoopMember member)
{
    internal ILoopMember Member { get; } = member;

    /// <summary>Under the loop's lock: it has called and was not listed yet.</summary>
    internal bool IsCalled { get; set; }

    /// <summary>What is waited for under this key; 0 for nothing.</summary>
    internal long Key { get; set; }

    internal int Socket { get; set; } = -1;

    internal short Events { get; set; }

    /// <summary>It has its turn in this round, for this reason.</summary>
    internal bool IsListed { get; set; }

    internal short Ready { get; set; }

    /// <summary>The member is to be served; any thread may ask for it.</summary>
    internal void Call() => loop.Call(this);
}
