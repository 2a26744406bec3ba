using System.Runtime.ExceptionServices;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana.Rpc;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Checks and writes a group of new orders: each look at the database and each statement is made once for all of them.
/// Whatever is wrong with one of them, the others are not the worse for it.
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
    // Addresses are derived once for each description of the chain, not once for each order.
    private Tuple<ChainInfo, MarketTerms>? _market;

    private sealed record Candidate(PlacementRequest Request, NewOrder Order, OrderOwnerRow Owner)
    {
        internal (Key32 Wallet, string Key) Key => (Request.Signed.Caller.Key, Request.Signed.IdempotencyKey);
    }

    /// <summary>In the order of the requests; an answer that throws is the failure of its request.</summary>
    internal async Task<IReadOnlyList<Func<PlacementAnswer>>> AnswerAsync(IReadOnlyList<PlacementRequest> requests)
    {
        try
        {
            return [.. (await DecideAsync(requests)).Select(static answer => new Func<PlacementAnswer>(() => answer))];
        }
        catch (Exception exception) when (requests.Count > 1 && !DatabaseFaults.IsUnavailable(exception)
            && exception is not (HttpRequestException or SolanaException))
        {
            // One of them spoils it for all: each for itself.
            List<Func<PlacementAnswer>> answers = [];
            foreach (var request in requests)
            {
                answers.Add((await AnswerAsync([request]))[0]);
            }

            return answers;
        }
#pragma warning disable CA1031 // Whatever it is, it is the answer to who has asked.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var failure = ExceptionDispatchInfo.Capture(exception);
            return [.. requests.Select(_ => new Func<PlacementAnswer>(() =>
            {
                failure.Throw();
                return null;
            }))];
        }
    }

    private async Task<PlacementAnswer[]> DecideAsync(IReadOnlyList<PlacementRequest> requests)
    {
        var answers = new PlacementAnswer?[requests.Count];
        var known = await database.TransactAsync(
            unit => IdempotencyRecords.FindAsync(
                unit.Transaction, [.. requests.Select(static request => request.Signed)], CancellationToken.None),
            CancellationToken.None);
        var users = await OrderOwners.UsersAsync(
            database, requests.Select(static request => request.Signed.Caller.Key), CancellationToken.None);
        var targets = await TargetsAsync(requests);
        Dictionary<int, Candidate> candidates = [];
        HashSet<(Key32, string)> keys = [];
        for (var i = 0; i < requests.Count; i++)
        {
            var key = (requests[i].Signed.Caller.Key, requests[i].Signed.IdempotencyKey);
            if (known.TryGetValue(key, out var outcome))
            {
                answers[i] = new PlacementAnswer(outcome);
            }
            else if (!keys.Add(key))
            {
                // The same request twice in a group: the later one finds the answer of the first.
                answers[i] = new PlacementAnswer(null);
            }
            else if (Check(requests[i], users, targets, out var candidate) is { } refusal)
            {
                answers[i] = new PlacementAnswer(refusal);
            }
            else
            {
                candidates.Add(i, candidate);
            }
        }

        await PlaceAsync(candidates, answers);
        return answers!;
    }

    private async Task<IReadOnlyDictionary<Guid, OrderRow>> TargetsAsync(IReadOnlyList<PlacementRequest> requests)
    {
        var named = requests.Select(static request => request.Purchase?.OrderId).OfType<Guid>().Distinct().ToArray();
        var found = named.Length == 0
            ? []
            : await database.QueryAsync<OrderRow>(
                OrderRow.Select + " where o.id = any(@named)", new { named }, CancellationToken.None);
        return found.ToDictionary(static order => order.Id);
    }

    /// <summary>
    /// What needs no more than the request, its user and the clock. Somebody unknown is refused after the rules,
    /// whatever he brings.
    /// </summary>
    private Refusal? Check(
        PlacementRequest request,
        ILookup<Key32, OrderUser> users,
        IReadOnlyDictionary<Guid, OrderRow> targets,
        out Candidate candidate)
    {
        candidate = null!;
        if (Terms() is not { } market)
        {
            return new Refusal(ProblemCodes.ChainUnavailable, "The market's account is not known yet.");
        }

        var key = request.Signed.Caller.Key;
        var user = users[key].FirstOrDefault(user => user.AccessKey == key);
        var context = new OrderContext(
            user?.Wallet ?? key,
            user is null || user.Wallet != key,
            marketTime.GetUtcNow(),
            market,
            options);
        NewOrder order;
        var refusal = request.Create is { } create
            ? OrderRules.Read(create, context, out order)
            : OrderRules.Read(
                request.Purchase!, targets.GetValueOrDefault(request.Purchase!.OrderId), context, out order);
        if (refusal is not null)
        {
            return refusal;
        }

        (var owner, refusal) = OrderOwners.Find(users, order);
        candidate = new Candidate(request, order, owner!);
        return refusal is null && rules.Of(owner!.Zone).FaultOf(order.Limit) is { } outOfBounds
            ? new Refusal(ProblemCodes.PriceOutOfBounds, outOfBounds)
            : refusal;
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

    private async Task PlaceAsync(Dictionary<int, Candidate> candidates, PlacementAnswer?[] answers)
    {
        if (candidates.Count == 0)
        {
            return;
        }

        // The chain is asked outside of any database transaction, and before the orders under way are counted.
        var held = await BalancesAsync(candidates.Values);
        var written = await database.TransactAsync(
            unit => WriteAsync(unit.Transaction, candidates, held), CancellationToken.None);
        foreach (var (i, answer) in written)
        {
            answers[i] = answer;
        }

        outbox.Wake();
    }

    private async Task<Dictionary<Key32, (ChainBalances Balances, bool IsFresh)>> BalancesAsync(
        IReadOnlyCollection<Candidate> candidates)
    {
        Dictionary<Key32, (ChainBalances Balances, bool IsFresh)> held = [];
        HashSet<Key32> asked = [];
        foreach (var candidate in candidates)
        {
            var wallet = candidate.Order.Wallet;
            if (!candidate.Request.AsksChain && balances.TryRemember(wallet, out var remembered))
            {
                _ = held.TryAdd(wallet, (remembered, false));
            }
            else
            {
                _ = asked.Add(wallet);
            }
        }

        if (asked.Count > 0)
        {
            foreach (var (wallet, fresh) in await balances.AskAsync(asked, CancellationToken.None))
            {
                held[wallet] = (fresh, true);
            }
        }

        return held;
    }

    private async Task<Dictionary<int, PlacementAnswer>> WriteAsync(
        NpgsqlTransaction transaction,
        Dictionary<int, Candidate> candidates,
        Dictionary<Key32, (ChainBalances Balances, bool IsFresh)> held)
    {
        var users = candidates.Values.Select(static candidate => candidate.Owner.Id).Distinct().ToArray();
        await OrderOwners.LockAsync(transaction, users, CancellationToken.None);
        var known = await IdempotencyRecords.FindAsync(
            transaction, [.. candidates.Values.Select(static c => c.Request.Signed)], CancellationToken.None);
        var used = await OrderOwners.UsedAsync(
            transaction,
            [.. candidates.Values
                .Where(static candidate => candidate.Order.Brought is not null)
                .Select(static candidate => (candidate.Owner.Id, candidate.Order.Brought!.ChainOrderId))],
            CancellationToken.None);
        var open = await OrderOwners.OpenOrdersAsync(transaction, users, CancellationToken.None);
        Dictionary<int, PlacementAnswer> answers = [];
        List<(int Index, TakenOrder Taken)> taken = [];
        foreach (var (i, candidate) in candidates)
        {
            if (known.TryGetValue(candidate.Key, out var outcome))
            {
                answers[i] = new PlacementAnswer(outcome);
            }
            else if (Decide(candidate, open, used, held[candidate.Order.Wallet]) is { } answer)
            {
                answers[i] = answer;
            }
            else
            {
                taken.Add((i, new TakenOrder(candidate.Order, candidate.Owner, candidate.Request.Signed)));
            }
        }

        foreach (var (i, row) in await InsertAsync(transaction, taken))
        {
            answers[i] = new PlacementAnswer(row);
        }

        return answers;
    }

    /// <summary>Null: the order is taken, and counts for those that follow.</summary>
    private PlacementAnswer? Decide(
        Candidate candidate,
        Dictionary<Guid, OpenOrders> open,
        HashSet<(Guid User, long ChainOrderId)> used,
        (ChainBalances Balances, bool IsFresh) held)
    {
        var (order, user) = (candidate.Order, candidate.Owner.Id);
        if (order.Brought is { } brought && used.Contains((user, brought.ChainOrderId)))
        {
            return new PlacementAnswer(new Refusal(ProblemCodes.OrderIdUsed));
        }

        if (open[user].Orders >= options.MaxOpenOrders)
        {
            return new PlacementAnswer(new Refusal(
                ProblemCodes.TooManyOrders, $"At most {options.MaxOpenOrders} open orders of one user."));
        }

        if (Covers(held.Balances, order, open[user]))
        {
            open[user] = open[user].Plus(order);
            if (order.Brought is not null)
            {
                _ = used.Add((user, order.Brought.ChainOrderId));
            }

            return null;
        }

        if (!held.IsFresh)
        {
            return new PlacementAnswer(null);
        }

        return Covers(held.Balances, order, default)
            ? new PlacementAnswer(null, InsufficientBalance(order))
            : new PlacementAnswer(InsufficientBalance(order));
    }

    private async Task<IEnumerable<(int Index, OrderRow Row)>> InsertAsync(
        NpgsqlTransaction transaction, List<(int Index, TakenOrder Taken)> taken)
    {
        if (taken.Count == 0)
        {
            return [];
        }

        var now = marketTime.GetUtcNow();
        var rows = await NewOrderRecords.InsertAsync(
            transaction, taken.ConvertAll(static t => t.Taken), Terms()!, chain.Sponsor, now, CancellationToken.None);
        await IdempotencyRecords.AddAsync(
            transaction, [.. taken.Zip(rows, static (t, row) => (t.Taken.Signed, row.Id))], now,
                CancellationToken.None);
        await outbox.EnqueueAsync(
            transaction,
            [.. taken.Zip(rows, static (t, row) => NewOrderRecords.ToIntent(row, t.Taken.Order.Brought?.Base64))],
            CancellationToken.None);
        return taken.Zip(rows, static (t, row) => (t.Index, row));
    }

    private static bool Covers(ChainBalances balances, NewOrder order, OpenOrders pending) => order.IsSell
        ? balances.GridBaseUnits >= (UInt128)(order.Energy + pending.PendingEnergy).ToGridBaseUnits()
        : balances.Grx >= order.Escrow + pending.PendingMoney;

    private static Refusal InsufficientBalance(NewOrder order) => new(
        ProblemCodes.InsufficientBalance,
        order.IsSell
            ? $"The order needs {order.Energy.ToKwh()} GRID beside what other orders are taking."
            : $"The order needs {order.Escrow.ToGrx()} GRX beside what other orders are taking.");
}
