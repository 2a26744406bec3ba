namespace GridTokenX.Programs.Tests.Initialization;

internal static class Nonsense
{
    public static IEnumerable<MarketSettings> Of(MarketSettings valid)
    {
        var key = Client.Some.Key("a matcher");
        yield return valid with { FeeBasisPoints = 1_001 };
        yield return valid with { FeeBasisPoints = ushort.MaxValue };
        yield return valid with { MinPrice = 0 };
        yield return valid with { MinPrice = valid.MaxPrice + 1 };
        yield return valid with { MinPrice = ulong.MaxValue, MaxPrice = ulong.MaxValue - 1 };
        yield return valid with { Matchers = [] };
        yield return valid with { Matchers = [key, key] };
        yield return valid with { Matchers = [key, Client.Some.Key("another"), key] };
        yield return valid with { Matchers = [default] };
        yield return valid with { Matchers = [key, default] };
        yield return valid with { Matchers = [.. Enumerable.Range(0, 5).Select(i => Client.Some.Key($"matcher {i}"))] };
    }
}
