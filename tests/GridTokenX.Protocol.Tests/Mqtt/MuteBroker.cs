using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace GridTokenX.Protocol.Tests.Mqtt;

/// <summary>
/// Accepts connections (CONNACK) and then never answers: a fault that a real broker does not make on demand.
/// </summary>
internal sealed class MuteBroker : IAsyncDisposable
{
    private static readonly byte[] ConnectionAccepted = [0x20, 0x02, 0x00, 0x00];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> _clients = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private volatile bool _dropped;
    private int _bytesAfterDrop;

    public MuteBroker()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Bytes that came after CONNECT on connections made after the drop.</summary>
    public int PublishesAfterDrop => Volatile.Read(ref _bytesAfterDrop);

    public void DropAll()
    {
        _dropped = true;
        foreach (var client in _clients)
        {
            client.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Not the other way round: a listener that has stopped refuses to be asked for another connection.
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        DropAll();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _clients.Add(client);
                _ = ServeAsync(client, _dropped);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client, bool afterDrop)
    {
        try
        {
            var stream = client.GetStream();
            var buffer = new byte[65536];
            _ = await stream.ReadAsync(buffer, _stop.Token);
            await stream.WriteAsync(ConnectionAccepted, _stop.Token);
            int count;
            while ((count = await stream.ReadAsync(buffer, _stop.Token)) > 0)
            {
                _ = afterDrop ? Interlocked.Add(ref _bytesAfterDrop, count) : 0;
            }
        }
        catch (Exception exception) when (
            exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Dropped.
        }
    }
}
