using GridTokenX.CloudCore.Storage;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// What a plain group changes of its orders, so that nothing has to be read before: the server itself compares the rows
/// with the book, and the writes fail when one is not what the book says. That is what
/// <see cref="ZoneOrderWriter.Check"/> does where the rows are read anyway.
/// </summary>
internal static class ComparedChanges
{
    /// <summary>
    /// Locks the group's orders in the order that everybody keeps. It comes before anything that names them: a foreign
    /// key locks in any order, and so does an update.
    /// </summary>
    internal static void AddLocking(PendingWrites writes, ZoneGroup group) => writes.Add(
        "select from orders where id = any($1) order by sequence for update",
        PendingWrites.Value(group.Touched.ToArray()));

    /// <param name="writes">Of the group's transaction.</param>
    /// <param name="book">With the group applied.</param>
    /// <param name="group">See <see cref="ZoneGroup.IsPlain"/>.</param>
    /// <param name="held">Orders whose escrow arrives with it.</param>
    /// <param name="at">Market time.</param>
    internal static void Add(
        PendingWrites writes, ZoneBook book, ZoneGroup group, IReadOnlySet<Guid> held, DateTimeOffset at)
    {
        var places = group.Placed.ToDictionary(static order => order.Order, static order => order.Place);
        var matched = group.Matched();
        List<Guid> touched = [.. group.Touched];
        writes.Add(
            """
            with changed as (
                -- A filled order keeps its escrow until the chain has decided about its matches.
                update orders
                set place = coalesce(change.place, orders.place),
                    filled_wh = filled_wh + change.matched,
                    status = case when change.rest = 0 then 'filled'
                        when change.matched > 0 then 'partially_filled'
                        when change.held then 'active' else status end,
                    closed_at = case when change.rest = 0 then $1 else closed_at end,
                    escrow = case when change.held then 'held' else escrow end,
                    escrowed_at = case when change.held then greatest(created_at, $1) else escrowed_at end
                from unnest($2, $3, $4, $5, $6) as change (id, place, matched, rest, held)
                where orders.id = change.id
                  and case when change.held then status = 'pending' and escrow = 'requested'
                      else status in ('active', 'partially_filled') end
                  and energy_wh - filled_wh - change.matched = change.rest
                returning 1)
            select require((select count(*) from changed) = $7, 'the orders are what their book says')
            """,
            PendingWrites.Value(at.UtcDateTime),
            PendingWrites.Value(touched.ToArray()),
            PendingWrites.Column(touched, id => places.TryGetValue(id, out var place) ? place : default(long?)),
            PendingWrites.Column(touched, id => matched.GetValueOrDefault(id).Value),
            PendingWrites.Column(touched, book.RestOf),
            PendingWrites.Column(touched, held.Contains),
            PendingWrites.Value((long)touched.Count));
    }
}
