// epoll(7) and eventfd(2): waiting for sockets, or for another thread's call, whichever comes first.

using System.ComponentModel;
using System.Runtime.InteropServices;

namespace GridTokenX.Mqtt.Interop;

/// <summary>
/// The sockets that one thread waits for, each under a key of the caller's: a wait costs what is ready, not what is
/// silent. Level-triggered: what is not taken from a socket is shown again. All but <see cref="Wake"/> is called by
/// that thread, and the owner sees to it that none of both is called after disposal.
/// </summary>
internal sealed unsafe partial class Epoll : IDisposable
{
    internal const short Readable = 0x001;
    internal const short Writable = 0x004;
    internal const short PeerGone = 0x008 | 0x010 | PeerClosing;
    private const short PeerClosing = 0x2000;

    /// <summary>Of <see cref="Wait"/>; the rest comes with the next one, as the kernel takes them by turns.</summary>
    private const int MaxEvents = 256;

    private const long WakeUpKey = 0;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int Add = 1;
    private const int Modify = 3;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExecFlag = 1;

    // struct epoll_event is packed on x86 only.
    private static readonly int KeyOffset =
        RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 4 : 8;

    private static readonly int EventLength = KeyOffset + sizeof(long);

    private readonly byte[] _events = new byte[MaxEvents * EventLength];
    private int _epoll;
    private int _wakeUp;

    /// <exception cref="Win32Exception">There are no descriptors left.</exception>
    internal Epoll()
    {
        _wakeUp = eventfd(0, CloseOnExec | NonBlocking);
        if (_wakeUp < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        _epoll = -1;
        if (!TryRenew())
        {
            var error = Marshal.GetLastPInvokeError();
            Dispose();
            throw new Win32Exception(error);
        }
    }

    public void Dispose()
    {
        Close(ref _wakeUp);
        Close(ref _epoll);
    }

    /// <summary>Ends the wait, or the next one; any thread may.</summary>
    internal void Wake()
    {
        var one = 1UL;
        _ = write(_wakeUp, &one, sizeof(ulong));
    }

    /// <summary>
    /// Forgets all sockets. One that was closed here goes on being shown while another process has it; then it cannot
    /// be forgotten alone.
    /// </summary>
    /// <returns>False when there are no descriptors left: nothing has changed.</returns>
    internal bool TryRenew()
    {
        var renewed = epoll_create1(CloseOnExec);
        if (renewed < 0)
        {
            return false;
        }

        if (!TryControl(renewed, Add, _wakeUp, Readable, WakeUpKey))
        {
            Close(ref renewed);
            return false;
        }

        Close(ref _epoll);
        _epoll = renewed;
        return true;
    }

    /// <summary>
    /// Waits for this socket too, until it is closed. That a child process keeps it open is prevented here.
    /// </summary>
    /// <param name="key">Not 0; never used before.</param>
    /// <exception cref="Win32Exception">It is not a socket, or memory is short.</exception>
    internal void Watch(int socket, short events, long key)
    {
        if (fcntl(socket, SetDescriptorFlags, CloseOnExecFlag) < 0
            || !TryControl(_epoll, Add, socket, (short)(events | PeerClosing), key))
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Waits for other events of a socket that is watched and open.</summary>
    /// <exception cref="Win32Exception">It is not.</exception>
    internal void Change(int socket, short events, long key)
    {
        if (!TryControl(_epoll, Modify, socket, (short)(events | PeerClosing), key))
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Waits until it is woken, a socket is ready or the time is over.</summary>
    /// <param name="timeoutMs">Not negative.</param>
    /// <param name="ready">Gets what is ready, by key.</param>
    internal void Wait(int timeoutMs, List<(long Key, short Events)> ready)
    {
        int count;
        fixed (byte* events = _events)
        {
            // Below 0 when it is interrupted, or short of memory: nothing is ready then.
            count = epoll_wait(_epoll, events, MaxEvents, timeoutMs);
        }

        ready.Clear();
        for (var i = 0; i < count; i++)
        {
            var entry = _events.AsSpan(i * EventLength, EventLength);
            var key = MemoryMarshal.Read<long>(entry[KeyOffset..]);
            if (key != WakeUpKey)
            {
                ready.Add((key, (short)MemoryMarshal.Read<uint>(entry)));
                continue;
            }

            var calls = 0UL;
            _ = read(_wakeUp, &calls, sizeof(ulong));
        }
    }

    private static bool TryControl(int epoll, int operation, int socket, short events, long key)
    {
        Span<byte> entry = stackalloc byte[EventLength];
        entry.Clear();
        MemoryMarshal.Write(entry, (uint)(ushort)events);
        MemoryMarshal.Write(entry[KeyOffset..], key);
        fixed (byte* pointer = entry)
        {
            return epoll_ctl(epoll, operation, socket, pointer) == 0;
        }
    }

    private static void Close(ref int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = close(descriptor);
            descriptor = -1;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* entry);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, byte* events, int maxEvents, int timeoutMs);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
