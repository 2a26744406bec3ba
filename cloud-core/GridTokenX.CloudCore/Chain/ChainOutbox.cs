using System.Threading.Channels;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

public sealed class ChainOutbox(TimeProvider time, WallTime wallTime) : IChainOutbox
{
    // One waiting wake-up says everything: the sender then looks at the whole outbox.
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public async Task EnqueueAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ChainIntent> intents, CancellationToken cancellationToken)
    {
        if (intents.Count == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands = { Enqueuing(intents) },
        };
        _ = await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    public NpgsqlBatchCommand Enqueuing(IReadOnlyList<ChainIntent> intents) => new(
        """
        insert into chain_outbox (intent_id, kind, intent, next_attempt_at, created_at)
        select id, kind, intent::jsonb, $4, $5
        from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as i (id, kind, intent, position)
        order by position
        on conflict (intent_id) do nothing
        """)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid[]> { TypedValue = [.. intents.Select(static intent => intent.Id)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. intents.Select(IntentKinds.KindOf)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. intents.Select(ChainIntentJson.Write)] },
            new NpgsqlParameter { Value = wallTime.UtcNow },
            new NpgsqlParameter { Value = time.GetUtcNow() },
        },
    };

    public void Wake() => _ = _wakes.Writer.TryWrite(true);

    /// <summary>Returns at a wake-up, or after the delay.</summary>
    internal async Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(delay, wallTime.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            _ = await _wakes.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The delay is over.
        }
    }
}
