using System.Threading.Channels;
using GridTokenX.Solana;
using GridTokenX.Solana.PubSub;

namespace GridTokenX.CloudCore.Chain;

/// <summary>A transaction that names the program; null when some were missed.</summary>
internal sealed record ChainNews(PublicKey Program, ulong Slot, LogsNotification? Logs);

/// <summary>
/// What happens on chain, as it happens: one connection, one subscription a program. It ends with an exception when it
/// can no longer say everything; before and after there is <see cref="ChainHistory"/>.
/// </summary>
internal sealed class ChainFeed : IAsyncDisposable
{
    private const int Capacity = 4_096;

    private readonly SolanaPubSubClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<ChainNews> _news = Channel.CreateBounded<ChainNews>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    private readonly List<Task> _readers = [];

    private ChainFeed(SolanaPubSubClient client) => _client = client;

    /// <summary>What is not read waits, within bounds.</summary>
    public ChannelReader<ChainNews> News => _news.Reader;

    /// <summary>Returns when everything from now on comes.</summary>
    /// <exception cref="Solana.Rpc.SolanaException">The node cannot be reached, or refuses.</exception>
    public static async Task<ChainFeed> OpenAsync(
        PubSubOptions options, IReadOnlyList<PublicKey> programs, TimeProvider clock, CancellationToken cancellationToken)
    {
        var feed = new ChainFeed(new SolanaPubSubClient(options, clock));
        try
        {
            foreach (var program in programs)
            {
                var subscription = await feed._client.SubscribeLogsAsync(program, cancellationToken: cancellationToken);
                feed._readers.Add(feed.ReadAsync(program, subscription));
            }

            return feed;
        }
        catch
        {
            await feed.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _ = _news.Writer.TryComplete();
        await Task.WhenAll(_readers);
        await _client.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ReadAsync(PublicKey program, Subscription<LogsNotification> subscription)
    {
        try
        {
            await foreach (var notification in subscription.WithCancellation(_stop.Token))
            {
                // A slow reader fills this channel, then the subscription's own buffer, which then ends with a fault.
                await _news.Writer.WriteAsync(
                    new ChainNews(program, notification.Slot, notification.Value), _stop.Token);
            }

            _ = _news.Writer.TryComplete();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Closed.
        }
        catch (ChannelClosedException)
        {
            // Another subscription has ended with a fault.
        }
#pragma warning disable CA1031 // Whatever it is, the reader of the news hears of it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _ = _news.Writer.TryComplete(fault);
        }
    }
}
