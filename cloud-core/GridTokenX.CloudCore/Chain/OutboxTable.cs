using System.Text.Json;
using GridTokenX.Solana;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>An open row.</summary>
/// <param name="Id">Position in the outbox.</param>
/// <param name="IntentId">Names the intent.</param>
/// <param name="Kind">Of the intent.</param>
/// <param name="Intent">Null when this program cannot read it.</param>
/// <param name="Attempts">How often the chain, or the RPC, has refused it.</param>
/// <param name="Signature">Of the transaction that was stored last, whatever became of it.</param>
/// <param name="Sent">The stored transaction that may have been sent; null when there is none that could still
/// land.</param>
internal sealed record OutboxRow(
    long Id, Guid IntentId, string Kind, ChainIntent? Intent, int Attempts, string? Signature, SentTransaction? Sent);

/// <param name="Wire">The signed bytes.</param>
/// <param name="Signature">Names it on chain.</param>
/// <param name="LastValidBlockHeight">It cannot land in a later block.</param>
/// <param name="SignedSlot">It cannot have landed in an earlier slot.</param>
internal sealed record SentTransaction(byte[] Wire, Signature Signature, ulong LastValidBlockHeight, ulong SignedSlot);

/// <summary>
/// The sender's statements on the outbox. Each write names the signature that it found on the row, so that a sender
/// whose knowledge is old changes nothing: of two that sign the same row, one loses, and does not send.
/// </summary>
internal sealed class OutboxTable(NpgsqlDataSource source)
{
    /// <summary>Open rows that are due, in order, without those that are in work.</summary>
    public static async Task<IReadOnlyList<OutboxRow>> DueAsync(
        NpgsqlConnection connection,
        DateTimeOffset now,
        IReadOnlyCollection<long> inWork,
        int limit,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select id, intent_id, kind, intent::text, attempts, tx_signature, status = 'sent', transaction,
                last_valid_block_height, signed_slot
            from chain_outbox
            where status in ('pending', 'sent') and next_attempt_at <= $1 and id <> all ($2)
            order by id
            limit $3
            """,
            connection);
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = inWork.ToArray() });
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<OutboxRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(ReadRow(reader));
        }

        return rows;
    }

    /// <summary>
    /// Stores signed transactions; returns the rows on which they now stand, which alone may be sent.
    /// </summary>
    public async Task<IReadOnlySet<long>> StoreAsync(
        IReadOnlyList<(OutboxRow Row, SentTransaction Transaction)> signed, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            update chain_outbox o
            set status = 'sent', transaction = s.wire, tx_signature = s.signature, last_valid_block_height = s.height,
                signed_slot = s.slot
            from unnest($1::bigint[], $2::text[], $3::bytea[], $4::text[], $5::bigint[], $6::bigint[])
                as s (id, previous, wire, signature, height, slot)
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

    /// <summary>How many rows the chain has yet to answer, and how many need a hand.</summary>
    public async Task<(int Pending, int Parked)> CountAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            select (select count(*) from chain_outbox where status in ('pending', 'sent')),
                (select count(*) from chain_outbox where status = 'parked')
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        _ = await reader.ReadAsync(cancellationToken);
        return (checked((int)reader.GetInt64(0)), checked((int)reader.GetInt64(1)));
    }

    private static OutboxRow ReadRow(NpgsqlDataReader reader)
    {
        var signature = reader.IsDBNull(5) ? null : reader.GetString(5);
        var sent = reader.GetBoolean(6)
            ? new SentTransaction(
                reader.GetFieldValue<byte[]>(7),
                Signature.Parse(signature!),
                (ulong)reader.GetInt64(8),
                (ulong)reader.GetInt64(9))
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
            reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), intent, reader.GetInt32(4), signature, sent);
    }
}
