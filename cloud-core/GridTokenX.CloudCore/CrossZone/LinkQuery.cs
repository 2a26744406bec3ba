using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.CrossZone;
using GridTokenX.Protocol.Api;
using Npgsql;

namespace GridTokenX.CloudCore.CrossZone;

/// <summary>The ways between zones as they are set, and what has come over them since the beginning.</summary>
internal sealed class LinkQuery(NpgsqlDataSource database, MarketRules rules)
{
    private sealed record Carried(
        string FromZone, string ToZone, long Matches, long SentWh, long LostWh, long ValueUgrx, long WheelingUgrx);

    internal async Task<LinkList> ReadAsync(CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync<Carried>(
            """
            select a.from_zone, a.to_zone, count(*) as matches,
                   sum(a.arriving_wh + a.lost_wh)::bigint as sent_wh, sum(a.lost_wh)::bigint as lost_wh,
                   sum(m.value_ugrx)::bigint as value_ugrx, sum(a.wheeling_ugrx)::bigint as wheeling_ugrx
            from matches_across a join matches m on m.id = a.match_id
            where a.charge <> 'void' group by a.from_zone, a.to_zone
            """,
            null,
            cancellationToken);
        var carried = rows.ToDictionary(static row => (row.FromZone, row.ToZone));
        var set = rules.Links.ToDictionary(static link => (link.From, link.To));
        return new LinkList(
        [
            .. set.Keys.Union(carried.Keys)
                .OrderBy(static way => way.Item1, StringComparer.Ordinal)
                .ThenBy(static way => way.Item2, StringComparer.Ordinal)
                .Select(way => View(way, set.GetValueOrDefault(way), carried.GetValueOrDefault(way))),
        ]);
    }

    private static LinkView View((string From, string To) way, ZoneLink? link, Carried? carried) => new(
        way.From,
        way.To,
        link is null ? null : new LinkTerms(link.Wheeling.ToGrx(), link.LossPpm, link.Capacity.ToKwh()),
        carried?.Matches ?? 0,
        carried?.SentWh ?? 0,
        carried?.LostWh ?? 0,
        carried?.ValueUgrx ?? 0,
        carried?.WheelingUgrx ?? 0);
}
