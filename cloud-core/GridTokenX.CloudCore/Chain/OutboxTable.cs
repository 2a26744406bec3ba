using System.Text.Json;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Solana;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>An open row.</summary>
/// <param name="Id">Position in the outbox.</param>
/// <param name="IntentId">Names the intent.</param>
/// <param name="Kind">Of the intent.</param>
/// <param name="Intent">Null when this program cannot read it.</param>
/// <param name="Attempts">How often the chain, or the RPC, has refused it.</param>
/// <param name="IsAlone">Shares no transaction any more: one that it shared was refused.</param>
/// <param name="CreatesAccounts">The receivers' token accounts come with it.</param>
/// <param name="Signature">Of the transaction that was stored last, whatever became of it.</param>
/// <param name="Sent">The stored transaction that may have been sent; null when there is none that could still
/// land.</param>
internal sealed record OutboxRow(
    long Id,
    Guid IntentId,
    string Kind,
    ChainIntent? Intent,
    int Attempts,
    bool IsAlone,
    bool CreatesAccounts,
    string? Signature,
    SentTransaction? Sent);

/// <param name="Wire">The signed bytes.</param>
/// <param name="Signature">Names it on chain.</param>
/// <param name="LastValidBlockHeight">It cannot land in a later block.</param>
/// <param name="SignedSlot">It cannot have landed in an earlier slot.</param>
/// <param name="IsShared">Other rows have the same one.</param>
internal sealed record SentTransaction(
    byte[] Wire, Signature Signature, ulong LastValidBlockHeight, ulong SignedSlot, bool IsShared);

/// <param name="Pending">Rows that the chain has yet to answer.</param>
/// <param name="Parked">Rows that need a hand.</param>
/// <param name="Unindexed">Confirmed, but what follows from it has not come to pass here.</param>
internal readonly record struct OutboxCounts(int Pending, int Parked, int Unindexed);

/// <summary>
/// The sender's statements on the outbox. Each write names the signature that it found on the row, so that a sender
/// whose knowledge is old changes nothing: of two that sign the same row, one loses, and does not send.
/// </summary>
internal sealed class OutboxTable(NpgsqlDataSource source)
{
    internal const string Due =
        """
        select id, intent_id, kind, intent::text, attempts, tx_signature, status = 'sent', transaction,
            last_valid_block_height, signed_slot, shared, alone, creates_accounts
        from chain_outbox
        where status in ('pending', 'sent') and next_attempt_at <= $1 and id <> all ($2)
        order by id
        limit $3
        """;

    /// <summary>Open rows that are due, in order, without those that are in work.</summary>
    public static async Task<IReadOnlyList<OutboxRow>> DueAsync(
        NpgsqlConnection connection,
        DateTimeOffset now,
        IReadOnlyCollection<long> inWork,
        int limit,
        CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(Due);
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = inWork.ToArray() });
        command.Parameters.Add(new() { Value = limit });
        await using var batch = new NpgsqlBatch(connection);
        await using var reader = await batch.ReadPlannedAsync(LookupPlans.QueueSettings, command, cancellationToken);
        var rows = new List<OutboxRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(ReadRow(reader));
        }

        return rows;
    }

    /// <summary>
    /// Stores signed transactions; returns the rows on which they now stand. A transaction may be sent only when it
    /// stands on all its rows.
    /// </summary>
    public async Task<IReadOnlySet<long>> StoreAsync(
        IReadOnlyList<(OutboxRow Row, SentTransaction Transaction)> signed, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            update chain_outbox o
            set status = 'sent', transaction = s.wire, tx_signature = s.signature, last_valid_block_height = s.height,
                signed_slot = s.slot, shared = s.shared
            from unnest($1::bigint[], $2::text[], $3::bytea[], $4::text[], $5::bigint[], $6::bigint[], $7::boolean[])
                as s (id, previous, wire, signature, height, slot, shared)
            where o.id = s.id and o.status in ('pending', 'sent') and o.tx_signature is not distinct from s.previous
            returning o.id
            """);
        command.Parameters.Add(new() { Value = signed.Select(static s => s.Row.Id).ToArray() });
        command.Parameters.Add(new() { Value = signed.Select(static s => s.Row.Signature).ToArray() });
        command.Parameters.Add(new() { Value = signed.Select(static s => s.Transaction.Wire).ToArray() });
        command.Parameters.Add(
            new() { Value = signed.Select(static s => s.Transaction.Signature.ToString()).ToArray() });
        command.Parameters.Add(
            new() { Value = signed.Select(static s => (long)s.Transaction.LastValidBlockHeight).ToArray() });
        command.Parameters.Add(new() { Value = signed.Select(static s => (long)s.Transaction.SignedSlot).ToArray() });
        command.Parameters.Add(new() { Value = signed.Select(static s => s.Transaction.IsShared).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var stored = new HashSet<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            _ = stored.Add(reader.GetInt64(0));
        }

        return stored;
    }

    /// <summary>Looks at the row again later; whatever may have been sent stays stored.</summary>
    public async Task PostponeAsync(
        OutboxRow row, string error, DateTimeOffset until, bool isAttempt, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            update chain_outbox set next_attempt_at = $2, last_error = $3, attempts = attempts + $4
            where id = $1 and status in ('pending', 'sent')
            """);
        command.Parameters.Add(new() { Value = row.Id });
        command.Parameters.Add(new() { Value = until });
        command.Parameters.Add(new() { Value = error });
        command.Parameters.Add(new() { Value = isAttempt ? 1 : 0 });
        _ = await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>After their common transaction was refused each of the rows goes by itself, at once.</summary>
    public async Task SeparateAsync(IReadOnlyList<OutboxRow> rows, string error, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            update chain_outbox o
            set status = 'pending', transaction = null, alone = true, last_error = $3
            from unnest($1::bigint[], $2::text[]) as s (id, signature)
            where o.id = s.id and o.status = 'sent' and o.tx_signature = s.signature
            """);
        command.Parameters.Add(new() { Value = rows.Select(static row => row.Id).ToArray() });
        command.Parameters.Add(new() { Value = rows.Select(static row => row.Signature).ToArray() });
        command.Parameters.Add(new() { Value = error });
        _ = await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What was refused for a reason that passes is signed anew, later, and no attempt of it.</summary>
    public async Task SignAgainAsync(
        OutboxRow row,
        string error,
        DateTimeOffset when,
        bool createsAccounts,
        CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            update chain_outbox
            set status = 'pending', transaction = null, alone = true, creates_accounts = $5, last_error = $3,
                next_attempt_at = $4
            where id = $1 and status = 'sent' and tx_signature = $2
            """);
        command.Parameters.Add(new() { Value = row.Id });
        command.Parameters.Add(new() { Value = row.Signature! });
        command.Parameters.Add(new() { Value = error });
        command.Parameters.Add(new() { Value = when });
        command.Parameters.Add(new() { Value = createsAccounts });
        _ = await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What is still under way, and what needs a hand.</summary>
    public async Task<OutboxCounts> CountAsync(CancellationToken cancellationToken)
    {
        await using var batch = source.CreateBatch();
        var command = new NpgsqlBatchCommand(
            """
            select (select count(*) from chain_outbox where status in ('pending', 'sent')),
                (select count(*) from chain_outbox where status = 'parked'),
                (select count(*) from chain_outbox where status = 'confirmed' and not indexed)
                    + (select count(*) from chain_events where not applied)
            """);
        await using var reader = await batch.ReadPlannedAsync(LookupPlans.QueueSettings, command, cancellationToken);
        _ = await reader.ReadAsync(cancellationToken);
        return new OutboxCounts(
            checked((int)reader.GetInt64(0)), checked((int)reader.GetInt64(1)), checked((int)reader.GetInt64(2)));
    }

    private static OutboxRow ReadRow(NpgsqlDataReader reader)
    {
        var signature = reader.IsDBNull(5) ? null : reader.GetString(5);
        var sent = reader.GetBoolean(6)
            ? new SentTransaction(
                reader.GetFieldValue<byte[]>(7),
                Signature.Parse(signature!),
                (ulong)reader.GetInt64(8),
                (ulong)reader.GetInt64(9),
                reader.GetBoolean(10))
            : null;
        ChainIntent? intent = null;
        try
        {
            intent = ChainIntentJson.Read(reader.GetString(3));
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            // Null says so; the sender parks the row.
        }

        return new OutboxRow(
            reader.GetInt64(0),
            reader.GetGuid(1),
            reader.GetString(2),
            intent,
            reader.GetInt32(4),
            reader.GetBoolean(11),
            reader.GetBoolean(12),
            signature,
            sent);
    }
}
