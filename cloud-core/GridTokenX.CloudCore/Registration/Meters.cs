using Dapper;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Registration;

internal static class Meters
{
    /// <summary>More belong to somebody who ought to talk to the operator first.</summary>
    private const int MaxMetersOfOneOwner = 100;

    internal static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapPost("/api/meters", RegisterAsync).RequireWallet();
        _ = routes.MapGet("/api/meters/{meterId}", GetAsync).RequireWallet();
    }

    /// <summary>The same registration again gives the same answer, so a lost answer is no loss.</summary>
    private static async Task<IResult> RegisterAsync(
        RegisterMeterRequest request,
        HttpContext context,
        NpgsqlDataSource source,
        ICommandKeys commandKeys,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (RegistrationForms.Fault(request) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        var wallet = context.Caller().Key;
        if (!RegistrationForms.DeviceConsents(request, wallet))
        {
            return Problems.Of(ProblemCodes.BadConsent);
        }

        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var parties = await connection.QuerySingleAsync<Parties>(new CommandDefinition(
            """
            select (select id from users where wallet = @wallet) as owner,
                   (select count(*) from meters join users on users.id = owner_id where wallet = @wallet) as meters,
                   exists (select 1 from gateways where gateway = @Gateway) as gateway_known
            """,
            new { wallet, request.Gateway },
            cancellationToken: cancellationToken));
        if (parties.Owner is not { } owner)
        {
            return Problems.Of(ProblemCodes.Forbidden, "The wallet is not registered.");
        }

        if (!parties.GatewayKnown)
        {
            return Problems.Of(ProblemCodes.UnknownGateway);
        }

        if (parties.Meters >= MaxMetersOfOneOwner && !await IsStoredAsync(connection, request, cancellationToken))
        {
            return Problems.Of(
                ProblemCodes.TooManyMeters, $"At most {MaxMetersOfOneOwner} meters of one owner.");
        }

        return await StoreAsync(connection, request, owner, time.GetUtcNow(), cancellationToken) is { } code
            ? Problems.Of(code)
            : Results.Ok(new RegisterMeterResponse(request.MeterId, request.Device, commandKeys.For(request.Device)));
    }

    private static Task<bool> IsStoredAsync(
        NpgsqlConnection connection, RegisterMeterRequest request, CancellationToken cancellationToken) =>
        connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select 1 from meters where meter_id = @MeterId)",
            new { request.MeterId },
            cancellationToken: cancellationToken));

    /// <summary>
    /// Null when the meter is stored, now or before with the same data; the code of the conflict otherwise.
    /// </summary>
    private static async Task<string?> StoreAsync(
        NpgsqlConnection connection,
        RegisterMeterRequest request,
        Guid owner,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var inserted = await connection.ExecuteAsync(new CommandDefinition(
            """
            insert into meters (meter_id, device, owner_id, zone, gateway, consent, registered_at)
            values (@MeterId, @Device, @owner, @Zone, @Gateway, @Consent, @now)
            on conflict do nothing
            """,
            new { request.MeterId, request.Device, owner, request.Zone, request.Gateway, request.Consent, now },
            cancellationToken: cancellationToken));
        if (inserted == 1)
        {
            return null;
        }

        var stored = await connection.QuerySingleOrDefaultAsync<StoredMeter>(new CommandDefinition(
            "select device, owner_id, zone, gateway from meters where meter_id = @MeterId",
            new { request.MeterId },
            cancellationToken: cancellationToken));
        if (stored is null)
        {
            return ProblemCodes.DeviceRegistered;
        }

        return stored == new StoredMeter(request.Device, owner, request.Zone, request.Gateway)
            ? null
            : ProblemCodes.MeterRegistered;
    }

    private static async Task<IResult> GetAsync(
        string meterId, HttpContext context, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var meter = await connection.QuerySingleOrDefaultAsync<MeterRow>(new CommandDefinition(
            """
            select m.meter_id, m.device, u.wallet as owner, m.zone, m.last_sequence, m.last_reading_at,
                   m.production_wh, m.consumption_wh,
                   (select coalesce(sum(to_net_wh - from_net_wh), 0)::bigint from mints
                    where meter_id = m.meter_id and status = 'completed') as minted_wh
            from meters m join users u on u.id = m.owner_id
            where m.meter_id = @meterId
            """,
            new { meterId },
            cancellationToken: cancellationToken));
        if (meter is null)
        {
            return Problems.Of(ProblemCodes.NotFound);
        }

        var caller = context.Caller();
        return caller.Kind == CallerKind.Operator || caller.Key == meter.Owner
            ? Results.Ok(meter.ToView())
            : Problems.Of(ProblemCodes.Forbidden);
    }

    private sealed record Parties(Guid? Owner, long Meters, bool GatewayKnown);

    private sealed record StoredMeter(Key32 Device, Guid OwnerId, string Zone, Key32 Gateway);

    private sealed record MeterRow(
        string MeterId,
        Key32 Device,
        Key32 Owner,
        string Zone,
        long LastSequence,
        DateTimeOffset? LastReadingAt,
        WattHours ProductionWh,
        WattHours ConsumptionWh,
        WattHours MintedWh)
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
            MintedWh.ToKwh());
    }
}
