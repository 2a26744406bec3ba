using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;
using Npgsql;
using BookOrder = GridTokenX.Market.Matching.NewOrder;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>The matches that a journal from its first line on gives, in their order.</summary>
internal sealed class JournalMatches : IBookListener
{
    private readonly List<(long Bid, long Ask, long Energy, long Price)> _matches = [];

    internal static async Task<IReadOnlyList<(Guid, Guid, long, long)>> ReadAsync(
        NpgsqlDataSource database, string zone)
    {
        var mode = BookKind.Parse((await database.QueryAsync<string>(
            "select mode from market_zones where zone = @zone", new { zone }, CancellationToken.None)).Single());
        var listener = new JournalMatches();
        var book = new OrderBook<JournalMatches>(mode.Rules, listener);
        foreach (var line in await database.QueryAsync<byte[]>(
            "select operation from market_journal where zone = @zone order by sequence",
            new { zone },
            CancellationToken.None))
        {
            BookOperation.Read(line).ApplyTo(book).ShouldBe(RejectReason.None);
        }

        var orders = (await database.QueryAsync<(long Place, Guid Id)>(
            "select place, id from orders where zone = @zone and place is not null",
            new { zone },
            CancellationToken.None)).ToDictionary(static order => order.Place, static order => order.Id);
        return [.. listener._matches.Select(match => (orders[match.Bid], orders[match.Ask], match.Energy,
            match.Price))];
    }

    public void Matched(in BookMatch match) =>
        _matches.Add((match.Bid, match.Ask, match.Energy.Value, match.Price.Value));

    public void Accepted(in BookOrder order)
    {
        // Not asked for.
    }

    public void Rejected(long order, RejectReason reason)
    {
        // The answer says so.
    }

    public void Rested(long order, WattHours rest)
    {
        // Not asked for.
    }

    public void MatchedAcross(long order, WattHours energy, WattHours rest)
    {
        // Not in these books.
    }

    public void Reduced(long order, WattHours by, WattHours rest)
    {
        // Not in these books.
    }

    public void Cancelled(long order, WattHours rest, CancelReason reason)
    {
        // Not asked for.
    }

    public void Expired(long order, WattHours rest)
    {
        // Not asked for.
    }
}
