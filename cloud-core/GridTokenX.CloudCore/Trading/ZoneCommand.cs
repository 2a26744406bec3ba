using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using BookOrder = GridTokenX.Market.Matching.NewOrder;

namespace GridTokenX.CloudCore.Trading;

/// <summary>What a row of the inbox asks for.</summary>
internal static class InboxKind
{
    /// <summary>The escrow is there: the order takes its place in the book.</summary>
    internal const string Place = "place";

    /// <summary>Its owner asks for it.</summary>
    internal const string Cancel = "cancel";

    /// <summary>Its owner has taken it back on chain.</summary>
    internal const string Withdrawn = "withdrawn";

    /// <summary>It was expired on chain.</summary>
    internal const string Expired = "expired";
}

/// <summary>A row of a zone's inbox, with its order as it stands.</summary>
internal sealed record ZoneCommand
{
    public required long Id { get; init; }

    public required string Kind { get; init; }

    public required Guid OrderId { get; init; }

    public required long OrderSequence { get; init; }

    /// <summary>In the book; null before the order has one.</summary>
    public required long? Place { get; init; }

    public required bool IsLive { get; init; }

    /// <summary>The owner's number.</summary>
    public required long Owner { get; init; }

    public required string Side { get; init; }

    public required PricePerKwh Limit { get; init; }

    public required WattHours Energy { get; init; }

    public required WattHours Filled { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required Guid? Target { get; init; }

    /// <summary>One of <see cref="OrderForce"/>.</summary>
    public required string Force { get; init; }

    /// <summary>Of a cancellation.</summary>
    public required Key32? Wallet { get; init; }

    public required string? Key { get; init; }

    public required byte[]? RequestHash { get; init; }

    /// <summary>
    /// An order that takes its place in the transaction in which its escrow arrives: no row of the inbox stands for it.
    /// </summary>
    internal static ZoneCommand Placing(OrderRow order) => new()
    {
        Id = 0,
        Kind = InboxKind.Place,
        OrderId = order.Id,
        OrderSequence = order.Sequence,
        Place = null,
        IsLive = true,
        Owner = order.OwnerNumber,
        Side = order.Side,
        Limit = order.LimitPrice,
        Energy = order.Energy,
        Filled = order.Filled,
        ExpiresAt = order.ExpiresAt,
        Target = order.TargetOrder,
        Force = order.TimeInForce,
        Wallet = null,
        Key = null,
        RequestHash = null,
    };

    /// <summary>It takes part in one matching, and is no direct purchase.</summary>
    internal bool IsBrief => Target is null && Force != OrderForce.GoodTillCancelled;

    internal BookOrder ToNewOrder(long sequence, long target) => new()
    {
        Sequence = sequence,
        Owner = Owner,
        Side = Side == OrderSide.Buy ? Market.Matching.Side.Bid : Market.Matching.Side.Ask,
        Limit = Limit,
        Energy = Energy,
        Filled = Filled,
        ExpiresAt = MarketTime.At(ExpiresAt),
        TimeInForce = OrderForce.Parse(Force),
        Target = target,
    };
}

/// <summary>Which rows of the inbox a writer takes.</summary>
internal enum ZoneScope
{
    None = 0,

    /// <summary>Orders that leave: cancelled, gone on chain, expired.</summary>
    Leaving,

    /// <summary>New ones too, and then the book is matched.</summary>
    All,

    /// <summary>
    /// The same, and the book is read even when nothing waits: at a start, when it may have to match another way.
    /// </summary>
    Opening,
}
