using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Registration;

/// <summary>What has become of a gateway, device or meter, and whose signature has made it so.</summary>
internal sealed record RegistrationEvent(string Kind, Key32 Actor, Key32? Gateway, Key32? Device, string? MeterId)
{
    internal const string GatewayClaimed = "gateway_claimed";
    internal const string GatewayReleased = "gateway_released";
    internal const string MeterRegistered = "meter_registered";
    internal const string DeviceReplaced = "device_replaced";
    internal const string DeviceMoved = "device_moved";
    internal const string DeviceRevoked = "device_revoked";
}

/// <summary>Keeps who did what, in the database transaction that did it, and tells the log.</summary>
internal sealed class RegistrationEvents(WallTime wall, ILogger<RegistrationEvents> logger)
{
    internal Task AddAsync(
        NpgsqlTransaction transaction, RegistrationEvent happened, CancellationToken cancellationToken)
    {
        Log.Registered(
            logger, happened.Kind, happened.Gateway, happened.Device, happened.MeterId, happened.Actor);
        return transaction.ExecuteAsync(
            """
            insert into registration_events (at, kind, actor, gateway, device, meter_id)
            values (@at, @Kind, @Actor, @Gateway, @Device, @MeterId)
            """,
            new
            {
                at = wall.UtcNow,
                happened.Kind,
                happened.Actor,
                Gateway = happened.Gateway?.ToArray(),
                Device = happened.Device?.ToArray(),
                happened.MeterId,
            },
            cancellationToken);
    }
}
