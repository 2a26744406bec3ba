using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana.Rpc;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>One order that is asked for: one of the two.</summary>
/// <param name="Create">Named by its terms.</param>
/// <param name="Purchase">Of a listed order.</param>
internal sealed record WantedOrder(CreateOrderRequest? Create, MatchOrderRequest? Purchase = null);

/// <summary>A request for new orders of one wallet.</summary>
/// <param name="Orders">What is asked for.</param>
/// <param name="Signed">Who asks.</param>
/// <param name="IsBatch">Its answer has a result for each order.</param>
/// <param name="AsksChain">The balance that is remembered does not cover it.</param>
/// <param name="IsLast">What is not covered now is refused.</param>
internal sealed record PlacementRequest(
    IReadOnlyList<WantedOrder> Orders,
    SignedRequest Signed,
    bool IsBatch,
    bool AsksChain = false,
    bool IsLast = false);

/// <summary>What became of a request; without outcomes it has to come again.</summary>
/// <param name="Outcomes">Final, one for each of its orders.</param>
/// <param name="IsWaiting">It is of no use at once: other orders of the wallet are under way.</param>
internal sealed record PlacementAnswer(IReadOnlyList<OrderOutcome>? Outcomes, bool IsWaiting = false)
{
    internal static PlacementAnswer Again { get; } = new((IReadOnlyList<OrderOutcome>?)null);

    internal static PlacementAnswer Waiting { get; } = new(null, IsWaiting: true);
}

/// <summary>
/// Takes new orders. Requests that arrive together are checked and written together (<see cref="PlacementBatch"/>):
/// each is acknowledged when the database transaction with its orders, its idempotency key and their transactions for
/// the chain is committed.
/// </summary>
internal sealed class OrderPlacement
{
    private const int MaxGroup = 512;

    // Of two groups one is checked while the other is written. Each costs the same statements, whatever its size.
    private const int MaxGroups = 2;
    private const int Worthwhile = 128;
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
            new GroupLimits(MaxGroups, MaxGroup, MaxWaiting, Worthwhile),
            static request => request.Orders.Count,
            batch.AnswerAsync,
            static exception => DatabaseFaults.IsUnavailable(exception)
                || exception is HttpRequestException or SolanaException);
    }

    internal async Task<OrderOutcome> CreateAsync(
        CreateOrderRequest request, SignedRequest signed, CancellationToken cancellationToken) =>
        (await PlaceAsync(
            new PlacementRequest([new WantedOrder(request)], signed, IsBatch: false), cancellationToken))[0];

    /// <summary>
    /// Each order by itself, all in one transaction: a result for each. When at least one was taken, the same request
    /// again gets the same results.
    /// </summary>
    internal Task<IReadOnlyList<OrderOutcome>> CreateAsync(
        IReadOnlyList<CreateOrderRequest> requests, SignedRequest signed, CancellationToken cancellationToken) =>
        PlaceAsync(
            new PlacementRequest([.. requests.Select(static r => new WantedOrder(r))], signed, IsBatch: true),
            cancellationToken);

    internal async Task<OrderOutcome> PurchaseAsync(
        MatchOrderRequest request, SignedRequest signed, CancellationToken cancellationToken) =>
        (await PlaceAsync(
            new PlacementRequest([new WantedOrder(null, request)], signed, IsBatch: false), cancellationToken))[0];

    /// <summary>
    /// The balance may do, were it not for orders under way that it may or may not have paid already: such a request
    /// waits for a while for the chain's answer to those.
    /// </summary>
    private async Task<IReadOnlyList<OrderOutcome>> PlaceAsync(
        PlacementRequest request, CancellationToken cancellationToken)
    {
        var giveUpAt = _wall.UtcNow + _options.EscrowWait;
        while (true)
        {
            PlacementAnswer answer;
            try
            {
                answer = await _groups.CommitAsync(request, cancellationToken);
            }
            catch (OverloadedException)
            {
                return [.. request.Orders.Select(static _ => (OrderOutcome)new Refusal(ProblemCodes.MarketBusy))];
            }

            if (answer.Outcomes is { } final)
            {
                return final;
            }

            if (answer.IsWaiting && _wall.UtcNow < giveUpAt)
            {
                await _wall.DelayAsync(BalanceInterval, cancellationToken);
            }

            request = request with { AsksChain = true, IsLast = _wall.UtcNow >= giveUpAt };
        }
    }
}
