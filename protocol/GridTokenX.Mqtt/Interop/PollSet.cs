// poll(2) and eventfd(2): waiting for sockets, or for another thread's call, whichever comes first.

using System.ComponentModel;
using System.Runtime.InteropServices;

namespace GridTokenX.Mqtt.Interop;

/// <summary>
/// The sockets that one thread waits for, by their places; any thread may wake it, also after disposal.
/// </summary>
internal sealed unsafe partial class PollSet : IDisposable
{
    internal const short Readable = 0x001;
    internal const short Writable = 0x004;
    internal const short PeerGone = 0x008 | 0x010 | 0x020 | PeerClosing;
    private const short PeerClosing = 0x2000;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;

    private readonly Lock _lock = new();
    private PollDescriptor[] _descriptors = new PollDescriptor[2];
    private int _wakeUp;
    private bool _isWoken;

    internal PollSet()
    {
        _wakeUp = eventfd(0, CloseOnExec | NonBlocking);
        if (_wakeUp < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        _descriptors[0] = new PollDescriptor { Descriptor = _wakeUp, Events = Readable };
    }

    /// <summary>Places from 0; a new one waits for nothing.</summary>
    internal int Count { get; private set; }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_wakeUp >= 0)
            {
                _ = close(_wakeUp);
                _wakeUp = -1;
            }
        }
    }

    /// <summary>Ends the wait, or the next one.</summary>
    internal void Wake()
    {
        lock (_lock)
        {
            if (_wakeUp >= 0 && !_isWoken)
            {
                var one = 1UL;
                _ = write(_wakeUp, &one, sizeof(ulong));
                _isWoken = true;
            }
        }
    }

    internal void Resize(int count)
    {
        if (count >= _descriptors.Length)
        {
            Array.Resize(ref _descriptors, Math.Max(count + 1, 2 * _descriptors.Length));
        }

        for (var place = Count; place < count; place++)
        {
            Watch(place, -1, 0);
        }

        Count = count;
    }

    /// <summary>A negative socket is passed over.</summary>
    internal void Watch(int place, int socket, short events) => _descriptors[place + 1] =
        new PollDescriptor { Descriptor = socket, Events = (short)(events | PeerClosing) };

    /// <summary>Waits until it is woken, a socket is ready or the time is over.</summary>
    internal void Wait(int timeoutMs)
    {
        fixed (PollDescriptor* descriptors = _descriptors)
        {
            if (poll(descriptors, (nuint)(Count + 1), timeoutMs) < 0)
            {
                // Interrupted, or short of memory: what it left there is not of this time.
                for (var place = 0; place <= Count; place++)
                {
                    descriptors[place].Ready = 0;
                }
            }
        }

        lock (_lock)
        {
            if (_isWoken && _wakeUp >= 0)
            {
                var count = 0UL;
                _ = read(_wakeUp, &count, sizeof(ulong));
                _isWoken = false;
            }
        }
    }

    /// <summary>What the socket at that place was ready for when the last wait ended.</summary>
    internal short Ready(int place) => _descriptors[place + 1].Ready;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMs);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short Ready;
    }
}
