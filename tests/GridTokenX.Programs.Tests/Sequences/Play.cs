using System.Numerics;
using GridTokenX.Programs.Events;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Sequences;

/// <summary>An instruction, who signs it, and what must come of it.</summary>
internal sealed record Attempt(Instruction Instruction, IReadOnlyList<Keypair> Signers, Verdict Verdict);

internal sealed record Trader(Keypair Key, string MeterId)
{
    public PublicKey Address => Key.PublicKey;
}

/// <summary>Turns steps into instructions, given the ledger of the moment.</summary>
internal sealed class Play(World world, IReadOnlyList<Trader> traders)
{
    public const int OrdersPerTrader = 8;

    /// <summary>Settlements below this number are tried more than once.</summary>
    public const int RepeatedSettlements = 50;

    public Attempt Of(Step step, Ledger ledger) => step.Kind switch
    {
        // It is over soon, else most of a sequence would be refused.
        _ when ledger.IsInMaintenance && step.Luck < 30 => SetMaintenance(ledger, isOn: false),
        StepKind.Place => Place(step, ledger),
        // Without anything to settle, orders are what is wanted.
        StepKind.Settle when step.Luck >= 20 && Crossing(ledger).Count == 0 => Place(step, ledger),
        StepKind.Cancel => Close(step, ledger, OrderClosingReason.Cancelled, 1),
        StepKind.Expire => Close(step, ledger, OrderClosingReason.Expired, 1 + (step.Number % 3)),
        StepKind.Release => Close(step, ledger, OrderClosingReason.Released, 1 + (step.Number % 3)),
        StepKind.Settle => Settle(step, ledger),
        StepKind.Buy => Buy(step, ledger),
        StepKind.Read => Read(step, ledger),
        StepKind.Mint => Mint(step, ledger),
        StepKind.SettleElsewhere => SettleElsewhere(step, ledger),
        StepKind.Retire => Retire(step, ledger),
        StepKind.GrantMoney => GrantMoney(step, ledger),
        StepKind.UpdateMarket => UpdateMarket(step, ledger),
        StepKind.BeginMaintenance => SetMaintenance(ledger, isOn: true),
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    public Attempt SetMaintenance(Ledger ledger, bool isOn) => new(
        world.Trading.SetMaintenance(world.Admin.PublicKey, isOn), [world.Admin],
        new Verdict(ledger with { IsInMaintenance = isOn }, []));

    private Attempt Place(Step step, Ledger ledger)
    {
        var (owner, payer) = (step.Who % traders.Count, step.Other % traders.Count);
        var side = step.Number % 2 == 0 ? OrderSide.Sell : OrderSide.Buy;
        var key = Enumerable.Range(1, OrdersPerTrader)
            .Select(id => new OrderKey(owner, (ulong)id))
            .FirstOrDefault(
                key => step.Luck >= 20 && !ledger.Orders.ContainsKey(key),
                new OrderKey(owner, 1 + ((ulong)step.Other % OrdersPerTrader)));
        ulong amount = step.Luck switch
        {
            0 => 0,
            1 => 999_999,
            2 => ulong.MaxValue,
            3 => long.MaxValue,
            _ => 1_000_000 + ((ulong)step.Size * 1_237),
        };
        ulong price = step.Luck switch
        {
            4 => 0,
            5 => ulong.MaxValue,
            6 => (ulong)ledger.MinPrice - 1,
            7 => 501,
            2 => 2_000_000_000,
            _ => 1_000_000 + ((ulong)step.Number * 1_001),
        };
        var expiresAt = step.Luck switch
        {
            8 => ledger.Now,
            9 => long.MinValue,
            10 => long.MaxValue,
            _ => ledger.Now + 1 + (step.Luck * 100),
        };
        return new Attempt(
            world.Trading.CreateOrder(
                side, traders[payer].Address, traders[owner].Address,
                new OrderTerms(key.Id, amount, price, expiresAt)),
            [traders[payer].Key, traders[owner].Key],
            Rules.Place(ledger, key, payer, side, amount, price, expiresAt));
    }

    private Attempt Close(Step step, Ledger ledger, OrderClosingReason reason, int count)
    {
        List<OrderKey> keys = [.. Enumerable.Range(0, count).Select(i => Pick(ledger, step.Who + (i * step.Other)))];
        // The expired ones first, else hardly any would be met.
        var expired = Sorted(ledger).Where(key => ledger.Orders[key].ExpiresAt <= ledger.Now).Take(count).ToList();
        keys = reason == OrderClosingReason.Expired && step.Luck >= 20 && expired.Count > 0 ? expired : keys;
        var signer = step.Luck < 10 ? step.Other % traders.Count : keys[0].Owner;
        List<OrderClosing> orders = [.. keys.Select(key => Closing(ledger, key))];
        var verdict = Rules.Close(ledger, reason, signer, keys);
        return reason switch
        {
            OrderClosingReason.Cancelled => new Attempt(
                world.Trading.CancelOrder(orders[0]).With(0, traders[signer].Address), [traders[signer].Key], verdict),
            OrderClosingReason.Expired => new Attempt(world.Trading.ExpireOrders(orders), [], verdict),
            _ => new Attempt(
                world.Trading.ReleaseOrders(world.Matcher.PublicKey, orders), [world.Matcher], verdict),
        };
    }

    private Attempt Settle(Step step, Ledger ledger)
    {
        List<Leg> legs = [];
        var before = ledger;
        for (var i = 0; i <= step.Number % 3; i++)
        {
            var leg = LegOf(step with { Who = step.Who + i, Luck = (step.Luck + (i * 31)) % 100 }, before);
            legs.Add(leg);
            before = Rules.Settle(before, [leg]).After;
        }

        var instruction = world.Trading.SettleMatch(
            world.Matcher.PublicKey, world.FeeAccount, [.. legs.Select(leg => Settlement(ledger, leg))]);
        return new Attempt(instruction, [world.Matcher], Rules.Settle(ledger, legs));
    }

    private Leg LegOf(Step step, Ledger ledger)
    {
        var crossing = Crossing(ledger);
        var (sellKey, buyKey) = crossing.Count > 0 && step.Luck >= 10
            ? crossing[step.Who % crossing.Count]
            : (Pick(ledger, step.Who), Pick(ledger, step.Other));
        var (ask, bid) = (PriceOf(ledger, sellKey), PriceOf(ledger, buyKey));
        var price = step.Luck switch
        {
            10 => ask - 1,
            11 => bid + 1,
            12 => ulong.MaxValue,
            < 40 => bid,
            < 70 => ask,
            _ => ask + ((bid - ask) / 2),
        };
        var rest = BigInteger.Min(RestOf(ledger, sellKey), RestOf(ledger, buyKey));
        return new Leg(NextSettlement(step), sellKey, buyKey, Part(step, rest), BigInteger.Max(price, 0));
    }

    private Attempt Buy(Step step, Ledger ledger)
    {
        var sells = Sorted(ledger).Where(key => ledger.Orders[key].Side == OrderSide.Sell).ToList();
        var key = sells.Count > 0 && step.Luck >= 5 ? sells[step.Other % sells.Count] : Pick(ledger, step.Other);
        var buyer = step.Who % traders.Count;
        var id = NextSettlement(step);
        var amount = Part(step, RestOf(ledger, key));
        var maxPrice = step.Luck == 13 ? BigInteger.Max(PriceOf(ledger, key) - 1, 0) : PriceOf(ledger, key);
        var purchase = new DirectPurchase(
            id, (ulong)amount, (ulong)maxPrice, traders[buyer].Address, Reference(ledger, key));
        return new Attempt(
            world.Trading.MatchOrder(world.Matcher.PublicKey, world.FeeAccount, purchase),
            [traders[buyer].Key, world.Matcher],
            Rules.Buy(ledger, id, key, buyer, amount, maxPrice));
    }

    private Attempt Read(Step step, Ledger ledger)
    {
        var trader = step.Who % traders.Count;
        var meter = ledger.Traders[trader];
        var production = step.Luck == 0 ? ulong.MaxValue : (ulong)meter.Production + ((ulong)step.Size / 200);
        var consumption = step.Luck == 1 && meter.Consumption > 0
            ? (ulong)meter.Consumption - 1
            : (ulong)meter.Consumption + ((ulong)step.Number * 2);
        var timestamp = ledger.Now + step.Luck switch
        {
            2 => 121,
            3 => -100_000_000,
            _ => step.Luck,
        };
        var reading = new MeterRegisters(traders[trader].MeterId, production, consumption, timestamp);
        var verdict = MeterRules.Read(ledger, trader, production, consumption, timestamp);
        return step.Number % 2 == 0
            ? new Attempt(
                world.Registry.SubmitMeterReading(world.Oracle.PublicKey, reading), [world.Oracle], verdict)
            : new Attempt(
                world.Registry.SubmitMeterReadings(world.Oracle.PublicKey, [reading]), [world.Oracle], verdict);
    }

    private Attempt Mint(Step step, Ledger ledger)
    {
        var ready = Enumerable.Range(0, traders.Count).Where(i => ledger.Traders[i].Unsettled > 0).ToList();
        List<int> chosen = step.Luck < 20 || ready.Count == 0
            ? [step.Who % traders.Count, step.Other % traders.Count]
            : ready;
        return new Attempt(
            world.Registry.SettleAndMintTokens(
                world.EnergyToken, [.. chosen.Select(i => new MeterMint(traders[i].MeterId, traders[i].Address))]),
            [],
            MeterRules.Mint(ledger, chosen));
    }

    private Attempt SettleElsewhere(Step step, Ledger ledger)
    {
        var trader = step.Who % traders.Count;
        return new Attempt(
            world.Registry.SettleMeterBalance(traders[trader].Address, traders[trader].MeterId),
            [traders[trader].Key], MeterRules.SettleElsewhere(ledger, trader));
    }

    private Attempt Retire(Step step, Ledger ledger)
    {
        var trader = step.Who % traders.Count;
        var amount = step.Luck < 10 ? ulong.MaxValue : (ulong)step.Size * 100;
        return new Attempt(
            world.EnergyToken.Retire(traders[trader].Address, amount), [traders[trader].Key],
            MeterRules.Retire(ledger, trader, amount));
    }

    private Attempt GrantMoney(Step step, Ledger ledger)
    {
        var (trader, amount) = (step.Who % traders.Count, (ulong)step.Size * 10);
        return new Attempt(
            TokenProgram.MintTo(
                world.Trading.GrxMint, world.GrxOf(traders[trader].Address), world.Issuer.PublicKey, amount),
            [world.Issuer],
            new Verdict(ledger.With(trader, has => has with { Grx = has.Grx + amount }), []));
    }

    private Attempt UpdateMarket(Step step, Ledger ledger)
    {
        var (fee, min, max) =
            ((ushort)step.Number, 500UL + ((ulong)step.Luck * 12_000), 10_000_000UL - ((ulong)step.Luck * 82_000));
        var admin = world.Admin.PublicKey;
        return new Attempt(
            world.Trading.UpdateMarket(
                admin, admin, world.FeeAccount, new MarketSettings(fee, min, max, world.Settings.Matchers)),
            [world.Admin],
            new Verdict(ledger with { FeeBasisPoints = fee, MinPrice = min, MaxPrice = max }, []));
    }

    private static List<(OrderKey Sell, OrderKey Buy)> Crossing(Ledger ledger)
    {
        var live = Sorted(ledger).Where(key => ledger.Orders[key].ExpiresAt > ledger.Now).ToList();
        var pairs =
            from sell in live.Where(key => ledger.Orders[key].Side == OrderSide.Sell)
            from buy in live.Where(key => ledger.Orders[key].Side == OrderSide.Buy)
            where sell.Owner != buy.Owner && ledger.Orders[sell].Price <= ledger.Orders[buy].Price
            select (sell, buy);
        return [.. pairs];
    }

    private ulong NextSettlement(Step step) =>
        step.Luck is 14 or 15 ? (ulong)(step.Size % RepeatedSettlements) : world.NextSettlement();

    private static BigInteger Part(Step step, BigInteger rest) => step.Luck switch
    {
        16 => 0,
        17 => rest + 1,
        18 => ulong.MaxValue,
        < 50 => rest,
        _ => 1 + (rest * step.Size / 1_000_001),
    };

    private static List<OrderKey> Sorted(Ledger ledger) =>
        [.. ledger.Orders.Keys.OrderBy(key => key.Owner).ThenBy(key => key.Id)];

    // An open order, or one that is not there.
    private OrderKey Pick(Ledger ledger, int number)
    {
        var open = Sorted(ledger);
        return number % 10 == 0 || open.Count == 0
            ? new OrderKey(number % traders.Count, 1 + ((ulong)number % OrdersPerTrader))
            : open[number % open.Count];
    }

    private static BigInteger PriceOf(Ledger ledger, OrderKey key) =>
        ledger.Orders.TryGetValue(key, out var order) ? order.Price : 1_000_000;

    private static BigInteger RestOf(Ledger ledger, OrderKey key) =>
        ledger.Orders.TryGetValue(key, out var order) ? order.Rest : 1_000_000;

    private MatchSettlement Settlement(Ledger ledger, Leg leg) => new(
        leg.Id, (ulong)leg.Amount, (ulong)leg.Price, Reference(ledger, leg.Sell), Reference(ledger, leg.Buy));

    private OrderReference Reference(Ledger ledger, OrderKey key) =>
        new(traders[key.Owner].Address, key.Id, traders[PayerOf(ledger, key)].Address);

    private OrderClosing Closing(Ledger ledger, OrderKey key) => new(
        traders[key.Owner].Address, key.Id,
        ledger.Orders.TryGetValue(key, out var order) ? order.Side : OrderSide.Sell,
        traders[PayerOf(ledger, key)].Address);

    private static int PayerOf(Ledger ledger, OrderKey key) =>
        ledger.Orders.TryGetValue(key, out var order) ? order.Payer : key.Owner;
}
