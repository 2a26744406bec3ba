using GridTokenX.CloudCore.Pricing;
using GridTokenX.Market.Matching;

namespace GridTokenX.CloudCore.Trading;

/// <summary>How a zone's book works; the database has it by name.</summary>
internal readonly record struct BookKind(MatchingMode Mode, bool ExactQuantity)
{
    private const string Exact = "_exact";

    internal string Name => (Mode switch
    {
        MatchingMode.Continuous => "continuous",
        MatchingMode.Waiting => "waiting",
        _ => "gathering",
    }) + (ExactQuantity ? Exact : "");

    /// <summary>
    /// Bounds of limits are no business of the book: they are the market's when an order is placed, and may have been
    /// others then.
    /// </summary>
    internal BookRules Rules => new() { Mode = Mode, ExactQuantity = ExactQuantity };

    internal static BookKind Parse(string name)
    {
        var isExact = name.EndsWith(Exact, StringComparison.Ordinal);
        var mode = (isExact ? name[..^Exact.Length] : name) switch
        {
            "continuous" => MatchingMode.Continuous,
            "gathering" => MatchingMode.Gathering,
            "waiting" => MatchingMode.Waiting,
            _ => throw new InvalidOperationException($"There is no book of the kind {name}."),
        };
        return new BookKind(mode, isExact);
    }

    /// <summary>
    /// Orders wait where an auction or a cycle over several zones matches them. Where a price or a gate may hold them
    /// back they gather, whatever the interval, so that each cycle looks at what applies.
    /// </summary>
    internal static BookKind Of(ZoneRules rules, TradingOptions options)
    {
        var mode = MatchingMode.Continuous;
        if (rules.Rule == ClearingRule.CallAuction || rules.IsLinked)
        {
            mode = MatchingMode.Waiting;
        }
        else if (rules.AreConditional || options.MatchInterval > TimeSpan.Zero)
        {
            mode = MatchingMode.Gathering;
        }

        return new BookKind(mode, rules.ExactQuantity);
    }
}
