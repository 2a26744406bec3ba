using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Checks and writes a group of requests for new orders: each look at the database and each statement is made once for
/// all of them. Whatever is wrong with one of them, the others are not the worse for it.
/// </summary>
internal sealed class PlacementBatch(
    NpgsqlDataSource database,
    IEnergyChain chain,
    IChainOutbox outbox,
    RememberedBalances balances,
    TimeProvider marketTime,
    TradingOptions options,
    MarketRules rules)
{
    private const int MaxRegistered = 100_000;

    // Addresses are derived once for each description of the chain, not once for each order.
    private Tuple<ChainInfo, MarketTerms>? _market;

    // Wallets of users: for nobody else the chain is asked. No user is ever removed.
    private readonly Remembered<Key32, bool> _registered = new(MaxRegistered);

    // Whose rows a key locked the last time.
    private readonly Remembered<Key32, Guid[]> _users = new(MaxRegistered);

    /// <summary>In the order of the requests.</summary>
    internal async Task<IReadOnlyList<PlacementAnswer>> AnswerAsync(IReadOnlyList<PlacementRequest> requests)
    {
        var targets = await TargetsAsync(requests);

        // The chain is asked outside of any database transaction, and before the orders under way are counted.
        var held = await BalancesAsync(requests);
        var (answers, hasTaken) = await database.TransactAsync(
            unit => DecideAsync(unit, requests, targets, held), CancellationToken.None);
        if (hasTaken)
        {
            outbox.Wake();
        }

        return answers;
    }

    private async Task<IReadOnlyDictionary<Guid, OrderRow>> TargetsAsync(IReadOnlyList<PlacementRequest> requests)
    {
        var named = requests.SelectMany(static request => request.Orders)
            .Select(static order => order.Purchase?.OrderId).OfType<Guid>().Distinct().ToArray();
        var found = named.Length == 0
            ? []
            : await database.QueryAsync<OrderRow>(
                OrderRow.Select + " where o.id = any(@named)", new { named }, CancellationToken.None);
        return found.ToDictionary(static order => order.Id);
    }

    /// <summary>
    /// Of the wallets that are named; a wallet that has never ordered here is left out, and is asked for once it is
    /// known to be a user's.
    /// </summary>
    private async Task<Dictionary<Key32, HeldBalances>> BalancesAsync(IReadOnlyList<PlacementRequest> requests)
    {
        Dictionary<Key32, HeldBalances> held = [];
        HashSet<Key32> asked = [];
        foreach (var request in requests)
        {
            foreach (var wallet in request.Orders.Select(WalletOf).OfType<Key32>().Distinct())
            {
                if (!request.AsksChain && balances.TryRemember(wallet, out var remembered))
                {
                    _ = held.TryAdd(wallet, new HeldBalances(remembered, IsFresh: false));
                }
                else if (_registered.Contains(wallet))
                {
                    _ = asked.Add(wallet);
                }
            }
        }

        if (asked.Count > 0)
        {
            foreach (var (wallet, fresh) in await balances.AskAsync(asked, CancellationToken.None))
            {
                held[wallet] = new HeldBalances(fresh, IsFresh: true);
            }
        }

        return held;
    }

    private async Task<(IReadOnlyList<PlacementAnswer> Answers, bool HasTaken)> DecideAsync(
        UnitOfWork unit,
        IReadOnlyList<PlacementRequest> requests,
        IReadOnlyDictionary<Guid, OrderRow> targets,
        Dictionary<Key32, HeldBalances> held)
    {
        var state = await PlacementState.ReadAsync(unit.Transaction, requests, _users, CancellationToken.None);
        var market = Terms();
        var now = marketTime.GetUtcNow();
        var group = new PlacementGroup(state, held, options.MaxOpenOrders);
        List<(int Index, PlacementRequest Request, CheckedOrder[] Orders)> open = [];
        var answers = new PlacementAnswer?[requests.Count];
        HashSet<(Key32, string)> keys = [];
        for (var i = 0; i < requests.Count; i++)
        {
            var request = requests[i];
            if (state.Known.TryGetValue(request.Signed.Name, out var outcomes))
            {
                answers[i] = new PlacementAnswer(outcomes);
            }
            else if (!keys.Add(request.Signed.Name))
            {
                // The same request twice in a group: the later one finds the answer of the first.
                answers[i] = PlacementAnswer.Again;
            }
            else
            {
                CheckedOrder[] orders =
                    [.. request.Orders.Select(o => Check(o, request.Signed, market, state, targets, now))];
                open.Add((i, request, orders));
            }
        }

        await group.ReadUsedAsync(unit.Transaction, open.SelectMany(static request => request.Orders));
        foreach (var (i, request, orders) in open)
        {
            answers[i] = group.Decide(request, orders);
        }

        if (group.Taken.Count == 0)
        {
            return (answers!, false);
        }

        NewOrderRecords.Add(unit.Writes, outbox, group, new NewOrderTerms(market!, chain.Sponsor, now));
        await unit.CommitAsync(CancellationToken.None);
        foreach (var (i, request, _) in open)
        {
            if (group.OutcomesOf(request) is { } outcomes)
            {
                answers[i] = new PlacementAnswer(outcomes);
            }
        }

        return (answers!, true);
    }

    private static Key32? WalletOf(WantedOrder order) =>
        order.Create is { } create ? create.SellerWallet ?? create.BuyerWallet : order.Purchase!.BuyerWallet;

    /// <summary>
    /// What needs no more than the request, its user and the clock. Somebody unknown is refused after the rules,
    /// whatever he brings.
    /// </summary>
    private CheckedOrder Check(
        WantedOrder wanted,
        SignedRequest signed,
        MarketTerms? market,
        PlacementState state,
        IReadOnlyDictionary<Guid, OrderRow> targets,
        DateTimeOffset now)
    {
        if (market is null)
        {
            return new(null, null, new(ProblemCodes.ChainUnavailable, "The market's account is not known yet."));
        }

        var key = signed.Caller.Key;
        var user = state.Users[key].FirstOrDefault(user => user.AccessKey == key);
        var context = new OrderContext(
            user?.Wallet ?? key, user is null || user.Wallet != key, now, market, options);
        NewOrder order;
        var refusal = wanted.Create is { } create
            ? OrderRules.Read(create, context, out order)
            : OrderRules.Read(
                wanted.Purchase!, targets.GetValueOrDefault(wanted.Purchase!.OrderId), context, out order);
        if (refusal is not null)
        {
            return new(null, null, refusal);
        }

        (var owner, refusal) = OrderOwners.Find(state.Users, order);
        if (refusal is null)
        {
            Register(order.Wallet);
            refusal = rules.Of(owner!.Zone).FaultOf(order.Limit) is { } outOfBounds
                ? new Refusal(ProblemCodes.PriceOutOfBounds, outOfBounds)
                : null;
        }

        return new(order, owner, refusal);
    }

    private void Register(Key32 wallet)
    {
        if (!_registered.Contains(wallet))
        {
            _registered.Set(wallet, true);
        }
    }

    /// <summary>Null while the market's account is not known.</summary>
    private MarketTerms? Terms()
    {
        try
        {
            var info = chain.Describe();
            var known = _market;
            if (known is null || known.Item1 != info)
            {
                _market = known = Tuple.Create(info, MarketTerms.Of(info));
            }

            return known.Item2;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
