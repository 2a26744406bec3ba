using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;
using Npgsql;
using BookOrder = GridTokenX.Market.Matching.NewOrder;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>What a journal from its first line on gives: its matches in their order, and what each order got.</summary>
internal sealed class JournalMatches : IBookListener
{
    private readonly List<(long Bid, long Ask, long Energy, long Price)> _matches = [];
    private readonly Dictionary<long, long> _filled = [];

    /// <summary>Within the zone.</summary>
    internal IReadOnlyList<(Guid Bid, Guid Ask, long Energy, long Price)> Matches { get; private set; } = [];

    /// <summary>Wh by the order's place, those from other zones among them; without the orders that got none.</summary>
    internal IReadOnlyDictionary<long, long> Filled => _filled;

    internal static async Task<JournalMatches> ReadAsync(NpgsqlDataSource database, string zone)
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
        listener.Matches = [.. listener._matches.Select(match => (orders[match.Bid], orders[match.Ask], match.Energy,
            match.Price))];
        return listener;
    }

    public void Matched(in BookMatch match)
    {
        _matches.Add((match.Bid, match.Ask, match.Energy.Value, match.Price.Value));
        Fill(match.Bid, match.Energy);
        Fill(match.Ask, match.Energy);
    }

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

    public void MatchedAcross(long order, WattHours energy, WattHours rest) => Fill(order, energy);

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

    private void Fill(long order, WattHours energy) =>
        _filled[order] = _filled.GetValueOrDefault(order) + energy.Value;
}
