using System.Globalization;
using System.Text.Json;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>What of the outbox needs a hand, and the hand.</summary>
internal static class OutboxAttention
{
    private const int PageSize = 100;
    private const int MaxReason = 200;

    /// <summary>What the list calls everything that may need a hand.</summary>
    private const string Attention = "attention";

    private const string Columns =
        "id, intent_id, kind, intent::text, status, attempts, next_attempt_at, tx_signature, last_error, created_at";

    private static readonly string[] Statuses = ["pending", "sent", "confirmed", "refused", "parked", Attention];

    internal static async Task<IResult> ListAsync(
        NpgsqlDataSource source, CancellationToken cancellationToken, string status = "parked", string? cursor = null)
    {
        var after = 0L;
        if (!Statuses.Contains(status)
            || (cursor is not null
                && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after)))
        {
            return Problems.Of(
                ProblemCodes.MalformedRequest,
                "status is one of pending, sent, confirmed, refused, parked, attention; cursor is a page's next.");
        }

        await using var command = source.CreateCommand(
            $"""
            select {Columns}
            from chain_outbox where status = any($1) and id > $2
            order by id
            limit $3
            """);
        command.Parameters.Add(new() { Value = status == Attention ? ["parked", "refused"] : new[] { status } });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = PageSize });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var entries = new List<OutboxEntry>();
        while (await reader.ReadAsync(cancellationToken))
        {
            entries.Add(Read(reader));
        }

        var next = entries.Count == PageSize ? entries[^1].Id.ToString(CultureInfo.InvariantCulture) : null;
        return Results.Ok(new OutboxPage(entries, next));
    }

    /// <summary>
    /// Parked → pending, with all its attempts anew. A transaction that was sent and may have landed is looked up again
    /// first; with
    /// <c>sign_anew=true</c> the operator vouches that it never landed.
    /// </summary>
    internal static async Task<IResult> RetryAsync(
        long id,
        HttpContext context,
        NpgsqlDataSource source,
        IChainOutbox outbox,
        WallTime wallTime,
        ILogger<ChainOutbox> logger,
        CancellationToken cancellationToken,
        [FromQuery(Name = "sign_anew")] bool signAnew = false)
    {
        await using var command = source.CreateCommand(
            $"""
            update chain_outbox set
                status = case when transaction is null or $3 then 'pending' else 'sent' end,
                transaction = case when $3 then null else transaction end,
                attempts = 0, next_attempt_at = $2
            where id = $1 and status = 'parked'
            returning {Columns}
            """);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = wallTime.UtcNow });
        command.Parameters.Add(new() { Value = signAnew });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return Problems.Of(ProblemCodes.NotFound, "No parked row has this id.");
        }

        var entry = Read(reader);
        Log.OutboxRetried(logger, context.Caller().Key.ToString(), id, entry.Kind, entry.IntentId, signAnew);
        outbox.Wake();
        return Results.Ok(entry);
    }

    /// <summary>
    /// Pending or sent → parked: nothing of it is signed or sent again until somebody retries it. One that was sent may
    /// still land, and then what follows from it comes to pass all the same.
    /// </summary>
    internal static async Task<IResult> ParkAsync(
        long id,
        ParkRequest request,
        HttpContext context,
        NpgsqlDataSource source,
        ILogger<ChainOutbox> logger,
        CancellationToken cancellationToken)
    {
        if (request.Reason.Length is 0 or > MaxReason || request.Reason.Any(char.IsControl))
        {
            return Problems.Of(ProblemCodes.MalformedRequest, $"reason has 1 to {MaxReason} characters of one line.");
        }

        await using var command = source.CreateCommand(
            $"""
            update chain_outbox set status = 'parked', last_error = $2
            where id = $1 and status in ('pending', 'sent')
            returning {Columns}
            """);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = $"parked by an operator: {request.Reason}" });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return Problems.Of(ProblemCodes.NotFound, "No row that is under way has this id.");
        }

        var entry = Read(reader);
        Log.OutboxParkedByHand(logger, context.Caller().Key.ToString(), id, entry.Kind, entry.IntentId);
        return Results.Ok(entry);
    }

    private static OutboxEntry Read(NpgsqlDataReader reader)
    {
        using var intent = JsonDocument.Parse(reader.GetString(3));
        return new OutboxEntry(
            reader.GetInt64(0),
            reader.GetGuid(1),
            reader.GetString(2),
            intent.RootElement.Clone(),
            reader.GetString(4),
            reader.GetInt32(5),
            reader.GetFieldValue<DateTimeOffset>(6),
            reader.IsDBNull(7) ? null : reader.GetString(7),
            reader.IsDBNull(8) ? null : reader.GetString(8),
            reader.GetFieldValue<DateTimeOffset>(9));
    }
}
