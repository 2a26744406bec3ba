using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Api;

/// <summary>
/// <c>POST /api/trading/orders/create</c>, signed by the wallet it names, with an Idempotency-Key.
/// <c>seller_wallet</c> makes it a sell order, <c>buyer_wallet</c> a buy order; exactly one of them.
/// </summary>
/// <param name="AmountKwh">Energy, whole Wh, at least 1 Wh.</param>
/// <param name="PricePerKwh">Limit price in GRX per kWh, at most six decimals.</param>
/// <param name="SellerWallet">The seller.</param>
/// <param name="BuyerWallet">The buyer.</param>
/// <param name="Zone">Default: the zone of the owner's meter.</param>
/// <param name="ExpiresAt">Whole seconds. Default: what <paramref name="Transaction"/> says, or the end of the next
/// epoch.</param>
/// <param name="Transaction">
/// Base64: the order's transaction for the chain, signed by the wallet, which pays for it. It holds one
/// <c>create_sell_order</c> or <c>create_buy_order</c> with the same terms, whose expiry is this order's and the
/// settlement grace of <see cref="ChainInfo"/>, and nothing else but compute-budget instructions. Left out by the users
/// of managed wallets.
/// </param>
/// <param name="TimeInForce">
/// <c>gtc</c> (the default) stands until it is filled, cancelled or expired. <c>ioc</c> and <c>fok</c> take part in one
/// matching, the first after their escrow is on chain (in a zone with auctions the epoch's auction); what they did not
/// get is cancelled. <c>fok</c> gets all of its energy or nothing.
/// </param>
public sealed record CreateOrderRequest(
    decimal AmountKwh,
    decimal PricePerKwh,
    Key32? SellerWallet = null,
    Key32? BuyerWallet = null,
    string? Zone = null,
    DateTimeOffset? ExpiresAt = null,
    string? Transaction = null,
    string? TimeInForce = null);

/// <summary>
/// <c>POST /api/trading/orders/batch</c>, signed by the wallet that all of them name, with one Idempotency-Key. Each
/// order is taken or refused by itself. The same request again gets the same answer, once an order of it was taken.
/// </summary>
/// <param name="Orders">At most <c>Trading:MaxBatchOrders</c>; in this order they ask.</param>
public sealed record PlaceOrdersRequest(IReadOnlyList<CreateOrderRequest> Orders);

/// <param name="Position">In the request, from 0.</param>
/// <param name="Order">Null when it was refused.</param>
/// <param name="Code">Why it was refused, as in a problem; null when it was taken.</param>
/// <param name="Detail">In words; not repeated when the answer is.</param>
public sealed record PlacedOrder(int Position, OrderView? Order, string? Code, string? Detail);

/// <summary>One result for each order of the request, in their order.</summary>
public sealed record PlacedOrders(IReadOnlyList<PlacedOrder> Results);

/// <summary><c>POST /api/trading/orders/match</c>: a consumer takes a listed sell order, whole or in part.</summary>
/// <param name="BuyerWallet">The buyer, who signs.</param>
/// <param name="OrderId">The listed sell order.</param>
/// <param name="AmountKwh">Default: all that is left of it.</param>
/// <param name="ExpiresAt">As of any order.</param>
/// <param name="Transaction">As of any order: a <c>create_buy_order</c> at the listed order's price.</param>
/// <param name="TimeInForce"><c>ioc</c> (the default): as much of it as is left; or <c>fok</c>: all or nothing.</param>
public sealed record MatchOrderRequest(
    Key32 BuyerWallet,
    Guid OrderId,
    decimal? AmountKwh = null,
    DateTimeOffset? ExpiresAt = null,
    string? Transaction = null,
    string? TimeInForce = null);

/// <summary><c>POST /api/trading/orders/cancel</c>, signed by the owner.</summary>
public sealed record CancelOrderRequest(Guid OrderId);

public sealed record OrderOwner(Key32 Wallet, string Name, string UserType);

/// <param name="OrderId">Server's id.</param>
/// <param name="Side"><c>sell</c> or <c>buy</c>.</param>
/// <param name="Owner">Who placed it.</param>
/// <param name="Zone">Whose order book.</param>
/// <param name="AmountKwh">Energy ordered.</param>
/// <param name="RemainingKwh">Not yet filled.</param>
/// <param name="PricePerKwh">Limit price, GRX per kWh.</param>
/// <param name="TotalPriceGrx">Value of the remaining energy at the limit price.</param>
/// <param name="Status"><c>pending active partially_filled filled settled cancelled expired rejected</c>.</param>
/// <param name="CreatedAt">Market time.</param>
/// <param name="ExpiresAt">Market time.</param>
/// <param name="ChainOrderId">With the owner's wallet it gives the order's address on chain; a decimal number.</param>
/// <param name="Reason">Why it was rejected, or has ended against its owner's request; null otherwise.</param>
/// <param name="Proofs">In the order in which they happened; null where its owner does not ask for it.</param>
/// <param name="TimeInForce"><c>gtc</c>, <c>ioc</c> or <c>fok</c>; of a direct purchase one of the latter.</param>
public sealed record OrderView(
    Guid OrderId,
    string Side,
    OrderOwner Owner,
    string Zone,
    decimal AmountKwh,
    decimal RemainingKwh,
    decimal PricePerKwh,
    decimal TotalPriceGrx,
    string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    string ChainOrderId,
    string? Reason,
    IReadOnlyList<OrderProof>? Proofs = null,
    string TimeInForce = "gtc");

/// <summary>What the chain has seen of an order; its trades are settled by transactions of their own.</summary>
/// <param name="Step"><c>escrowed</c>, or <c>closed</c>: what it did not use has come back.</param>
/// <param name="TxSignature">Of the transaction, Base58.</param>
/// <param name="At">The chain's time.</param>
public sealed record OrderProof(string Step, string TxSignature, DateTimeOffset At);

/// <summary><c>GET /api/trading/orders/active</c>: best first, at most the asked number.</summary>
public sealed record OrderList(IReadOnlyList<OrderView> Orders, string? Next = null);

/// <summary>A trade as one of its two sides sees it.</summary>
/// <param name="MatchId">Server's id.</param>
/// <param name="Direction"><c>sold</c> or <c>bought</c>.</param>
/// <param name="Counterparty">The other side.</param>
/// <param name="AmountKwh">Energy.</param>
/// <param name="PricePerKwh">Price, GRX per kWh.</param>
/// <param name="TotalGrx">Value.</param>
/// <param name="FeeGrx">Paid by the seller out of the value; foreseen until the chain has said it.</param>
/// <param name="Status"><c>matched</c>, <c>clearing</c>, <c>settled</c> or <c>failed</c>.</param>
/// <param name="TxSignature">On-chain proof; <c>pending_{match}</c> until the chain has answered.</param>
/// <param name="MatchedAt">Market time.</param>
public sealed record TradeView(
    Guid MatchId,
    string Direction,
    OrderOwner Counterparty,
    decimal AmountKwh,
    decimal PricePerKwh,
    decimal TotalGrx,
    decimal FeeGrx,
    string Status,
    string TxSignature,
    DateTimeOffset MatchedAt);

/// <summary>
/// <c>GET /api/trading/history</c>, newest first; <c>Next</c> is the cursor of the next page, null at the end.
/// </summary>
public sealed record TradeHistory(IReadOnlyList<TradeView> Trades, string? Next);
