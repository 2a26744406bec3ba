using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>What the chain said for good about a row's transaction.</summary>
/// <param name="Row">Which one.</param>
/// <param name="Signature">Of the transaction.</param>
/// <param name="Error">Null when it succeeded.</param>
/// <param name="IsDone">It was refused because everything is already as it wants it.</param>
internal sealed record Verdict(OutboxRow Row, Signature Signature, string? Error, bool IsDone = false)
{
    public bool IsConfirmed => Error is null || IsDone;

    /// <summary>Its transaction logs events, which the indexer brings.</summary>
    public bool HasEvents => Error is null && Row.Intent is not GrantMoney;
}

/// <summary>
/// Closes rows, and lets the rest of the cloud core act on it in one database transaction: on refusals above all, since
/// what succeeds comes back as events. Only a row that still waits for this very signature is closed, so an effect
/// happens once, whoever else has seen the same answer.
/// </summary>
internal sealed class OutboxCloser(
    NpgsqlDataSource source,
    IEnumerable<IChainEffect> effects,
    OutboxTable table,
    SolanaOptions options,
    TimeProvider time,
    WallTime wallTime,
    ILogger<OutboxCloser> logger)
{
    public const int MaxAttempts = 10;
    private static readonly TimeSpan EffectRetryDelay = TimeSpan.FromSeconds(15);

    private readonly IReadOnlyList<IChainEffect> _effects = [.. effects];

    public async Task CloseAsync(IReadOnlyList<Verdict> verdicts, CancellationToken cancellationToken)
    {
        var confirmed = verdicts.Where(static verdict => verdict.IsConfirmed).ToList();
        if (confirmed.Count > 0 && !await TryConfirmAsync(confirmed, cancellationToken) && confirmed.Count > 1)
        {
            // One of them spoils it for all: each for itself.
            foreach (var verdict in confirmed)
            {
                _ = await TryConfirmAsync([verdict], cancellationToken);
            }
        }

        foreach (var verdict in verdicts.Where(static verdict => !verdict.IsConfirmed))
        {
            await RefuseAsync(verdict, cancellationToken);
        }
    }

    /// <summary>Takes the row out of work until somebody has looked at it.</summary>
    public async Task ParkAsync(OutboxRow row, string error, CancellationToken cancellationToken) =>
        _ = await source.TransactAsync(
            async unit =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    update chain_outbox set status = 'parked', last_error = $2
                    where id = $1 and status in ('pending', 'sent') and tx_signature is not distinct from $3
                    """,
                    unit.Connection,
                    unit.Transaction);
                command.Parameters.Add(new() { Value = row.Id });
                command.Parameters.Add(new() { Value = error });
                command.Parameters.Add(new() { Value = (object?)row.Signature ?? DBNull.Value, DataTypeName = "text" });
                if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
                {
                    return false;
                }

                await TellParkedAsync(unit, row, cancellationToken);
                Log.IntentParked(logger, row.Kind, row.IntentId, error);
                return true;
            },
            cancellationToken);

    /// <summary>False when an effect failed; nothing of it remains then.</summary>
    private async Task<bool> TryConfirmAsync(IReadOnlyList<Verdict> verdicts, CancellationToken cancellationToken)
    {
        try
        {
            return await source.TransactAsync(
                async unit =>
                {
                    await ConfirmAsync(unit, verdicts, cancellationToken);
                    return true;
                },
                cancellationToken);
        }
        catch (Exception exception) when (!IsOfTheProcess(exception, cancellationToken))
        {
            if (verdicts is [var only])
            {
                await EffectFailedAsync(only, exception, cancellationToken);
            }

            return false;
        }
    }

    private async Task ConfirmAsync(
        UnitOfWork unit, IReadOnlyList<Verdict> verdicts, CancellationToken cancellationToken)
    {
        var closed = await ConfirmRowsAsync(unit, verdicts, cancellationToken);
        var intents = verdicts
            .Where(verdict => closed.Contains(verdict.Row.Id) && verdict.Row.Intent is not null)
            .Select(static verdict => new ConfirmedIntent(verdict.Row.Intent!, verdict.Signature.ToString()))
            .ToList();
        foreach (var effect in _effects)
        {
            var handled = intents.Where(intent => effect.Handles(intent.Intent)).ToList();
            if (handled.Count > 0)
            {
                await effect.ConfirmedAsync(unit.Transaction, handled, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Which of the rows still waited for their signature. The bytes go, since nobody sends them again: a row is
    /// written anew whenever anything of it changes.
    /// </summary>
    private async Task<HashSet<long>> ConfirmRowsAsync(
        UnitOfWork unit, IReadOnlyList<Verdict> verdicts, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(
            """
            with waiting as (
                select o.id, s.has_events from chain_outbox o
                join unnest($1::bigint[], $2::text[], $4::boolean[]) as s (id, signature, has_events) on s.id = o.id
                where o.status = 'sent' and o.tx_signature = s.signature
                order by o.id
                for update of o)
            update chain_outbox o
            set status = 'confirmed', confirmed_at = greatest(o.created_at, $3), last_error = null, transaction = null,
                indexed = o.indexed or not waiting.has_events
                    or exists (select from chain_events e where e.signature = o.tx_signature)
            from waiting where o.id = waiting.id
            returning o.id
            """);
        command.Parameters.Add(new() { Value = verdicts.Select(static v => v.Row.Id).ToArray() });
        command.Parameters.Add(new() { Value = verdicts.Select(static v => v.Signature.ToString()).ToArray() });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        command.Parameters.Add(new() { Value = verdicts.Select(static v => v.HasEvents).ToArray() });
        await using var batch = new NpgsqlBatch(unit.Connection, unit.Transaction);
        await using var reader = await batch.ReadPlannedAsync(LookupPlans.Settings, command, cancellationToken);
        var closed = new HashSet<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            _ = closed.Add(reader.GetInt64(0));
        }

        return closed;
    }

    private async Task RefuseAsync(Verdict verdict, CancellationToken cancellationToken)
    {
        try
        {
            _ = await source.TransactAsync(
                async unit =>
                {
                    await RefuseAsync(unit, verdict, cancellationToken);
                    return true;
                },
                cancellationToken);
        }
        catch (Exception exception) when (!IsOfTheProcess(exception, cancellationToken))
        {
            await EffectFailedAsync(verdict, exception, cancellationToken);
        }
    }

    private async Task RefuseAsync(UnitOfWork unit, Verdict verdict, CancellationToken cancellationToken)
    {
        var row = verdict.Row;
        await using var locking = new NpgsqlCommand(
            "select attempts from chain_outbox where id = $1 and status = 'sent' and tx_signature = $2 for update",
            unit.Connection,
            unit.Transaction);
        locking.Parameters.Add(new() { Value = row.Id });
        locking.Parameters.Add(new() { Value = verdict.Signature.ToString() });
        if (await locking.ExecuteScalarAsync(cancellationToken) is not int earlier)
        {
            return;
        }

        var isFinal = false;
        foreach (var effect in EffectsOf(row))
        {
            isFinal |= await effect.RefusedAsync(unit.Transaction, row.Intent!, verdict.Error!, cancellationToken);
        }

        var attempts = earlier + 1;
        var status = StatusAfterRefusal(isFinal, attempts);
        await using var closing = new NpgsqlCommand(
            """
            update chain_outbox
            set status = $2, attempts = $3, last_error = $4, next_attempt_at = $5, transaction = null, alone = true
            where id = $1
            """,
            unit.Connection,
            unit.Transaction);
        closing.Parameters.Add(new() { Value = row.Id });
        closing.Parameters.Add(new() { Value = status });
        closing.Parameters.Add(new() { Value = attempts });
        closing.Parameters.Add(new() { Value = verdict.Error! });
        closing.Parameters.Add(
            new() { Value = wallTime.UtcNow + Jitter.After(attempts, options.BaseBackoff, options.MaxBackoff) });
        _ = await closing.ExecuteNonQueryAsync(cancellationToken);
        Log.IntentRefused(logger, row.Kind, row.IntentId, attempts, isFinal, verdict.Error!);
        if (status == "parked")
        {
            await TellParkedAsync(unit, row, cancellationToken);
            Log.IntentParked(logger, row.Kind, row.IntentId, verdict.Error!);
        }
    }

    private static string StatusAfterRefusal(bool isFinal, int attempts)
    {
        if (isFinal)
        {
            return "refused";
        }

        return attempts < MaxAttempts ? "pending" : "parked";
    }

    private async Task TellParkedAsync(UnitOfWork unit, OutboxRow row, CancellationToken cancellationToken)
    {
        foreach (var effect in EffectsOf(row))
        {
            await effect.ParkedAsync(unit.Transaction, row.Intent!, cancellationToken);
        }
    }

    private async Task EffectFailedAsync(Verdict verdict, Exception exception, CancellationToken cancellationToken)
    {
        Log.EffectFailed(logger, exception, verdict.Row.Kind, verdict.Row.IntentId, EffectRetryDelay);
        await table.PostponeAsync(
            verdict.Row,
            $"The chain has answered, but the effect failed: {exception.Message}",
            wallTime.UtcNow + EffectRetryDelay,
            isAttempt: false,
            cancellationToken);
    }

    private IEnumerable<IChainEffect> EffectsOf(OutboxRow row) =>
        row.Intent is { } intent ? _effects.Where(effect => effect.Handles(intent)) : [];

    // A database that is away or a process that stops says nothing about the row.
    private static bool IsOfTheProcess(Exception exception, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested || DatabaseFaults.IsUnavailable(exception);
}
