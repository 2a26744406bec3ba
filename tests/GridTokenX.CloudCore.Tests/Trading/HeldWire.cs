using System.Net.Sockets;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>Which way what is held back was going.</summary>
public enum WireEnd
{
    None = 0,

    /// <summary>A statement that the server does not get yet: whoever sent it stands still before it.</summary>
    Asked,

    /// <summary>An answer that its client does not get yet: whoever asked stands still after it.</summary>
    Answered,
}

/// <summary>
/// A way to the database, a Unix socket like the database's own, on which the n-th piece is held back until it is let
/// go: what the server and everybody else see of a process that was stopped just there.
/// </summary>
internal sealed class HeldWire : IAsyncDisposable
{
    private const string FileName = ".s.PGSQL.5432";

    private readonly string _folder = Directory.CreateTempSubdirectory("gtx-wire-").FullName;
    private readonly UnixDomainSocketEndPoint _server;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Lock _lock = new();
    private readonly List<Socket> _sockets = [];
    private readonly Task _accepting;
    private Hold? _hold;

    private sealed class Hold(int at, WireEnd end)
    {
        private int _pieces;

        internal TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal TaskCompletionSource LetGo { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task PassAsync(WireEnd passing)
        {
            if (passing != end || Interlocked.Increment(ref _pieces) != at)
            {
                return Task.CompletedTask;
            }

            _ = Reached.TrySetResult();
            return LetGo.Task;
        }
    }

    internal HeldWire(string database)
    {
        var connection = new NpgsqlConnectionStringBuilder(database);
        _server = new UnixDomainSocketEndPoint(Path.Combine(connection.Host!, FileName));
        connection.Host = _folder;
        connection.ApplicationName = Name;
        Database = NpgsqlDataSource.Create(connection);
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, FileName)));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>By which the server knows who comes this way.</summary>
    internal string Name { get; } = $"held-{Guid.NewGuid():N}"[..20];

    internal NpgsqlDataSource Database { get; }

    /// <summary>Completes when the piece is there; it stays until <see cref="LetGo"/>.</summary>
    /// <param name="piece">From 1 on, counted from now.</param>
    /// <param name="end">Of those that go this way.</param>
    internal Task HoldAsync(int piece, WireEnd end)
    {
        var hold = new Hold(piece, end);
        Volatile.Write(ref _hold, hold);
        return hold.Reached.Task;
    }

    internal void LetGo() => _ = Interlocked.Exchange(ref _hold, null)?.LetGo.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        LetGo();
        await Database.DisposeAsync();
        _listener.Dispose();
        await _accepting;
        lock (_lock)
        {
            _sockets.ForEach(static socket => socket.Dispose());
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync();
                var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                lock (_lock)
                {
                    _sockets.AddRange([client, server]);
                }

                await server.ConnectAsync(_server);
                _ = PumpAsync(client, server, WireEnd.Asked);
                _ = PumpAsync(server, client, WireEnd.Answered);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The listener is gone.
        }
    }

    private async Task PumpAsync(Socket from, Socket to, WireEnd end)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is var length and > 0)
            {
                await (Volatile.Read(ref _hold)?.PassAsync(end) ?? Task.CompletedTask);
                var sent = 0;
                while (sent < length)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, length - sent));
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // One end has hung up; the other one hears of it.
            to.Dispose();
        }
    }
}
