using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Registration;

internal static class Meters
{
    /// <summary>More belong to somebody who ought to talk to the operator first.</summary>
    private const int MaxMetersOfOneOwner = 100;

    private const string Select =
        """
        select m.meter_id, m.device, u.wallet as owner, u.access_key, m.zone, m.last_sequence, m.last_reading_at,
               m.production_wh, m.consumption_wh,
               (select coalesce(sum(to_net_wh - from_net_wh), 0)::bigint from mints
                where meter_id = m.meter_id and status = 'completed') as minted_wh,
               m.registered_on_chain_at is not null as registered_on_chain
        from meters m join users u on u.id = m.owner_id
        """;

    internal static async Task<IReadOnlyList<MeterView>> OfOwnerAsync(
        NpgsqlDataSource database, Guid owner, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<MeterRow>(
            Select + " where m.owner_id = @owner order by m.meter_id", new { owner }, cancellationToken))
            .Select(static meter => meter.ToView())];

    internal static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapPost("/api/meters", RegisterAsync).RequireWallet();
        _ = routes.MapGet("/api/meters/{meterId}", GetAsync).RequireWallet();
    }

    /// <summary>The same registration again gives the same answer, so a lost answer is no loss.</summary>
    private static async Task<IResult> RegisterAsync(
        RegisterMeterRequest request,
        HttpContext context,
        NpgsqlDataSource database,
        IPairings pairings,
        IChainOutbox outbox,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (RegistrationForms.Fault(request) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        var caller = context.Caller().Key;
        var owner = await database.FindUserAsync(caller, cancellationToken);
        if (!RegistrationForms.DeviceConsents(request, owner?.Wallet ?? caller))
        {
            return Problems.Of(ProblemCodes.BadConsent);
        }

        if (owner is null)
        {
            return Problems.Of(ProblemCodes.Forbidden, "Nobody is registered with this key.");
        }

        var parties = await database.FirstOrDefaultAsync<Parties>(
            """
            select (select count(*) from meters where owner_id = @UserId) as meters,
                   exists (select 1 from meters where meter_id = @MeterId) as is_stored,
                   exists (select 1 from gateways where gateway = @Gateway) as gateway_known
            """,
            new { owner.UserId, request.MeterId, request.Gateway },
            cancellationToken);
        if (parties is not { GatewayKnown: true })
        {
            return Problems.Of(ProblemCodes.UnknownGateway);
        }

        if (parties.Meters >= MaxMetersOfOneOwner && !parties.IsStored)
        {
            return Problems.Of(
                ProblemCodes.TooManyMeters, $"At most {MaxMetersOfOneOwner} meters of one owner.");
        }

        var conflict = await database.TransactAsync(
            unit => StoreAsync(
                unit.Transaction, request, owner.UserId, outbox, time.GetUtcNow(), cancellationToken),
            cancellationToken);
        outbox.Wake();
        if (conflict is not null)
        {
            return Problems.Of(conflict);
        }

        var pairing = pairings.With(request.Device);
        return Results.Ok(
            new RegisterMeterResponse(request.MeterId, request.Device, pairing.CloudKey, pairing.Code));
    }

    /// <summary>
    /// Null when the meter is stored, now or before with the same data; the code of the conflict otherwise.
    /// </summary>
    private static async Task<string?> StoreAsync(
        NpgsqlTransaction transaction,
        RegisterMeterRequest request,
        Guid owner,
        IChainOutbox outbox,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var inserted = await transaction.ExecuteAsync(
            """
            insert into meters (meter_id, device, owner_id, zone, gateway, consent, registered_at)
            values (@MeterId, @Device, @owner, @Zone, @Gateway, @Consent, @now)
            on conflict do nothing
            """,
            new { request.MeterId, request.Device, owner, request.Zone, request.Gateway, request.Consent, now },
            cancellationToken);
        if (inserted == 1)
        {
            await RegistrationIntents.EnqueueAsync(transaction, outbox, owner, cancellationToken);
            return null;
        }

        var stored = await transaction.FirstOrDefaultAsync<StoredMeter>(
            "select device, owner_id, zone, gateway from meters where meter_id = @MeterId",
            new { request.MeterId },
            cancellationToken);
        if (stored is null)
        {
            return ProblemCodes.DeviceRegistered;
        }

        return stored == new StoredMeter(request.Device, owner, request.Zone, request.Gateway)
            ? null
            : ProblemCodes.MeterRegistered;
    }

    private static async Task<IResult> GetAsync(
        string meterId, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var meter = await database.FirstOrDefaultAsync<MeterRow>(
            Select + " where m.meter_id = @meterId", new { meterId }, cancellationToken);
        if (meter is null)
        {
            return Problems.Of(ProblemCodes.NotFound);
        }

        var caller = context.Caller();
        return caller.Kind == CallerKind.Operator
            || caller.Roles.HasFlag(Accounts.Roles.Ami)
            || caller.Key == meter.AccessKey
            ? Results.Ok(meter.ToView())
            : Problems.Of(ProblemCodes.Forbidden);
    }

    private sealed record Parties(long Meters, bool IsStored, bool GatewayKnown);

    private sealed record StoredMeter(Key32 Device, Guid OwnerId, string Zone, Key32 Gateway);

    private sealed record MeterRow(
        string MeterId,
        Key32 Device,
        Key32 Owner,
        Key32 AccessKey,
        string Zone,
        long LastSequence,
        DateTimeOffset? LastReadingAt,
        WattHours ProductionWh,
        WattHours ConsumptionWh,
        WattHours MintedWh,
        bool RegisteredOnChain)
    {
        internal MeterView ToView() => new(
            MeterId,
            Device,
            Owner,
            Zone,
            LastSequence,
            LastReadingAt,
            ProductionWh.ToKwh(),
            ConsumptionWh.ToKwh(),
            MintedWh.ToKwh(),
            RegisteredOnChain);
    }
}
