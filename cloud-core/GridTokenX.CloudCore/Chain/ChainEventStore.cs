using GridTokenX.CloudCore.Storage;
using GridTokenX.Programs.Events;
using GridTokenX.Solana;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>A transaction that succeeded and names one of our programs; perhaps without any event.</summary>
/// <param name="Places">Its events by their position; null for one that is passed over.</param>
internal sealed record IndexedTransaction(
    Signature Signature, long Slot, DateTimeOffset? BlockTime, IReadOnlyList<ProgramEvent?> Places)
{
    public IEnumerable<ProgramEvent> Events => Places.OfType<ProgramEvent>();
}

/// <summary>Everything of the program up to and with this transaction has been seen.</summary>
internal sealed record ChainCursor(PublicKey Program, Signature Signature, long Slot);

/// <summary>
/// Stores what happened on chain, and lets the rest of the cloud core act on it in the same database transaction. What
/// is stored already is passed over, so the same transactions may come any number of times.
/// </summary>
internal sealed class ChainEventStore(
    NpgsqlDataSource source, IEnumerable<IChainEventEffect> effects, ILogger<ChainEventStore> logger)
{
    private const int MaxRetried = 100;

    /// <summary>At the effects of events.</summary>
    private enum Attempt
    {
        /// <summary>They are stored as not applied.</summary>
        None = 0,
        First,

        /// <summary>Something has failed before.</summary>
        Again,
    }

    // The chain has it, and the cursor says where to read on: what a crash of the server takes back comes again.
    // Whatever follows from it and leaves this process is in a later commit, which waits for this one.
    private const string Unsynced = $"select set_config('synchronous_commit', 'off', true), {LookupPlans.Settings}";

    private readonly IReadOnlyList<IChainEventEffect> _effects = [.. effects];

    public async Task<IReadOnlyDictionary<PublicKey, ChainCursor>> CursorsAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("select program, signature, slot from chain_cursors");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var cursors = new Dictionary<PublicKey, ChainCursor>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var cursor = ReadCursor(reader);
            cursors.Add(cursor.Program, cursor);
        }

        return cursors;
    }

    /// <summary>In the order of the chain. All of them are stored when it returns, and the cursors moved.</summary>
    public async Task StoreAsync(
        IReadOnlyList<IndexedTransaction> transactions,
        IReadOnlyList<ChainCursor> cursors,
        CancellationToken cancellationToken)
    {
        try
        {
            _ = await StoreAsync(transactions, cursors, Attempt.First, cancellationToken);
        }
        catch (Exception exception) when (IsOfAnEffect(exception, cancellationToken))
        {
            // One of them spoils it for all: each for itself.
            foreach (var transaction in transactions)
            {
                await StoreAloneAsync(transaction, cancellationToken);
            }

            _ = await StoreAsync([], cursors, Attempt.Again, cancellationToken);
        }
    }

    /// <summary>Tries again what failed; returns how many events still wait.</summary>
    public async Task<int> RetryAsync(CancellationToken cancellationToken)
    {
        var waiting = await UnappliedAsync(cancellationToken);
        var failed = 0;
        foreach (var indexed in waiting)
        {
            try
            {
                _ = await source.TransactAsync(
                    unit => RetryAsync(unit, indexed, cancellationToken), cancellationToken);
            }
            catch (Exception exception) when (IsOfAnEffect(exception, cancellationToken))
            {
                failed++;
                Log.EventEffectFailed(logger, exception, indexed.Signature);
            }
        }

        return failed;
    }

    private async Task StoreAloneAsync(IndexedTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            _ = await StoreAsync([transaction], [], Attempt.Again, cancellationToken);
        }
        catch (Exception exception) when (IsOfAnEffect(exception, cancellationToken))
        {
            Log.EventEffectFailed(logger, exception, transaction.Signature.ToString());
            _ = await StoreAsync([transaction], [], Attempt.None, cancellationToken);
        }
    }

    private Task<bool> StoreAsync(
        IReadOnlyList<IndexedTransaction> transactions,
        IReadOnlyList<ChainCursor> cursors,
        Attempt attempt,
        CancellationToken cancellationToken) => source.TransactAsync(
        async unit =>
        {
            var stored = await InsertAsync(unit, transactions, attempt != Attempt.None, cancellationToken);
            if (attempt != Attempt.None)
            {
                await ApplyAsync(unit, stored, attempt == Attempt.First, cancellationToken);
            }

            AddMove(unit.Writes, cursors);
            return true;
        },
        cancellationToken);

    private async Task ApplyAsync(
        UnitOfWork unit, IReadOnlyList<IndexedEvent> events, bool isFirst, CancellationToken cancellationToken)
    {
        foreach (var effect in _effects)
        {
            var handled = events.Where(indexed => effect.Handles(indexed.Event)).ToList();
            if (handled.Count > 0)
            {
                await unit.Writes.FlushAsync(cancellationToken);
                await effect.ApplyAsync(unit, handled, isFirst && handled.Count == events.Count, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Ticks off the outbox rows first, in the order in which everybody locks them; returns the events that were not
    /// there before, in the order of the chain.
    /// </summary>
    private static async Task<IReadOnlyList<IndexedEvent>> InsertAsync(
        UnitOfWork unit,
        IReadOnlyList<IndexedTransaction> transactions,
        bool isApplied,
        CancellationToken cancellationToken)
    {
        if (transactions.Count == 0)
        {
            _ = await unit.Transaction.ExecuteAsync(Unsynced, null, cancellationToken);
            return [];
        }

        var rows = transactions
            .DistinctBy(static transaction => transaction.Signature)
            .SelectMany(static transaction => transaction.Places
                .Select(static (read, position) => (Read: read, Position: position))
                .Where(static place => place.Read is not null)
                .Select(place => new IndexedEvent(
                    place.Read!,
                    transaction.Signature.ToString(),
                    transaction.Slot,
                    transaction.BlockTime,
                    place.Position)))
            .ToList();
        var command = new NpgsqlBatchCommand(
            """
            with rows as (
                select id from chain_outbox
                where tx_signature = any ($1) and tx_signature is not null and not indexed
                order by id for no key update),
            ticked as (
                update chain_outbox o set indexed = true from rows where o.id = rows.id)
            insert into chain_events (signature, position, kind, event, slot, block_time, applied)
            select signature, position, kind, event::jsonb, slot, block_time, $8
            from unnest($2::text[], $3::integer[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[])
                as e (signature, position, kind, event, slot, block_time)
            on conflict (signature, position) do nothing
            returning signature, position
            """);
        command.Parameters.Add(
            new() { Value = transactions.Select(static transaction => transaction.Signature.ToString()).ToArray() });
        command.Parameters.Add(new() { Value = rows.Select(static row => row.Signature).ToArray() });
        command.Parameters.Add(new() { Value = rows.Select(static row => row.Position).ToArray() });
        command.Parameters.Add(
            new() { Value = rows.Select(static row => ProgramEventJson.KindOf(row.Event)).ToArray() });
        command.Parameters.Add(
            new() { Value = rows.Select(static row => ProgramEventJson.Write(row.Event)).ToArray() });
        command.Parameters.Add(new() { Value = rows.Select(static row => row.Slot).ToArray() });
        command.Parameters.Add(new() { Value = rows.Select(static row => row.BlockTime).ToArray() });
        command.Parameters.Add(new() { Value = isApplied });
        var inserted = new HashSet<(string, int)>();
        await using var batch = new NpgsqlBatch(unit.Connection, unit.Transaction)
        {
            BatchCommands = { new NpgsqlBatchCommand(Unsynced), command },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        _ = await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            _ = inserted.Add((reader.GetString(0), reader.GetInt32(1)));
        }

        return [.. rows.Where(row => inserted.Contains((row.Signature, row.Position)))];
    }

    /// <summary>Never back: what came late by another way has been seen.</summary>
    private static void AddMove(PendingWrites writes, IReadOnlyList<ChainCursor> cursors)
    {
        if (cursors.Count > 0)
        {
            writes.Add(
                """
                insert into chain_cursors (program, signature, slot)
                select * from unnest($1, $2, $3)
                on conflict (program) do update set signature = excluded.signature, slot = excluded.slot
                where chain_cursors.slot <= excluded.slot
                """,
                PendingWrites.Column(cursors, static cursor => cursor.Program.ToArray()),
                PendingWrites.Column(cursors, static cursor => cursor.Signature.ToString()),
                PendingWrites.Column(cursors, static cursor => cursor.Slot));
        }
    }

    private async Task<IReadOnlyList<IndexedEvent>> UnappliedAsync(
        CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            select signature, position, kind, event::text, slot, block_time from chain_events
            where not applied
            order by slot, signature, position
            limit $1
            """);
        command.Parameters.Add(new() { Value = MaxRetried });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var waiting = new List<IndexedEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            waiting.Add(ReadEvent(reader));
        }

        return waiting;
    }

    private async Task<bool> RetryAsync(
        UnitOfWork unit, IndexedEvent indexed, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "update chain_events set applied = true where signature = $1 and position = $2 and not applied",
            unit.Connection,
            unit.Transaction);
        command.Parameters.Add(new() { Value = indexed.Signature });
        command.Parameters.Add(new() { Value = indexed.Position });
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 1)
        {
            await ApplyAsync(unit, [indexed], isFirst: false, cancellationToken);
        }

        return true;
    }

    private static ChainCursor ReadCursor(NpgsqlDataReader reader) => new(
        new PublicKey(reader.GetFieldValue<byte[]>(0)), Signature.Parse(reader.GetString(1)), reader.GetInt64(2));

    private static IndexedEvent ReadEvent(NpgsqlDataReader reader) => new(
        ProgramEventJson.Read(reader.GetString(2), reader.GetString(3)),
        reader.GetString(0),
        reader.GetInt64(4),
        reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5),
        reader.GetInt32(1));

    // A database that is away or a process that stops says nothing about the events.
    private static bool IsOfAnEffect(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && !DatabaseFaults.IsUnavailable(exception);
}
