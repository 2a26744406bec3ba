using GridTokenX.CloudCore.Chain;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <param name="Order">Null when it cannot be read.</param>
/// <param name="Owner">Null when nobody is.</param>
/// <param name="Refusal">Null when it keeps the rules that need no more than itself and its owner.</param>
internal readonly record struct CheckedOrder(NewOrder? Order, OrderOwnerRow? Owner, Refusal? Refusal);

/// <param name="Balances">On chain.</param>
/// <param name="IsFresh">Asked for just now, and not remembered.</param>
internal readonly record struct HeldBalances(ChainBalances Balances, bool IsFresh);

/// <summary>
/// Which orders of a group are taken. Each that is counts for those that follow: as an open order of its owner, and in
/// what his balance has to cover.
/// </summary>
internal sealed class PlacementGroup(
    PlacementState state, Dictionary<Key32, HeldBalances> held, int maxOpenOrders)
{
    private readonly Dictionary<PlacementRequest, OrderOutcome[]> _outcomes = new(ReferenceEqualityComparer.Instance);
    private HashSet<(Guid User, long ChainOrderId)> _used = [];

    /// <summary>In their order.</summary>
    internal List<TakenOrder> Taken { get; } = [];

    /// <summary>Requests with at least one order that was taken, and a result for each of its orders.</summary>
    internal IEnumerable<(SignedRequest Signed, bool IsBatch, OrderOutcome[] Outcomes)> Requests =>
        _outcomes.Select(static request => (request.Key.Signed, request.Key.IsBatch, request.Value));

    internal async Task ReadUsedAsync(NpgsqlTransaction transaction, IEnumerable<CheckedOrder> orders) =>
        _used = await OrderOwners.UsedAsync(
            transaction,
            [.. orders
                .Where(static order => order is { Refusal: null, Order.Brought: not null })
                .Select(static order => (order.Owner!.Id, order.Order!.Brought!.ChainOrderId))],
            CancellationToken.None);

    /// <summary>All of a request or nothing: either every order has its outcome, or the request comes again.</summary>
    internal PlacementAnswer Decide(PlacementRequest request, CheckedOrder[] orders)
    {
        var outcomes = new OrderOutcome[orders.Length];
        List<TakenOrder> taken = [];
        foreach (var (i, order) in orders.Index())
        {
            if (order.Refusal is { } refusal)
            {
                outcomes[i] = refusal;
                continue;
            }

            var (again, refused) = Decide(request, order.Order!, order.Owner!.Id);
            if (again is not null)
            {
                taken.ForEach(Forget);
                return again;
            }

            if (refused is not null)
            {
                outcomes[i] = refused;
                continue;
            }

            taken.Add(new TakenOrder(order.Order!, order.Owner, outcomes, i));
            Count(taken[^1]);
        }

        if (taken.Count > 0)
        {
            Taken.AddRange(taken);
            _outcomes.Add(request, outcomes);
        }

        return new PlacementAnswer(outcomes);
    }

    /// <summary>Null when nothing of it was taken.</summary>
    internal IReadOnlyList<OrderOutcome>? OutcomesOf(PlacementRequest request) => _outcomes.GetValueOrDefault(request);

    /// <summary>Two nulls: it is taken.</summary>
    private (PlacementAnswer? Again, Refusal? Refusal) Decide(PlacementRequest request, NewOrder order, Guid user)
    {
        if (order.Brought is { } brought && _used.Contains((user, brought.ChainOrderId)))
        {
            return (null, new Refusal(ProblemCodes.OrderIdUsed));
        }

        var open = state.Open[user];
        if (open.Orders >= maxOpenOrders)
        {
            return (null, new Refusal(
                ProblemCodes.TooManyOrders, $"At most {maxOpenOrders} open orders of one user."));
        }

        if (!held.TryGetValue(order.Wallet, out var has))
        {
            return (PlacementAnswer.Again, null);
        }

        if (Covers(has.Balances, order, open))
        {
            return default;
        }

        if (!has.IsFresh)
        {
            return (PlacementAnswer.Again, null);
        }

        return Covers(has.Balances, order, default) && !request.IsLast
            ? (PlacementAnswer.Waiting, null)
            : (null, InsufficientBalance(order));
    }

    private void Count(TakenOrder taken)
    {
        var user = taken.Owner.Id;
        state.Open[user] = state.Open[user].Plus(taken.Order);
        if (taken.Order.Brought is { } brought)
        {
            _ = _used.Add((user, brought.ChainOrderId));
        }
    }

    private void Forget(TakenOrder taken)
    {
        var user = taken.Owner.Id;
        state.Open[user] = state.Open[user].Less(taken.Order);
        if (taken.Order.Brought is { } brought)
        {
            _ = _used.Remove((user, brought.ChainOrderId));
        }
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
