using System.Globalization;
using System.Text;
using GridTokenX.Market.Matching;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>
/// A book drawn as text. Orders, one a line: <c>name owner bid|ask energy @ price</c>, with <c>filled n</c> for what
/// was matched before and <c>takes name</c> for a direct purchase. Line order is arrival order.
/// </summary>
internal static class BookScenario
{
    /// <summary>Matches, then what is left: <c>bid × ask energy @ price</c> and <c>rests: name energy</c>.</summary>
    internal static string Play(string orders)
    {
        List<Order> book = [];
        Dictionary<string, Guid> ids = [];
        foreach (var line in orders.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            book.Add(Read(line, ids));
        }

        var text = new StringBuilder();
        var matches = ZoneCycle.Match(book);
        foreach (var match in matches)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"{Name(match.Bid)} x {Name(match.Ask)} ")
                .Append(CultureInfo.InvariantCulture, $"{match.Energy.Value} @ {match.Price.Value}\n");
        }

        foreach (var order in book.OrderBy(static order => order.Side).ThenBy(Rank))
        {
            var rest = order.Rest.Value - matches
                .Where(match => match.Bid == order.Id || match.Ask == order.Id)
                .Sum(static match => match.Energy.Value);
            if (rest > 0)
            {
                _ = text.Append(CultureInfo.InvariantCulture, $"rests: {Name(order.Id)} {rest}\n");
            }
        }

        return text.ToString().TrimEnd();

        string Name(Guid id) => ids.Single(pair => pair.Value == id).Key;
    }

    private static long Rank(Order order) => order.Side == Side.Bid ? -order.Limit.Value : order.Limit.Value;

    private static Order Read(string line, Dictionary<string, Guid> ids)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var sequence = ids.Count + 1;
        var order = An.Order(
            words[2] is "bid" ? Side.Bid : Side.Ask,
            price: long.Parse(words[5], CultureInfo.InvariantCulture),
            energy: long.Parse(words[3], CultureInfo.InvariantCulture),
            sequence,
            owner: words[1].Sum(static letter => letter));
        ids.Add(words[0], order.Id);
        if (Word(words, "takes") is { } target)
        {
            return order with { Target = ids[target] };
        }

        var filled = long.Parse(Word(words, "filled") ?? "0", CultureInfo.InvariantCulture);
        return order with { Filled = new(filled) };
    }

    private static string? Word(string[] words, string after)
    {
        var position = Array.IndexOf(words, after);
        return position < 0 ? null : words[position + 1];
    }
}
