using System.Collections.Concurrent;
using Dapper;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Registration;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Gateways;

internal static class GatewayRegistration
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapPost("/api/gateways", RegisterAsync).RequireOperator();
        _ = routes.MapGet("/api/gateways/{gateway}/devices", DevicesAsync).RequireGateway();
    }

    /// <summary>The operator's own, for meters of any owner. The name may be changed by asking again.</summary>
    private static async Task<IResult> RegisterAsync(
        RegisterGatewayRequest request, NpgsqlDataSource source, TimeProvider time, CancellationToken cancellationToken)
    {
        if (RegistrationForms.Fault(request) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        _ = await connection.ExecuteAsync(new CommandDefinition(
            """
            insert into gateways (gateway, name, created_at) values (@Gateway, @Name, @now)
            on conflict (gateway) do update set name = excluded.name
            """,
            new { request.Gateway, request.Name, now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
        return Results.Ok(request);
    }

    private static async Task<IResult> DevicesAsync(
        HttpContext context, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var devices = await connection.QueryAsync<GatewayDevice>(new CommandDefinition(
            "select device, meter_id from meters where gateway = @Key and revoked_at is null order by meter_id",
            new { context.Caller().Key },
            cancellationToken: cancellationToken));
        return Results.Ok<IReadOnlyList<GatewayDevice>>(devices.AsList());
    }
}

/// <summary>
/// Remembers for a short while that a gateway is registered. One that is not is asked for again each time, so that a
/// registration counts at once; what takes one back calls <see cref="Forget"/>, and another process notices within
/// <see cref="Remembered"/>.
/// </summary>
internal sealed class GatewayRegistry(NpgsqlDataSource source, WallTime wall) : IGatewayRegistry
{
    internal static readonly TimeSpan Remembered = TimeSpan.FromSeconds(10);

    private const int MostRemembered = 100_000;

    private readonly ConcurrentDictionary<Key32, long> _asked = new();

    public async ValueTask<bool> ContainsAsync(Key32 gateway, CancellationToken cancellationToken)
    {
        var now = wall.Clock.GetTimestamp();
        if (_asked.TryGetValue(gateway, out var asked) && wall.Clock.GetElapsedTime(asked, now) < Remembered)
        {
            return true;
        }

        await using var command = source.CreateCommand("select 1 from gateways where gateway = $1");
        _ = command.Parameters.AddWithValue(gateway.ToArray());
        if (await command.ExecuteScalarAsync(cancellationToken) is null)
        {
            Forget(gateway);
            return false;
        }

        if (_asked.Count >= MostRemembered)
        {
            _asked.Clear();
        }

        _asked[gateway] = now;
        return true;
    }

    public void Forget(Key32 gateway) => _ = _asked.TryRemove(gateway, out _);
}
