using GridTokenX.CloudCore.Trading;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Tests.Trading;

public sealed class OrderGroupTests
{
    [Fact]
    public async Task Orders_of_many_people_at_once_are_checked_each_by_its_own()
    {
        await using var world = await MarketWorld.StartAsync();
        List<Trader> traders = [];
        for (var i = 0; i < 20; i++)
        {
            traders.Add(await world.TraderAsync(wh: i % 2 == 0 ? 10_000 : 0, verified: i % 5 != 0));
        }

        var outcomes = await Task.WhenAll(traders.SelectMany(trader => (Task<OrderOutcome>[])
            [world.SellAsync(trader, 6_000, 1), world.SellAsync(trader, 6_000, 2), world.BuyAsync(trader, 1_000,
                1_000)]));
        for (var i = 0; i < traders.Count; i++)
        {
            var codes = outcomes.Skip(3 * i).Take(3).Select(static outcome => outcome.Refusal?.Code).ToList();
            if (i % 5 == 0)
            {
                codes.ShouldAllBe(static code => code == ProblemCodes.UserNotVerified);
            }
            else
            {
                codes[2].ShouldBeNull();
                codes.Take(2).Count(static code => code is null).ShouldBe(i % 2 == 0 ? 1 : 0);
            }
        }

        var taken = outcomes.Where(static outcome => outcome.Order is not null).ToList();
        (await world.CountAsync("orders")).ShouldBe(taken.Count);
        (await world.CountAsync("idempotency_keys")).ShouldBe(taken.Count);
        (await world.CountAsync("chain_outbox")).ShouldBe(taken.Count);
        foreach (var outcome in taken)
        {
            var stored = await world.OrderAsync(outcome.Order!.Id);

            // What the database gives, nobody has been told yet.
            stored.OwnerNumber.ShouldBeGreaterThan(0);
            outcome.Order.ShouldBe(
                stored with { Sequence = outcome.Order.Sequence, OwnerNumber = outcome.Order.OwnerNumber });
        }
    }

    [Fact]
    public async Task Remembered_balance_never_refuses_and_the_chain_refuses_what_it_let_pass()
    {
        await using var world = await MarketWorld.StartAsync();
        var trader = await world.TraderAsync(wh: 1_000);
        _ = (await world.SellAsync(trader, 1, 1)).Order.ShouldNotBeNull();

        // More than is remembered: the chain is asked.
        world.Chain.Give(trader.Wallet, 1_000, 0);
        _ = (await world.SellAsync(trader, 1_500, 1)).Order.ShouldNotBeNull();

        // Less than is remembered: the chain refuses it, and takes nothing.
        world.Chain.Give(trader.Wallet, -2_000, 0);
        _ = await world.SellAsync(trader, 400, 1);
        _ = await world.AnswerAsync();
        (await world.QueryAsync<string>("select distinct status from orders")).ShouldBe(["rejected"]);
        world.Chain.EscrowWh.ShouldBe(0);
    }

    [Fact]
    public async Task Key_that_has_changed_hands_orders_for_its_new_owner_with_all_that_he_has_open()
    {
        await using var world = await MarketWorld.StartAsync();
        var first = await world.TraderAsync(wh: 5_000);
        var second = await world.TraderAsync(wh: 1_000);
        _ = (await world.SellAsync(first, 500, 1)).Order.ShouldNotBeNull();
        _ = (await world.SellAsync(second, 800, 1)).Order.ShouldNotBeNull();

        // Remembered of the key by now: the first one's id.
        _ = await world.QueryAsync<Guid>(
            $"update users set access_key = sha256(access_key) where id = '{first.Id}' returning id");
        _ = await world.QueryAsync<Guid>(
            $"update users set access_key = decode('{Convert.ToHexString(first.AccessKey.ToArray())}', 'hex') "
            + $"where id = '{second.Id}' returning id");
        var owner = second with { AccessKey = first.AccessKey };
        (await world.SellAsync(owner, 300, 1)).Refusal?.Code.ShouldBe(ProblemCodes.InsufficientBalance);
        var order = (await world.SellAsync(owner, 200, 1)).Order.ShouldNotBeNull();
        (order.OwnerId, order.Wallet).ShouldBe((second.Id, second.Wallet));

        // And the next time it is remembered.
        (await world.SellAsync(owner, 100, 1)).Refusal.ShouldNotBeNull();
        (await world.CountAsync("orders")).ShouldBe(3);
    }
}
