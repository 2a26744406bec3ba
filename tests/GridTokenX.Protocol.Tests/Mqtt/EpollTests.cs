using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using GridTokenX.Mqtt.Interop;

namespace GridTokenX.Protocol.Tests.Mqtt;

public sealed class EpollTests : IDisposable
{
    private const long Key = 7;

    private readonly Epoll _epoll = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TcpClient _near = new();
    private readonly TcpClient _far;
    private readonly List<(long Key, short Events)> _ready = [];

    public EpollTests()
    {
        _listener.Start();
        _near.Connect((IPEndPoint)_listener.LocalEndpoint);
        _far = _listener.AcceptTcpClient();
        _epoll.Watch(Descriptor, Epoll.Readable, Key);
    }

    private int Descriptor => (int)_near.Client.Handle;

    public void Dispose()
    {
        _far.Dispose();
        _near.Dispose();
        _listener.Dispose();
        _epoll.Dispose();
    }

    [Fact]
    public void What_is_not_read_is_shown_again()
    {
        _far.GetStream().WriteByte(1);

        Wait().ShouldBe([(Key, Epoll.Readable)]);
        Wait().ShouldBe([(Key, Epoll.Readable)]);
        _ = _near.GetStream().ReadByte();

        Look().ShouldBeEmpty();
    }

    [Fact]
    public void A_call_ends_one_wait_and_is_no_socket()
    {
        _epoll.Wake();

        Wait().ShouldBeEmpty();
        _epoll.Wake();
        _far.GetStream().WriteByte(1);
        Wait();
        Wait().ShouldBe([(Key, Epoll.Readable)]);
    }

    [Fact]
    public void Interest_in_writing_comes_and_goes()
    {
        _epoll.Change(Descriptor, Epoll.Readable | Epoll.Writable, Key);
        Wait().ShouldBe([(Key, Epoll.Writable)]);

        _epoll.Change(Descriptor, Epoll.Readable, Key);

        Look().ShouldBeEmpty();
    }

    [Fact]
    public void Closed_socket_is_forgotten()
    {
        _far.Client.Close();
        Wait().Single().Key.ShouldBe(Key);

        _near.Client.Close();

        Look().ShouldBeEmpty();
    }

    /// <summary>As a child process has one that was begun before it could be kept from it.</summary>
    [Fact]
    public void Closed_socket_that_somebody_else_has_still_is_shown_until_all_are_forgotten()
    {
        using var others = new SafeSocketHandle(dup(Descriptor), ownsHandle: true);
        _near.Client.Close();
        _far.Client.Close();
        Wait().Single().Key.ShouldBe(Key);

        _epoll.TryRenew().ShouldBeTrue();

        Look().ShouldBeEmpty();
        _epoll.Wake();
        Wait().ShouldBeEmpty();
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int dup(int descriptor);

    /// <summary>Until something is ready, or it was woken.</summary>
    private List<(long Key, short Events)> Wait() => LookFor(60_000);

    private List<(long Key, short Events)> Look() => LookFor(0);

    private List<(long Key, short Events)> LookFor(int milliseconds)
    {
        _epoll.Wait(milliseconds, _ready);
        return [.. _ready];
    }
}
