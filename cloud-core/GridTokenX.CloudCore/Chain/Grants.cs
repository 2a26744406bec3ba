using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// New GRX by the operator, on a test net. The grant's id follows from the operator's key and the Idempotency-Key.
/// </summary>
internal static class Grants
{
    internal static async Task<IResult> GrantAsync(
        GrantRequest request,
        HttpContext context,
        CloudOptions options,
        NpgsqlDataSource source,
        IChainOutbox outbox,
        TimeProvider time,
        ILogger<GrantEffect> logger,
        CancellationToken cancellationToken)
    {
        if (!options.GrantsEnabled)
        {
            return Problems.Of(ProblemCodes.Forbidden, "Grants are not enabled here.");
        }

        if (!MicroGrx.TryFromGrx(request.AmountGrx, out var amount) || amount <= MicroGrx.Zero)
        {
            return Problems.Of(ProblemCodes.InvalidAmount, "amount_grx is above zero, with at most six decimals.");
        }

        if (request.Wallet == default)
        {
            return Problems.Of(ProblemCodes.InvalidWallet);
        }

        var caller = context.Caller().Key;
        var grant = new GrantMoney(
            IntentKinds.IdOf("grant", caller.ToString(), context.IdempotencyKey()), request.Wallet, amount);
        var written = await source.TransactAsync(
            unit => WriteAsync(unit, grant, outbox, time.GetUtcNow(), cancellationToken), cancellationToken);
        if (written.Wallet != grant.Wallet || written.AmountGrx != grant.Amount.ToGrx())
        {
            return Problems.Of(ProblemCodes.IdempotencyKeyReused);
        }

        outbox.Wake();
        Log.Granted(logger, caller.ToString(), grant.Amount.ToString(), grant.Wallet.ToString(), grant.Id);
        return Results.Json(written, statusCode: StatusCodes.Status202Accepted);
    }

    /// <summary>Returns the grant as it stands: this one, or the one that had this id before.</summary>
    internal static async Task<GrantView> WriteAsync(
        UnitOfWork unit, GrantMoney grant, IChainOutbox outbox, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using (var insert = new NpgsqlCommand(
            """
            insert into grants (id, wallet, amount_ugrx, status, created_at) values ($1, $2, $3, 'pending', $4)
            on conflict (id) do nothing
            """,
            unit.Connection,
            unit.Transaction))
        {
            insert.Parameters.Add(new() { Value = grant.Id });
            insert.Parameters.Add(new() { Value = grant.Wallet.ToArray() });
            insert.Parameters.Add(new() { Value = grant.Amount.Value });
            insert.Parameters.Add(new() { Value = now });
            if (await insert.ExecuteNonQueryAsync(cancellationToken) == 1)
            {
                await outbox.EnqueueAsync(unit.Transaction, [grant], cancellationToken);
            }
        }

        await using var select = new NpgsqlCommand(
            "select wallet, amount_ugrx, status from grants where id = $1", unit.Connection, unit.Transaction);
        select.Parameters.Add(new() { Value = grant.Id });
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        _ = await reader.ReadAsync(cancellationToken);
        return Read(grant.Id, reader);
    }

    private static GrantView Read(Guid id, NpgsqlDataReader reader) => new(
        id, new Key32(reader.GetFieldValue<byte[]>(0)), new MicroGrx(reader.GetInt64(1)).ToGrx(), reader.GetString(2));
}

internal sealed class GrantEffect : IChainEffect
{
    public bool Handles(ChainIntent intent) => intent is GrantMoney;

    public Task ConfirmedAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ConfirmedIntent> intents, CancellationToken cancellationToken) =>
        SetStatusAsync(
            transaction, "completed", [.. intents.Select(static intent => intent.Intent.Id)], cancellationToken);

    // The next attempt creates the wallet's token account, should that be what was missing.
    public Task<bool> RefusedAsync(
        NpgsqlTransaction transaction, ChainIntent intent, string error, CancellationToken cancellationToken) =>
        Task.FromResult(false);

    public Task ParkedAsync(NpgsqlTransaction transaction, ChainIntent intent, CancellationToken cancellationToken) =>
        SetStatusAsync(transaction, "failed", [intent.Id], cancellationToken);

    private static async Task SetStatusAsync(
        NpgsqlTransaction transaction, string status, Guid[] ids, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "update grants set status = $1 where id = any ($2)", transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = status });
        command.Parameters.Add(new() { Value = ids });
        _ = await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
