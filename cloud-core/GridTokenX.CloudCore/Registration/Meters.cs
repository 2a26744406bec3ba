using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Registration;

internal static class Meters
{
    private const string Select =
        """
        select m.meter_id, m.device, u.wallet as owner, u.access_key, m.zone, m.last_sequence, m.last_reading_at,
               m.production_wh, m.consumption_wh,
               (select coalesce(sum(to_net_wh - from_net_wh), 0)::bigint from mints
                where meter_id = m.meter_id and status = 'completed') as minted_wh,
               m.registered_on_chain_at is not null as registered_on_chain, m.gateway,
               m.paired_at is not null as paired, m.revoked_at
        from meters m join users u on u.id = m.owner_id
        """;

    internal static async Task<IReadOnlyList<MeterView>> OfOwnerAsync(
        NpgsqlDataSource database, IPairings pairings, Guid owner, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<MeterRow>(
            Select + " where m.owner_id = @owner order by m.meter_id", new { owner }, cancellationToken))
            .Select(meter => meter.ToView(pairings.With(meter.Device).Code))];

    internal static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapPost("/api/meters", RegisterAsync).RequireWallet();
        _ = routes.MapGet("/api/meters/{meterId}", GetAsync).RequireWallet();
    }

    /// <summary>
    /// A new meter, one that a new device takes over, or one that moves with its device to another gateway. The same
    /// again gives the same answer, so a lost answer is no loss.
    /// </summary>
    private static async Task<IResult> RegisterAsync(
        RegisterMeterRequest request,
        HttpContext context,
        NpgsqlDataSource database,
        MeterEnrolment enrolments,
        CancellationToken cancellationToken)
    {
        if (RegistrationForms.Fault(request) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        var caller = context.Caller().Key;
        var owner = await database.FindUserAsync(caller, cancellationToken);
        if (!RegistrationForms.DeviceConsents(
            request.Device, owner?.Wallet ?? caller, request.Gateway, request.Consent))
        {
            return Problems.Of(ProblemCodes.BadConsent);
        }

        if (owner is null)
        {
            return Problems.Of(ProblemCodes.Forbidden, "Nobody is registered with this key.");
        }

        var enrolment = new Enrolment(
            request.MeterId,
            request.Device,
            request.Zone,
            request.Gateway,
            request.Consent,
            request.Replaces,
            owner.UserId,
            caller);
        var (answer, problem) = await enrolments.EnrolAsync(enrolment, cancellationToken);
        return problem is null ? Results.Ok(answer) : Problems.Of(problem);
    }

    private static async Task<IResult> GetAsync(
        string meterId,
        HttpContext context,
        NpgsqlDataSource database,
        IPairings pairings,
        CancellationToken cancellationToken)
    {
        var meter = await database.FirstOrDefaultAsync<MeterRow>(
            Select + " where m.meter_id = @meterId", new { meterId }, cancellationToken);
        if (meter is null)
        {
            return Problems.Of(ProblemCodes.NotFound);
        }

        var caller = context.Caller();
        if (caller.Kind == CallerKind.Operator || caller.Key == meter.AccessKey)
        {
            return Results.Ok(meter.ToView(pairings.With(meter.Device).Code));
        }

        // The code is for whoever installs the meter.
        return caller.Roles.HasFlag(Accounts.Roles.Ami)
            ? Results.Ok(meter.ToView(null))
            : Problems.Of(ProblemCodes.Forbidden);
    }

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
        bool RegisteredOnChain,
        Key32 Gateway,
        bool Paired,
        DateTimeOffset? RevokedAt)
    {
        internal MeterView ToView(string? pairingCode) => new(
            MeterId,
            Device,
            Owner,
            Zone,
            LastSequence,
            LastReadingAt,
            ProductionWh.ToKwh(),
            ConsumptionWh.ToKwh(),
            MintedWh.ToKwh(),
            RegisteredOnChain,
            Gateway,
            Paired,
            pairingCode,
            RevokedAt);
    }
}
