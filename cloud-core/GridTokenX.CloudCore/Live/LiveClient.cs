using System.Text.Json;
using System.Threading.Channels;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;

namespace GridTokenX.CloudCore.Live;

/// <summary>
/// Somebody who watches: what is to be sent, in a queue of bounded length. The bytes are shared with all others who get
/// the same, so a slow client costs references only.
/// </summary>
internal sealed class LiveClient(int maxQueued)
{
    private static readonly ReadOnlyMemory<byte> Resync = Write(new LiveNotice("resync"));

    // Whoever writes goes on with what the reader does until it has to wait: a message for thousands is handed over
    // without as many hops between threads. Readers never block.
    private readonly Channel<ReadOnlyMemory<byte>> _queue = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(maxQueued)
        {
            FullMode = BoundedChannelFullMode.Wait,
            AllowSynchronousContinuations = true,
        });

    /// <summary>Null while nobody has signed in. Set by the client's own loop.</summary>
    internal Caller? Caller { get; set; }

    /// <summary>What it watches; touched by the hub's loop alone.</summary>
    internal HashSet<LiveTopic> Topics { get; } = [];

    /// <summary>It is gone; touched by the hub's loop alone.</summary>
    internal bool HasLeft { get; set; }

    internal ChannelReader<ReadOnlyMemory<byte>> Outgoing => _queue.Reader;

    /// <summary>An answer must not be missing: where there is no room for it the connection ends.</summary>
    internal void Notify(LiveNotice notice)
    {
        if (!TrySend(Write(notice)))
        {
            Complete();
        }
    }

    /// <summary>False when it is too slow: then nothing that waits for it is worth sending any more.</summary>
    internal bool TrySend(ReadOnlyMemory<byte> message) => _queue.Writer.TryWrite(message);

    /// <summary>
    /// Everything that waits is thrown away; what it gets instead says that it has to subscribe anew.
    /// </summary>
    internal void StartAnew()
    {
        while (_queue.Reader.TryRead(out _))
        {
            // Thrown away.
        }

        _ = _queue.Writer.TryWrite(Resync);
    }

    internal void Complete() => _ = _queue.Writer.TryComplete();

    private static ReadOnlyMemory<byte> Write(LiveNotice notice)
    {
        // What does not apply is left out.
        using var document = JsonSerializer.SerializeToDocument(notice, ProtocolJson.Default.LiveNotice);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Value.ValueKind != JsonValueKind.Null)
                {
                    property.WriteTo(json);
                }
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
