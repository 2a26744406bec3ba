using System.Net.Sockets;
using System.Text;

namespace GridTokenX.Protocol.Hosting;

/// <summary>
/// systemd's notification protocol (sd_notify(3)): datagrams of <c>NAME=value</c> lines to the socket that
/// <c>NOTIFY_SOCKET</c> names. Without systemd nothing is sent.
/// </summary>
public sealed class ServiceNotifier : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _address;
    private readonly Action<string, string> _failed;

    /// <param name="address">A path, or a name of the abstract namespace behind an @; null for no systemd.</param>
    /// <param name="failed">Told of the state that the socket did not take, and why.</param>
    public ServiceNotifier(string? address, Action<string, string> failed)
    {
        _failed = failed;
        if (!string.IsNullOrEmpty(address))
        {
            _address = new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address);
            _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        }
    }

    public void Dispose() => _socket?.Dispose();

    public void Send(string state)
    {
        if (_socket is null)
        {
            return;
        }

        try
        {
            _ = _socket.SendTo(Encoding.UTF8.GetBytes(state), _address!);
        }
        catch (SocketException exception)
        {
            _failed(state, exception.Message);
        }
    }
}
