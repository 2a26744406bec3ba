using GridTokenX.Mqtt.Interop;

namespace GridTokenX.Mqtt;

/// <summary>
/// The thread that does the native work of connections. One that is alone has its own; many in a process share one, so
/// that what comes for several of them is done in one turn. It runs while it has connections. It waits with poll, not
/// with libmosquitto's loop, whose select cannot serve descriptors above 1023 (some 300 connections in a process).
/// Handlers of messages, and the look-up of a broker's name, hold up all that share it.
/// </summary>
public sealed class MqttLoop
{
    private const int StackBytes = 1024 * 1024;

    private readonly string _name;
    private readonly Lock _lock = new();
    private readonly List<ILoopMember> _joining = [];
    private PollSet? _waits;

    /// <param name="name">Of the thread.</param>
    public MqttLoop(string name) => _name = name;

    internal void Add(ILoopMember member)
    {
        lock (_lock)
        {
            _joining.Add(member);
            if (_waits is not null)
            {
                _waits.Wake();
                return;
            }

            var waits = new PollSet();
            _waits = waits;
            new Thread(() => Run(waits), StackBytes) { IsBackground = true, Name = _name }.Start();
        }
    }

    /// <summary>The loop looks at its members again; nothing happens when it has ended.</summary>
    internal void Wake()
    {
        lock (_lock)
        {
            _waits?.Wake();
        }
    }

    private void Run(PollSet waits)
    {
        var members = new List<ILoopMember>();
        while (IsNeeded(members, waits))
        {
            var due = long.MaxValue;
            for (var place = 0; place < members.Count; place++)
            {
                waits.Watch(place, members[place].Socket, members[place].Events);
                due = Math.Min(due, members[place].Due);
            }

            waits.Wait((int)Math.Clamp(due - Environment.TickCount64, 0, int.MaxValue));
            var now = Environment.TickCount64;
            for (var place = 0; place < members.Count; place++)
            {
                var ready = waits.Ready(place);
                if (members[place].TakeWakeUp() || ready != 0 || members[place].Due <= now)
                {
                    members[place].Turn(ready);
                }
            }
        }
    }

    /// <summary>Takes in who joins, and lets go who has ended; false when nobody is left.</summary>
    private bool IsNeeded(List<ILoopMember> members, PollSet waits)
    {
        _ = members.RemoveAll(static member => member.HasEnded);
        lock (_lock)
        {
            members.AddRange(_joining);
            _joining.Clear();
            if (members.Count == 0)
            {
                waits.Dispose();
                _waits = null;
                return false;
            }
        }

        waits.Resize(members.Count);
        return true;
    }
}

/// <summary>Who is served by a loop; all but <see cref="TakeWakeUp"/>'s cause happens on its thread.</summary>
internal interface ILoopMember
{
    /// <summary>Waited for; negative for none.</summary>
    int Socket { get; }

    /// <summary>Of poll: what the socket is waited for.</summary>
    short Events { get; }

    /// <summary>When it is to be served at the latest, as <see cref="Environment.TickCount64"/> has it.</summary>
    long Due { get; }

    bool HasEnded { get; }

    /// <summary>Whether it was to be served since it was asked last.</summary>
    bool TakeWakeUp();

    /// <summary>Does what there is to do; must not throw.</summary>
    void Turn(short ready);
}
