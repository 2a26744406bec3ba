using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Why a request was not granted: a code of the API and, where it helps, a sentence.</summary>
internal sealed record Refusal(string Code, string? Detail = null);

/// <summary>The order, or why there is none.</summary>
internal readonly record struct OrderOutcome(OrderRow? Order, Refusal? Refusal)
{
    public static implicit operator OrderOutcome(OrderRow order) => new(order, null);

    public static implicit operator OrderOutcome(Refusal refusal) => new(null, refusal);

    internal IResult ToResult() =>
        Order is { } order ? Results.Ok(order.ToView()) : Problems.Of(Refusal!.Code, Refusal.Detail);

    internal PlacedOrder ToResult(int position) =>
        new(position, Order?.ToView(), Refusal?.Code, Refusal?.Detail);
}

/// <summary>Who asked, and how a repetition of the request is recognised.</summary>
internal sealed record SignedRequest(Caller Caller, string IdempotencyKey, byte[] Hash)
{
    internal (Key32 Wallet, string Key) Name => (Caller.Key, IdempotencyKey);

    internal static SignedRequest Of(HttpContext context) =>
        new(context.Caller(), context.IdempotencyKey(), context.RequestHash());
}
