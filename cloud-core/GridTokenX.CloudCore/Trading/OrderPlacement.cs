using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>A request for a new order: one of the two.</summary>
/// <param name="Create">Named by its terms.</param>
/// <param name="Purchase">Of a listed order.</param>
/// <param name="Signed">Who asks.</param>
/// <param name="AsksChain">The balance that is remembered does not cover it.</param>
internal sealed record PlacementRequest(
    CreateOrderRequest? Create, MatchOrderRequest? Purchase, SignedRequest Signed, bool AsksChain = false);

/// <summary>What became of a request; without an outcome it has to come again.</summary>
/// <param name="Outcome">Final.</param>
/// <param name="Wanting">What is said when waiting is of no use any more; null: it may come again at once.</param>
internal sealed record PlacementAnswer(OrderOutcome? Outcome, Refusal? Wanting = null);

/// <summary>
/// Takes new orders. Those that arrive together are checked and written together (<see cref="PlacementBatch"/>): each
/// is acknowledged when the database transaction with the order, its idempotency key and its transaction for the chain
/// is committed.
/// </summary>
internal sealed class OrderPlacement
{
    private const int MaxGroup = 512;

    // Of two groups one is checked while the other is written.
    private const int MaxGroups = 2;
    private const int MaxWaiting = 16_384;

    private static readonly TimeSpan BalanceInterval = TimeSpan.FromMilliseconds(100);

    private readonly GroupCommit<PlacementRequest, PlacementAnswer> _groups;
    private readonly WallTime _wall;
    private readonly TradingOptions _options;

    public OrderPlacement(
        NpgsqlDataSource database,
        IEnergyChain chain,
        IChainOutbox outbox,
        RememberedBalances balances,
        TimeProvider marketTime,
        WallTime wall,
        TradingOptions options,
        MarketRules rules)
    {
        (_wall, _options) = (wall, options);
        var batch = new PlacementBatch(database, chain, outbox, balances, marketTime, options, rules);
        _groups = new GroupCommit<PlacementRequest, PlacementAnswer>(
            batch.AnswerAsync, MaxGroup, MaxGroups, MaxWaiting);
    }

    internal Task<OrderOutcome> CreateAsync(
        CreateOrderRequest request, SignedRequest signed, CancellationToken cancellationToken) =>
        PlaceAsync(new PlacementRequest(request, null, signed), cancellationToken);

    internal Task<OrderOutcome> PurchaseAsync(
        MatchOrderRequest request, SignedRequest signed, CancellationToken cancellationToken) =>
        PlaceAsync(new PlacementRequest(null, request, signed), cancellationToken);

    /// <summary>
    /// The balance may do, were it not for orders under way that it may or may not have paid already: such a request
    /// waits for a while for the chain's answer to those.
    /// </summary>
    private async Task<OrderOutcome> PlaceAsync(PlacementRequest request, CancellationToken cancellationToken)
    {
        var giveUpAt = _wall.UtcNow + _options.EscrowWait;
        while (true)
        {
            if (!_groups.TryAdd(request, out var answering))
            {
                return new Refusal(ProblemCodes.MarketBusy);
            }

            var answer = await answering.WaitAsync(cancellationToken);
            if (answer.Outcome is { } final)
            {
                return final;
            }

            if (answer.Wanting is { } wanting)
            {
                if (_wall.UtcNow >= giveUpAt)
                {
                    return wanting;
                }

                await _wall.DelayAsync(BalanceInterval, cancellationToken);
            }

            request = request with { AsksChain = true };
        }
    }
}
