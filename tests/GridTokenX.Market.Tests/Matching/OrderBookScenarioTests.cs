namespace GridTokenX.Market.Tests.Matching;

public sealed class OrderBookScenarioTests
{
    [Fact]
    public void Bid_below_ask_does_not_trade() => Scenario(
        """
        a Anna  ask 1000 @ 41
        b Bodin bid 1000 @ 40
        """,
        """
        rests: b 1000
        rests: a 1000
        """);

    [Fact]
    public void Equal_limits_trade() => Scenario(
        """
        a Anna  ask 1000 @ 40
        b Bodin bid 1000 @ 40
        """,
        """
        b x a 1000 @ 40
        """);

    [Fact]
    public void Price_is_the_sellers_ask() => Scenario(
        """
        b Bodin bid 1000 @ 90
        a Anna  ask 1000 @ 40
        """,
        """
        b x a 1000 @ 40
        """);

    [Fact]
    public void Higher_bid_and_lower_ask_go_first() => Scenario(
        """
        a1 Anna  ask 500 @ 42
        a2 Arun  ask 500 @ 41
        b1 Bodin bid 500 @ 50
        b2 Boon  bid 500 @ 60
        """,
        """
        b2 x a2 500 @ 41
        b1 x a1 500 @ 42
        """);

    [Fact]
    public void At_one_price_the_earlier_order_goes_first() => Scenario(
        """
        a1 Anna  ask 300 @ 40
        a2 Arun  ask 300 @ 40
        b1 Bodin bid 400 @ 40
        b2 Boon  bid 400 @ 40
        """,
        """
        b1 x a1 300 @ 40
        b1 x a2 100 @ 40
        b2 x a2 200 @ 40
        rests: b2 200
        """);

    [Fact]
    public void Order_is_filled_in_parts() => Scenario(
        """
        a1 Anna  ask 300 @ 40
        a2 Arun  ask 300 @ 41
        a3 Amy   ask 300 @ 43
        b  Bodin bid 900 @ 42
        """,
        """
        b x a1 300 @ 40
        b x a2 300 @ 41
        rests: b 300
        rests: a3 300
        """);

    [Fact]
    public void What_was_filled_before_is_not_filled_again() => Scenario(
        """
        a Anna  ask 1000 @ 40 filled 900
        b Bodin bid 1000 @ 40 filled 100
        """,
        """
        b x a 100 @ 40
        rests: b 800
        """);

    [Fact]
    public void Own_ask_is_passed_over_and_stays_for_the_next_bid() => Scenario(
        """
        a1 Anna  ask 500 @ 40
        a2 Arun  ask 500 @ 41
        b1 Anna  bid 500 @ 50
        b2 Bodin bid 500 @ 45
        """,
        """
        b1 x a2 500 @ 41
        b2 x a1 500 @ 40
        """);

    [Fact]
    public void Only_ones_own_orders_may_stay_crossed() => Scenario(
        """
        a Anna  ask 500 @ 40
        b Anna  bid 500 @ 50
        """,
        """
        rests: b 500
        rests: a 500
        """);

    [Fact]
    public void Direct_purchase_takes_the_ask_it_names_and_no_better_one() => Scenario(
        """
        a1 Anna  ask 500 @ 40
        a2 Arun  ask 500 @ 42
        b  Bodin bid 300 @ 42 takes a2
        """,
        """
        b x a2 300 @ 42
        rests: a1 500
        rests: a2 200
        """);

    [Fact]
    public void Direct_purchase_gets_what_its_ask_has_left() => Scenario(
        """
        a1 Anna  ask 500 @ 40
        a2 Arun  ask 500 @ 40
        b1 Boon  bid 400 @ 45
        b2 Bodin bid 300 @ 40 takes a1
        """,
        """
        b1 x a1 400 @ 40
        b2 x a1 100 @ 40
        rests: b2 200
        rests: a2 500
        """);

    [Fact]
    public void Direct_purchase_waits_its_turn_among_the_bids() => Scenario(
        """
        a  Anna  ask 500 @ 40
        b1 Bodin bid 500 @ 40 takes a
        b2 Boon  bid 500 @ 40
        """,
        """
        b1 x a 500 @ 40
        rests: b2 500
        """);

    [Fact]
    public void Direct_purchase_of_an_own_ask_does_not_trade() => Scenario(
        """
        a Anna  ask 500 @ 40
        b Anna  bid 500 @ 40 takes a
        """,
        """
        rests: b 500
        rests: a 500
        """);

    private static void Scenario(string orders, string expected) =>
        BookScenario.Play(orders).ShouldBe(expected.ReplaceLineEndings("\n"));
}
