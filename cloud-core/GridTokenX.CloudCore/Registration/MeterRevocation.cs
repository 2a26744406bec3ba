using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Registration;

/// <summary>
/// Takes a meter out of service, by its owner or the operator: nothing of its device is believed from then on, its
/// locks
/// end, its gateway forgets it. What was accepted before is still minted.
/// </summary>
internal sealed class MeterRevocation(NpgsqlDataSource database, RegistrationEvents events, TimeProvider marketTime)
{
    internal static void Map(IEndpointRouteBuilder routes) =>
        _ = routes.MapPost("/api/meters/{meterId}/revoke", AnswerAsync).RequireWallet();

    /// <summary>Again: changes nothing.</summary>
    private static async Task<IResult> AnswerAsync(
        string meterId, HttpContext context, MeterRevocation revocation, CancellationToken cancellationToken) =>
        await revocation.RevokeAsync(meterId, context.Caller(), cancellationToken) is { } problem
            ? Problems.Of(problem)
            : Results.NoContent();

    private Task<string?> RevokeAsync(string meterId, Caller caller, CancellationToken cancellationToken) =>
        database.TransactAsync(
            async unit =>
            {
                var meter = await unit.Transaction.FirstOrDefaultAsync<MeterRow>(
                    """
                    select m.device, m.gateway, u.access_key, m.revoked_at is not null as revoked
                    from meters m join users u on u.id = m.owner_id
                    where m.meter_id = @meterId for no key update of m
                    """,
                    new { meterId },
                    cancellationToken);
                if (meter is null)
                {
                    return ProblemCodes.NotFound;
                }

                if (caller.Kind != CallerKind.Operator && caller.Key != meter.AccessKey)
                {
                    return ProblemCodes.Forbidden;
                }

                if (!meter.Revoked)
                {
                    await RevokeAsync(unit.Transaction, meterId, meter, caller.Key, cancellationToken);
                }

                return null;
            },
            cancellationToken);

    private async Task RevokeAsync(
        NpgsqlTransaction transaction, string meterId, MeterRow meter, Key32 actor, CancellationToken cancellationToken)
    {
        _ = await transaction.ExecuteAsync(
            "update meters set revoked_at = @now where meter_id = @meterId",
            new { meterId, now = marketTime.GetUtcNow() },
            cancellationToken);
        _ = await transaction.ExecuteAsync(
            """
            update device_locks set status = 'released', acknowledged_wh = 0, refusal = 'device_revoked'
            where device = @Device and status in ('queued', 'sent', 'acknowledged')
            """,
            new { meter.Device },
            cancellationToken);
        await events.AddAsync(
            transaction,
            new RegistrationEvent(
                RegistrationEvent.DeviceRevoked, actor, meter.Gateway, meter.Device, meterId),
            cancellationToken);
    }

    private sealed record MeterRow(Key32 Device, Key32 Gateway, Key32 AccessKey, bool Revoked);
}

/// <summary>
/// Takes revoked meters out of service on chain, where that is for good: after all that they had generated is minted.
/// </summary>
internal sealed class DeactivationWorker(
    NpgsqlDataSource database, IChainOutbox outbox, TimeProvider marketTime, ILogger<DeactivationWorker> logger)
    : IMarketWorker
{
    private const int MaxMeters = 50;

    public string Name => "deactivate";

    public int Order => 45;

    public TimeSpan Interval => TimeSpan.FromMinutes(1);

    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var meters = await database.TransactAsync(
            async unit =>
            {
                var due = await unit.Transaction.QueryAsync<string>(
                    """
                    with due as (
                        select meter_id from meters m
                        where m.revoked_at is not null and m.deactivation_at is null
                            and m.registered_on_chain_at is not null
                            and m.production_wh - m.consumption_wh <= m.settled_net_wh
                            and not exists (
                                select from mints where mints.meter_id = m.meter_id and mints.status = 'pending')
                        order by m.meter_id limit @MaxMeters for no key update)
                    update meters m set deactivation_at = @now from due where m.meter_id = due.meter_id
                    returning m.meter_id
                    """,
                    new { MaxMeters, now = marketTime.GetUtcNow() },
                    cancellationToken);
                await outbox.EnqueueAsync(
                    unit.Transaction,
                    [.. due.Order(StringComparer.Ordinal).Select(static meter =>
                        new DeactivateMeterOnChain(IntentKinds.IdOf("deactivate", meter), meter))],
                    cancellationToken);
                return due.Count;
            },
            cancellationToken);
        if (meters > 0)
        {
            outbox.Wake();
            Log.Deactivating(logger, meters);
        }

        return meters;
    }
}
