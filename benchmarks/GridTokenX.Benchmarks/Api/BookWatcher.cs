using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace GridTokenX.Benchmarks.Api;

/// <summary>
/// A WebSocket (RFC 6455) that watches a zone's book and costs next to nothing: it waits without a buffer, and of what
/// it is told it reads the prices alone, which say which change it is.
/// </summary>
internal sealed class BookWatcher : IDisposable
{
    private const int Ping = 9;
    private const int Pong = 10;

    private static readonly byte[] PriceName = "\"price_per_kwh\":"u8.ToArray();

    // One for each thread: nobody waits with it.
    private static readonly ThreadLocal<byte[]> Shared = new(static () => new byte[1024 * 1024]);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _subscription;
    private byte[] _kept = [];

    /// <summary>When each change arrived here, in the clock's ticks; 0: it has not.</summary>
    internal long[] Arrived { get; }

    internal int Changes { get; private set; }

    internal bool HasSnapshot { get; private set; }

    /// <summary>How often it was too slow, and has subscribed anew.</summary>
    internal int Resyncs { get; private set; }

    private BookWatcher(string zone, int changes)
    {
        var text = Encoding.UTF8.GetBytes($$"""{"type":"subscribe","channel":"book","zone":"{{zone}}"}""");
        (Arrived, _subscription) = (new long[changes], Frame(0x81, text));
    }

    internal static async Task<BookWatcher> ConnectAsync(Uri address, string zone, int changes)
    {
        var watcher = new BookWatcher(zone, changes);
        var socket = watcher._socket;
        await socket.ConnectAsync(address.Host, address.Port);
        _ = await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /ws HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"));
        var head = new List<byte>();
        var one = new byte[1];
        while (!Encoding.ASCII.GetString([.. head.TakeLast(4)]).Equals("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await socket.ReceiveAsync(one) == 0)
            {
                throw new InvalidOperationException("The connection was refused.");
            }

            head.Add(one[0]);
        }

        if (!Encoding.ASCII.GetString([.. head]).StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(Encoding.ASCII.GetString([.. head]));
        }

        _ = await socket.SendAsync(watcher._subscription);
        return watcher;
    }

    /// <summary>Until it is disposed of.</summary>
    internal async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                _ = await _socket.ReceiveAsync(Memory<byte>.Empty);
                if (!TakeAll())
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The end of the measurement.
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>False at the end of the stream.</summary>
    private bool TakeAll()
    {
        var buffer = Shared.Value!;
        _kept.CopyTo(buffer, 0);
        var length = _kept.Length;
        var read = _socket.Receive(buffer.AsSpan(length));
        var now = Stopwatch.GetTimestamp();
        var rest = buffer.AsSpan(0, length + read);
        while (Bounds(rest) is { } frame)
        {
            if ((rest[0] & 0x0F) == Ping)
            {
                _ = _socket.Send(Frame(0x80 | Pong, rest[frame.Start..frame.End]));
            }
            else
            {
                Take(rest[frame.Start..frame.End], now);
            }

            rest = rest[frame.End..];
        }

        _kept = rest.IsEmpty ? [] : rest.ToArray();
        return read > 0;
    }

    /// <summary>Where the first message's content is; null while it is not there as a whole.</summary>
    private static (int Start, int End)? Bounds(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2)
        {
            return null;
        }

        var (start, length) = (bytes[1] & 0x7F) switch
        {
            126 when bytes.Length >= 4 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
            127 when bytes.Length >= 10 => (10, checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]))),
            126 or 127 => (0, int.MaxValue),
            var small => (2, small),
        };
        return length <= bytes.Length - start ? (start, start + length) : null;
    }

    /// <summary>Of at most 125 bytes. A mask of zeros leaves the content as it is.</summary>
    private static byte[] Frame(int head, ReadOnlySpan<byte> content) =>
        [(byte)head, (byte)(0x80 | content.Length), 0, 0, 0, 0, .. content];

    private void Take(ReadOnlySpan<byte> message, long now)
    {
        HasSnapshot |= message.StartsWith("{\"type\":\"snapshot\""u8);
        if (message.StartsWith("{\"type\":\"resync\""u8))
        {
            Resyncs++;
            _ = _socket.Send(_subscription);
            return;
        }

        while (message.IndexOf(PriceName) is >= 0 and var at)
        {
            message = message[(at + PriceName.Length)..];
            if (!Utf8Parser.TryParse(message, out int price, out _))
            {
                throw new InvalidOperationException(
                    string.Create(CultureInfo.InvariantCulture, $"No price in {Encoding.UTF8.GetString(message)}."));
            }

            if (Arrived[price - 1] == 0)
            {
                Arrived[price - 1] = now;
                Changes++;
            }
        }
    }
}
