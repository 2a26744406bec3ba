using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Registration;

/// <summary>A device is to be a meter's, through a gateway, with the device's consent verified.</summary>
/// <param name="MeterId">Of the metering point.</param>
/// <param name="Device">Whose signatures are to count.</param>
/// <param name="Zone">Null: the gateway's.</param>
/// <param name="Gateway">Through which it is to speak.</param>
/// <param name="Consent">The device's, to owner and gateway.</param>
/// <param name="Replaces">The device whose meter it takes over.</param>
/// <param name="Owner">On whose behalf.</param>
/// <param name="Actor">Whose key has signed the request.</param>
internal sealed record Enrolment(
    string MeterId,
    Key32 Device,
    string? Zone,
    Key32 Gateway,
    byte[] Consent,
    Key32? Replaces,
    Guid Owner,
    Key32 Actor)
{
    /// <summary>The gateway asks for its owner, not the owner himself.</summary>
    internal bool IsByGateway => Actor == Gateway;
}

/// <summary>
/// Registers meters, lets devices take meters over, and moves them between gateways: one database transaction each, and
/// the same again changes nothing.
/// </summary>
internal sealed class MeterEnrolment(
    NpgsqlDataSource database,
    RegistrationEvents events,
    IPairings pairings,
    IChainOutbox outbox,
    TimeProvider marketTime,
    WallTime wall)
{
    /// <summary>More belong to somebody who ought to talk to the operator first.</summary>
    internal const int MaxMetersOfOneOwner = 100;

    /// <summary>The answer, or the code of a problem.</summary>
    internal async Task<(RegisterMeterResponse? Answer, string? Problem)> EnrolAsync(
        Enrolment enrolment, CancellationToken cancellationToken)
    {
        var problem = await database.TransactAsync(
            unit => EnrolAsync(unit.Transaction, enrolment, cancellationToken), cancellationToken);
        if (problem is not null)
        {
            return (null, problem);
        }

        outbox.Wake();
        var pairing = pairings.With(enrolment.Device);
        return (
            new RegisterMeterResponse(enrolment.MeterId, enrolment.Device, pairing.CloudKey, pairing.Code), null);
    }

    private async Task<string?> EnrolAsync(
        NpgsqlTransaction transaction, Enrolment enrolment, CancellationToken cancellationToken)
    {
        // Shared: the gateway is not given away meanwhile.
        var gateway = await transaction.FirstOrDefaultAsync<GatewayRow>(
            "select owner_id, zone, pairing_until from gateways where gateway = @Gateway for share",
            new { enrolment.Gateway },
            cancellationToken);
        if (gateway is null)
        {
            return ProblemCodes.UnknownGateway;
        }

        if (gateway.OwnerId is { } owner ? owner != enrolment.Owner : enrolment.IsByGateway)
        {
            return ProblemCodes.GatewayClaimed;
        }

        var meter = await transaction.FirstOrDefaultAsync<MeterRow>(
            """
            select device, owner_id, zone, gateway, revoked_at is not null as revoked from meters
            where meter_id = @MeterId for no key update
            """,
            new { enrolment.MeterId },
            cancellationToken);
        var mayAct = !enrolment.IsByGateway || gateway.PairingUntil > wall.UtcNow;
        if (meter is null
            || (mayAct && meter.OwnerId != enrolment.Owner
                && await MakesWayAsync(transaction, enrolment, cancellationToken)))
        {
            return mayAct
                ? await RegisterAsync(transaction, enrolment, gateway, cancellationToken)
                : ProblemCodes.PairingClosed;
        }

        return Conflict(enrolment, meter) is { } conflict
            ? conflict
            : await ChangeAsync(transaction, enrolment, meter, mayAct, cancellationToken);
    }

    /// <summary>
    /// Whoever is unknown to the operator keeps nobody's number: what he has registered, and never counted with, is
    /// forgotten when somebody verified comes for it. His own verification waits meanwhile, or was first.
    /// </summary>
    private static async Task<bool> MakesWayAsync(
        NpgsqlTransaction transaction, Enrolment enrolment, CancellationToken cancellationToken)
    {
        var isVacant = await transaction.FirstOrDefaultAsync<bool>(
            """
            select true from meters m join users o on o.id = m.owner_id
            where m.meter_id = @MeterId and not o.verified and m.readings = 0 and m.registered_on_chain_at is null
              and exists (select from users where id = @Owner and verified)
            for update of o
            """,
            new { enrolment.MeterId, enrolment.Owner },
            cancellationToken);
        if (isVacant)
        {
            _ = await transaction.ExecuteAsync(
                """
                delete from former_devices where meter_id = @MeterId;
                delete from meters where meter_id = @MeterId
                """,
                new { enrolment.MeterId },
                cancellationToken);
        }

        return isVacant;
    }

    /// <summary>Null when the meter is this owner's, and its present device the one that is meant.</summary>
    private static string? Conflict(Enrolment enrolment, MeterRow meter)
    {
        if (meter.OwnerId != enrolment.Owner || (enrolment.Zone is { } zone && zone != meter.Zone))
        {
            return ProblemCodes.MeterRegistered;
        }

        if (meter.Revoked)
        {
            return ProblemCodes.MeterRevoked;
        }

        if (meter.Device == enrolment.Device)
        {
            return null;
        }

        // A gateway with a device of its own must not take over what is metered elsewhere.
        return enrolment.Replaces == meter.Device && (!enrolment.IsByGateway || meter.Gateway == enrolment.Gateway)
            ? null
            : ProblemCodes.MeterRegistered;
    }

    private async Task<string?> ChangeAsync(
        NpgsqlTransaction transaction,
        Enrolment enrolment,
        MeterRow meter,
        bool mayAct,
        CancellationToken cancellationToken)
    {
        if ((meter.Device, meter.Gateway) == (enrolment.Device, enrolment.Gateway))
        {
            return null;
        }

        if (!mayAct)
        {
            return ProblemCodes.PairingClosed;
        }

        var now = marketTime.GetUtcNow();
        if (meter.Device == enrolment.Device)
        {
            await DeviceSuccession.MoveAsync(transaction, enrolment, meter.Gateway, now, cancellationToken);
            await TellAsync(transaction, RegistrationEvent.DeviceMoved, enrolment, cancellationToken);
            return null;
        }

        if (await DeviceSuccession.IsUsedAsync(transaction, enrolment.Device, cancellationToken))
        {
            return ProblemCodes.DeviceRegistered;
        }

        await DeviceSuccession.ReplaceAsync(transaction, enrolment, meter.Device, now, cancellationToken);
        await TellAsync(transaction, RegistrationEvent.DeviceReplaced, enrolment, cancellationToken);
        return null;
    }

    private async Task<string?> RegisterAsync(
        NpgsqlTransaction transaction, Enrolment enrolment, GatewayRow gateway, CancellationToken cancellationToken)
    {
        if (enrolment.Replaces is not null)
        {
            return ProblemCodes.NotFound;
        }

        if (await DeviceSuccession.IsUsedAsync(transaction, enrolment.Device, cancellationToken))
        {
            return await TakenAsync(transaction, enrolment, cancellationToken);
        }

        var meters = await transaction.FirstOrDefaultAsync<long>(
            "select count(*) from meters where owner_id = @Owner", new { enrolment.Owner }, cancellationToken);
        if (meters >= MaxMetersOfOneOwner)
        {
            return ProblemCodes.TooManyMeters;
        }

        var inserted = await transaction.ExecuteAsync(
            """
            insert into meters (meter_id, device, owner_id, zone, gateway, consent, registered_at)
            values (@MeterId, @Device, @Owner, @zone, @Gateway, @Consent, @now)
            on conflict do nothing
            """,
            new
            {
                enrolment.MeterId,
                enrolment.Device,
                enrolment.Owner,
                zone = enrolment.Zone ?? gateway.Zone,
                enrolment.Gateway,
                enrolment.Consent,
                now = marketTime.GetUtcNow(),
            },
            cancellationToken);
        if (inserted == 0)
        {
            return await TakenAsync(transaction, enrolment, cancellationToken);
        }

        await TellAsync(transaction, RegistrationEvent.MeterRegistered, enrolment, cancellationToken);
        await RegistrationIntents.EnqueueAsync(transaction, outbox, enrolment.Owner, cancellationToken);
        return null;
    }

    /// <summary>Somebody was faster; perhaps with the very same registration.</summary>
    private static async Task<string?> TakenAsync(
        NpgsqlTransaction transaction, Enrolment enrolment, CancellationToken cancellationToken)
    {
        var meter = await transaction.FirstOrDefaultAsync<MeterRow>(
            """
            select device, owner_id, zone, gateway, revoked_at is not null as revoked from meters
            where meter_id = @MeterId
            """,
            new { enrolment.MeterId },
            cancellationToken);
        if (meter is null)
        {
            return ProblemCodes.DeviceRegistered;
        }

        return Conflict(enrolment, meter)
            ?? (meter.Gateway == enrolment.Gateway ? null : ProblemCodes.MeterRegistered);
    }

    private Task TellAsync(
        NpgsqlTransaction transaction, string kind, Enrolment enrolment, CancellationToken cancellationToken) =>
        events.AddAsync(
            transaction,
            new RegistrationEvent(kind, enrolment.Actor, enrolment.Gateway, enrolment.Device, enrolment.MeterId),
            cancellationToken);

    private sealed record GatewayRow(Guid? OwnerId, string? Zone, DateTimeOffset? PairingUntil);

    private sealed record MeterRow(Key32 Device, Guid OwnerId, string Zone, Key32 Gateway, bool Revoked);
}
