using GridTokenX.Community.MarketMode;

namespace GridTokenX.Community.Tests.MarketMode;

public sealed class PriceMemoryTests
{
    private static readonly long[] Retail = [.. Enumerable.Repeat(6_000L, 96)];

    /// <summary>A day of flat prices and one with a cheap noon: only the second makes a battery wait.</summary>
    [Fact]
    public void Prices_of_the_day_tell_cheap_hours_from_dear_ones()
    {
        var prices = new PriceMemory(3_000);
        prices.Look(0, Retail);
        prices.Cheap.ShouldBe(prices.Dear);
        for (var quarter = 0; quarter < 96; quarter++)
        {
            Teach(prices, quarter, Traded(1_000, quarter switch
            {
                >= 40 and < 64 => 1_000,
                >= 72 => 5_000,
                _ => 3_000,
            }));
        }

        prices.Look(0, Retail);
        prices.Cheap.ShouldBeLessThan(1_100);
        prices.Dear.ShouldBeGreaterThan(4_900);
        prices.Avoidable(0).ShouldBe(prices.At(0));
        prices.Look(72, [.. Enumerable.Repeat(2_000L, 96)]);
        prices.Avoidable(0).ShouldBe(2_000);
    }

    [Theory]
    [InlineData(500, 0, 6_000)]
    [InlineData(0, 500, 2_000)]
    [InlineData(500, 500, 4_000)]
    public void Where_nothing_traded_the_price_is_that_of_who_found_nobody(long bids, long asks, long price)
    {
        var prices = new PriceMemory(3_000);
        Teach(prices, 7, new ZoneSums { Bids = bids, Asks = asks });
        ((double)prices.At(7)).ShouldBe(price, 10);
        prices.Room(7).ShouldBe(bids);
    }

    [Fact]
    public void Where_nobody_wanted_anything_nothing_is_learnt()
    {
        var prices = new PriceMemory(3_000);
        Teach(prices, 7, default);
        prices.At(7).ShouldBe(3_000);
    }

    /// <summary>Half of the bids paid 3,000 to neighbours and half retail; batteries served a fifth of them.</summary>
    [Fact]
    public void A_bid_costs_what_neighbours_and_utility_took_together()
    {
        var prices = new PriceMemory(3_000);
        Teach(prices, 7, Traded(1_000, 3_000) with { Bids = 2_000, SoldByBatteries = 400 });
        ((double)prices.At(7)).ShouldBe(3_000, 10);
        prices.Look(7, Retail);
        ((double)prices.Avoidable(0)).ShouldBe(4_500, 10);
        prices.Room(7).ShouldBe(1_400);
    }

    private static ZoneSums Traded(long energy, long price) => new()
    {
        Bids = energy,
        Asks = energy,
        Bought = energy,
        Sold = energy,
        Paid = energy * price / 1_000,
        Earned = energy * price / 1_000,
    };

    private static void Teach(PriceMemory prices, int quarter, ZoneSums zone)
    {
        for (var day = 0; day < 60; day++)
        {
            prices.Learn(quarter, zone, 6_000, 2_000);
        }
    }
}
