using System.Net.Sockets;
using System.Text;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>
/// systemd's notification protocol (sd_notify(3)): datagrams of <c>NAME=value</c> lines to the socket that
/// <c>NOTIFY_SOCKET</c> names. Without systemd nothing is sent.
/// </summary>
internal sealed class ServiceNotifier : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _address;
    private readonly ILogger _logger;

    /// <param name="address">A path, or a name of the abstract namespace behind an @; null for no systemd.</param>
    /// <param name="logger">Told when the socket does not take it.</param>
    internal ServiceNotifier(string? address, ILogger<ServiceNotifier> logger)
    {
        _logger = logger;
        if (!string.IsNullOrEmpty(address))
        {
            _address = new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address);
            _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        }
    }

    public void Dispose() => _socket?.Dispose();

    internal void Send(string state)
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
            Log.NotNotified(_logger, state, exception.Message);
        }
    }
}

/// <summary>
/// Tells systemd that the gateway does its work. The forwarder beats it each time it has gone round, whatever the cloud
/// answers, and it does not reach systemd while the intake stands still: a process that is alive and does nothing is
/// started anew.
/// </summary>
internal sealed class Heartbeat(ServiceNotifier notifier, WallTime wall)
{
    /// <summary>The forwarder goes round at least this often; the watchdog must wait several times as long.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    /// <summary>Work at hand for this long without a step of it.</summary>
    internal static readonly TimeSpan Stuck = TimeSpan.FromMinutes(2);

    private long _busySince;
    private long _beats;

    /// <summary>How often the watchdog was fed.</summary>
    internal long Beats => Interlocked.Read(ref _beats);

    /// <summary>The intake begins a piece of work.</summary>
    internal void IntakeBegins() => Interlocked.Exchange(ref _busySince, wall.UtcNow.UtcTicks);

    /// <summary>The intake has done it.</summary>
    internal void IntakeEnds() => Interlocked.Exchange(ref _busySince, 0);

    internal void Beat()
    {
        var busySince = Interlocked.Read(ref _busySince);
        if (busySince != 0 && wall.UtcNow.UtcTicks - busySince > Stuck.Ticks)
        {
            return;
        }

        Feed();
    }

    /// <summary>Everybody waits for a damaged file to be recovered, and that makes progress.</summary>
    internal void RecoveryGoesOn()
    {
        _ = Interlocked.Exchange(ref _busySince, 0);
        Feed();
    }

    private void Feed()
    {
        _ = Interlocked.Increment(ref _beats);
        notifier.Send("WATCHDOG=1");
    }
}
