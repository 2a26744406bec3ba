// poll(2) and eventfd(2): waiting for a socket, or for another thread's call, whichever comes first.

using System.ComponentModel;
using System.Runtime.InteropServices;

namespace GridTokenX.Mqtt.Interop;

/// <summary>
/// Wakes the one thread that waits in <see cref="Wait(int, short, int)"/>; any thread may set it, also after disposal.
/// </summary>
internal sealed unsafe partial class WakeUp : IDisposable
{
    internal const short Readable = 0x001;
    internal const short Writable = 0x004;
    internal const short PeerGone = 0x008 | 0x010 | 0x020 | PeerClosing;
    private const short PeerClosing = 0x2000;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;

    private readonly Lock _lock = new();
    private int _descriptor;

    internal WakeUp()
    {
        _descriptor = eventfd(0, CloseOnExec | NonBlocking);
        if (_descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_descriptor >= 0)
            {
                _ = close(_descriptor);
                _descriptor = -1;
            }
        }
    }

    internal void Set()
    {
        lock (_lock)
        {
            if (_descriptor >= 0)
            {
                var one = 1UL;
                _ = write(_descriptor, &one, sizeof(ulong));
            }
        }
    }

    /// <summary>Waits until it is set or the time is over.</summary>
    internal void Wait(int timeoutMs) => _ = Wait(-1, 0, timeoutMs);

    /// <summary>
    /// Waits until it is set, the socket is ready or the time is over; gives back what the socket is ready for.
    /// </summary>
    internal short Wait(int socket, short events, int timeoutMs)
    {
        var waits = stackalloc PollDescriptor[2];
        waits[0] = new PollDescriptor { Descriptor = _descriptor, Events = Readable };
        waits[1] = new PollDescriptor { Descriptor = socket, Events = (short)(events | PeerClosing) };
        if (poll(waits, 2, timeoutMs) <= 0)
        {
            return 0;
        }

        if (waits[0].Ready != 0)
        {
            var count = 0UL;
            _ = read(_descriptor, &count, sizeof(ulong));
        }

        return waits[1].Ready;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    /// <summary>A negative descriptor is passed over.</summary>
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
