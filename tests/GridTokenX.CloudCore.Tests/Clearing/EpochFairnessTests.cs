using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Api;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GridTokenX.CloudCore.Tests.Clearing;

/// <summary>What the API says of an epoch, against a naive merit order: kilowatt-hour by kilowatt-hour.</summary>
public sealed class EpochFairnessTests
{
    private static readonly TimeSpan Long = TimeSpan.FromDays(2);

    private sealed record Placed(Guid Id, bool IsBid, long Kwh, long Limit);

    private sealed record Trade(Placed Bid, Placed Ask, long Kwh, long Price);

    [Theory]
    [InlineData("continuous")]
    [InlineData("call_auction")]
    public async Task Figures_of_an_epoch_are_those_of_the_naive_merit_order(string mode)
    {
        await using var world = await MarketWorld.StartAsync(market: new MarketOptions { Mode = mode });
        var sellers = await TradersAsync(world);
        var buyers = await TradersAsync(world);
        await world.RunAsync();
        var random = new Random(11);
        List<Placed> orders = [];
        Dictionary<Guid, long> filled = [];
        for (var epoch = 0; epoch < 3; epoch++)
        {
            for (var i = 0; i < 16; i++)
            {
                orders.Add(await PlaceAsync(world, sellers[i % 4], buyers[i % 4], random));
                if (i % 3 == 0)
                {
                    await world.RunAsync();
                }
            }

            var number = MarketEpoch.At(world.Now).Number;
            await world.AdvanceAsync(TimeSpan.FromMinutes(15));
            var trades = await TradesAsync(world, number, orders);
            trades.Count.ShouldBeGreaterThan(2);

            // What an earlier epoch has left of an order is offered again.
            var offered = orders.ConvertAll(
                order => order with { Kwh = order.Kwh - filled.GetValueOrDefault(order.Id) });
            ShouldBeOf(await FairnessAsync(world, number), trades, offered);
            foreach (var trade in trades)
            {
                filled[trade.Bid.Id] = filled.GetValueOrDefault(trade.Bid.Id) + trade.Kwh;
                filled[trade.Ask.Id] = filled.GetValueOrDefault(trade.Ask.Id) + trade.Kwh;
            }

            _ = await world.AnswerAsync();
        }
    }

    private static void ShouldBeOf(EpochFairness told, List<Trade> trades, List<Placed> offered)
    {
        var bids = Units(offered.Where(static order => order.IsBid)).OrderDescending().ToList();
        var asks = Units(offered.Where(static order => !order.IsBid)).Order().ToList();
        var best = bids.Zip(asks).TakeWhile(static pair => pair.First >= pair.Second).ToList();

        // The most that could meet: so many of the highest bids, the lowest of them with the lowest ask.
        var most = Enumerable.Range(0, Math.Min(bids.Count, asks.Count) + 1)
            .Last(many => bids.Take(many).Reverse().Zip(asks).All(static pair => pair.First >= pair.Second));
        var welfare = trades.Sum(static trade => trade.Kwh * (trade.Bid.Limit - trade.Ask.Limit));
        var mean = trades.Sum(static trade => trade.Kwh * trade.Price) / (double)trades.Sum(static trade => trade.Kwh);
        var variance = trades.Sum(trade => trade.Kwh * Math.Pow(trade.Price - mean, 2))
            / trades.Sum(static trade => trade.Kwh);

        told.WelfareShare.ShouldBe(Share(welfare, best.Sum(static pair => pair.First - pair.Second)));
        told.VolumeShare.ShouldBe(Share(trades.Sum(static trade => trade.Kwh), most));
        told.BuyersShare.ShouldBe(
            Share(trades.Sum(static trade => trade.Kwh * (trade.Bid.Limit - trade.Price)), welfare));
        ((double)told.PriceDispersion!.Value).ShouldBe(Math.Sqrt(variance) / mean, 0.00001);
        told.WelfareShare!.Value.ShouldBeInRange(0.1m, 1m);
    }

    private static IEnumerable<long> Units(IEnumerable<Placed> orders) =>
        orders.SelectMany(static order => Enumerable.Repeat(order.Limit, (int)order.Kwh));

    private static decimal Share(decimal part, decimal whole) =>
        decimal.Round(part / whole, 6, MidpointRounding.ToZero);

    private static async Task<Placed> PlaceAsync(MarketWorld world, Trader seller, Trader buyer, Random random)
    {
        var (isBid, kwh, limit) = (random.Next(2) == 0, random.Next(1, 6), random.Next(2_000_000, 4_000_000));
        var id = isBid
            ? await world.ActiveBidAsync(buyer, kwh * 1_000, limit, Long)
            : await world.ActiveAskAsync(seller, kwh * 1_000, limit, Long);
        return new Placed(id, isBid, kwh, limit);
    }

    private static async Task<List<Trade>> TradesAsync(MarketWorld world, long number, List<Placed> orders)
    {
        var byId = orders.ToDictionary(static order => order.Id);
        return [.. (await world.QueryAsync<(Guid Bid, Guid Ask, long Wh, long Price)>(
                "select buy_order, sell_order, energy_wh, price from matches where epoch = @number", new { number }))
            .Select(match => new Trade(byId[match.Bid], byId[match.Ask], match.Wh / 1_000, match.Price))];
    }

    private static async Task<EpochFairness> FairnessAsync(MarketWorld world, long number)
    {
        var result = await EpochEndpoints.OneAsync(number, "zone-1", world.Database, CancellationToken.None);
        return result.ShouldBeOfType<Ok<EpochList>>().Value!.Epochs.ShouldHaveSingleItem().Fairness.ShouldNotBeNull();
    }

    private static async Task<List<Trader>> TradersAsync(MarketWorld world)
    {
        List<Trader> traders = [];
        for (var i = 0; i < 4; i++)
        {
            traders.Add(await world.TraderAsync());
        }

        return traders;
    }
}
