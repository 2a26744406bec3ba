using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Gateways;

/// <summary>One's own gateways; an operator who names no wallet sees them all.</summary>
internal static class GatewayListEndpoint
{
    private const int MaxRows = 200;
    private const int DefaultRows = 50;

    private sealed record DeviceCounts(Key32 Gateway, long Devices, long Online);

    internal static async Task<IResult> ListAsync(
        string? wallet,
        string? cursor,
        int? limit,
        HttpContext context,
        NpgsqlDataSource database,
        WallTime wall,
        CancellationToken cancellationToken)
    {
        Key32 after = default;
        if (limit is < 1 or > MaxRows || (cursor is not null && !Key32.TryParse(cursor, out after)))
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "cursor or limit cannot be read.");
        }

        Guid? owner = null;
        if (wallet is not null || context.Caller().Kind != CallerKind.Operator)
        {
            var (user, problem) = await Whose.ReadAsync(context, database, wallet, cancellationToken);
            if (problem is not null)
            {
                return problem;
            }

            owner = user;
        }

        var most = limit ?? DefaultRows;
        var rows = await GatewayRow.ListAsync(database, owner, after, most + 1, cancellationToken);
        var shown = rows.Take(most).ToList();
        var counts = (await CountAsync(database, shown, cancellationToken))
            .ToDictionary(static count => count.Gateway);
        return Results.Ok(new GatewayList(
            [.. shown.Select(row => ToListing(row, counts.GetValueOrDefault(row.Gateway), wall.UtcNow))],
            rows.Count > most ? shown[^1].Gateway.ToString() : null));
    }

    private static Task<IReadOnlyList<DeviceCounts>> CountAsync(
        NpgsqlDataSource database, List<GatewayRow> rows, CancellationToken cancellationToken) =>
        database.QueryAsync<DeviceCounts>(
            """
            select m.gateway, count(*) as devices, count(*) filter (where s.online) as online
            from meters m left join device_sights s on s.device = m.device and s.gateway = m.gateway
            where m.gateway = any(@gateways) and m.revoked_at is null
            group by m.gateway
            """,
            new { gateways = rows.ConvertAll(static row => row.Gateway.ToArray()).ToArray() },
            cancellationToken);

    private static GatewayListing ToListing(GatewayRow row, DeviceCounts? counts, DateTimeOffset now)
    {
        var view = row.ToView(now, []);
        return new GatewayListing(
            view.Gateway,
            view.Name,
            view.Zone,
            view.Owner,
            view.PairingUntil,
            view.Health,
            counts?.Devices ?? 0,
            counts?.Online ?? 0);
    }
}
