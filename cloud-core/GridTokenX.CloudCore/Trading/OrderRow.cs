using System.Globalization;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Trading;

internal static class OrderSide
{
    internal const string Buy = "buy";
    internal const string Sell = "sell";
}

internal static class OrderStatus
{
    internal const string Pending = "pending";
    internal const string Active = "active";
    internal const string PartiallyFilled = "partially_filled";
    internal const string Filled = "filled";
    internal const string Settled = "settled";
    internal const string Cancelled = "cancelled";
    internal const string Expired = "expired";
    internal const string Rejected = "rejected";

    internal static bool IsOpen(string status) => status is Pending or Active or PartiallyFilled;

    internal static bool IsLive(string status) => status is Active or PartiallyFilled;
}

/// <summary>Where an order's escrow is; see the schema.</summary>
internal static class EscrowState
{
    internal const string Requested = "requested";
    internal const string Held = "held";
    internal const string Refused = "refused";
    internal const string Releasing = "releasing";
    internal const string Closed = "closed";
}

/// <summary>An order with its owner, as it stands in the database.</summary>
internal sealed record OrderRow
{
    /// <summary>Column list for <c>orders o join users u</c>.</summary>
    internal const string Select =
        """
        select o.id, o.sequence, o.owner_id, o.side, o.zone, o.energy_wh as energy, o.limit_price,
               o.filled_wh as filled, o.target_order, o.status, o.escrow, o.reason, o.created_at, o.expires_at,
               o.chain_order_id, o.chain_expires_at, o.tx_signature, o.fee_bps as fee_basis_points, o.time_in_force,
               u.wallet, u.access_key, u.name, u.role, u.number as owner_number
        from orders o join users u on u.id = o.owner_id
        """;

    public required Guid Id { get; init; }

    public required long Sequence { get; init; }

    public required Guid OwnerId { get; init; }

    public required string Side { get; init; }

    public required string Zone { get; init; }

    public required WattHours Energy { get; init; }

    public required PricePerKwh LimitPrice { get; init; }

    public required WattHours Filled { get; init; }

    public required Guid? TargetOrder { get; init; }

    /// <summary>One of <see cref="OrderForce"/>.</summary>
    public required string TimeInForce { get; init; }

    public required string Status { get; init; }

    public required string Escrow { get; init; }

    /// <summary>One of <see cref="OrderReason"/>.</summary>
    public required string? Reason { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required long ChainOrderId { get; init; }

    public required DateTimeOffset ChainExpiresAt { get; init; }

    /// <summary>Of the transaction that the owner brought; null when a managed wallet signs.</summary>
    public required string? TxSignature { get; init; }

    public required int FeeBasisPoints { get; init; }

    public required Key32 Wallet { get; init; }

    /// <summary>Whose requests are the owner's.</summary>
    public required Key32 AccessKey { get; init; }

    public required string Name { get; init; }

    public required string Role { get; init; }

    /// <summary>By which the books know the owner; 0 of an order that is not in the database yet.</summary>
    public long OwnerNumber { get; init; }

    internal WattHours Rest => Energy - Filled;

    /// <summary>As the chain's events name it.</summary>
    internal string ChainNumber => ChainOrderId.ToString(CultureInfo.InvariantCulture);

    /// <summary>What makes it of an order whose escrow has arrived, and which is wanted still.</summary>
    internal OrderRow WithEscrow() => this with { Status = OrderStatus.Active, Escrow = EscrowState.Held };

    internal bool HasTerms(OrderCreated created) =>
        created.Side == (Side == OrderSide.Sell ? Programs.OrderSide.Sell : Programs.OrderSide.Buy)
        && created.Amount == Energy.ToGridBaseUnits()
        && created.Price == (ulong)LimitPrice.Value
        && created.ExpiresAt == ChainExpiresAt.ToUnixTimeSeconds();

    internal OrderView ToView() => new(
        Id,
        Side,
        new OrderOwner(Wallet, Name, Role),
        Zone,
        Energy.ToKwh(),
        Rest.ToKwh(),
        LimitPrice.ToGrx(),
        LimitPrice.ValueOf(Rest).ToGrx(),
        Status,
        CreatedAt,
        ExpiresAt,
        ChainNumber,
        Reason,
        TimeInForce: TimeInForce);
}
