using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.CrossZone;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.CrossZone;

/// <summary>What matches of two zones lose on the way, and what the buyer owes the grid for it.</summary>
internal static class AcrossRecords
{
    private sealed record Used(string FromZone, string ToZone, WattHours Sent);

    /// <param name="transaction">In which the matches were written.</param>
    /// <param name="matches">With their ids.</param>
    /// <param name="epoch">Of the seller's zone.</param>
    /// <param name="cancellationToken">Of the worker.</param>
    internal static Task WriteAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<(Guid Id, CrossZoneMatch Match)> matches,
        MarketEpoch epoch,
        CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into matches_across (match_id, from_zone, from_epoch, to_zone, arriving_wh, lost_wh, wheeling_ugrx)
            select id, from_zone, @number, to_zone, arriving, lost, wheeling
            from unnest(@ids, @froms, @tos, @arriving, @lost, @wheeling)
                as across (id, from_zone, to_zone, arriving, lost, wheeling)
            """,
            new
            {
                number = epoch.Number,
                ids = matches.Select(static row => row.Id).ToArray(),
                froms = matches.Select(static row => row.Match.SellerZone).ToArray(),
                tos = matches.Select(static row => row.Match.BuyerZone).ToArray(),
                arriving = matches.Select(static row => row.Match.Arriving.Value).ToArray(),
                lost = matches.Select(static row => row.Match.Lost.Value).ToArray(),
                wheeling = matches.Select(static row => row.Match.Wheeling.Value).ToArray(),
            },
            cancellationToken);

    /// <summary>The charge is owed once the chain has settled a match, and never when that fails for good.</summary>
    internal static Task<int> DecideAsync(
        NpgsqlTransaction transaction, Guid[] matches, bool isSettled, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "update matches_across set charge = @charge where match_id = any(@matches) and charge <> 'due'",
            new { matches, charge = isSettled ? "due" : "void" },
            cancellationToken);

    /// <summary>The links with what is left of their capacity in the epoch.</summary>
    internal static async Task<IReadOnlyList<ZoneLink>> LeftAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<ZoneLink> links,
        MarketEpoch epoch,
        CancellationToken cancellationToken)
    {
        var used = await transaction.QueryAsync<Used>(
            """
            select from_zone, to_zone, sum(arriving_wh + lost_wh)::bigint as sent from matches_across
            where from_epoch = @number and charge <> 'void' group by from_zone, to_zone
            """,
            new { number = epoch.Number },
            cancellationToken);
        var sent = used.ToDictionary(static row => (row.FromZone, row.ToZone), static row => row.Sent);
        return [.. links.Select(link => link with
        {
            Capacity = new WattHours(Math.Max(
                0, link.Capacity.Value - sent.GetValueOrDefault((link.From, link.To)).Value)),
        })];
    }
}
