using System.Globalization;
using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Registration;
using GridTokenX.Protocol.Api;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

internal static class OrderEndpoints
{
    private const int MaxListed = 500;
    private const int DefaultListed = 100;
    private const int MaxTrades = 200;
    private const int DefaultTrades = 50;

    internal static async Task<IResult> PurchaseAsync(
        MatchOrderRequest request,
        OrderPlacement placement,
        HttpContext context,
        CancellationToken cancellationToken) =>
        (await placement.PurchaseAsync(request, SignedRequest.Of(context), cancellationToken)).ToResult();

    /// <summary>Up to so many orders of one wallet, each with its own result.</summary>
    internal static async Task<IResult> CreateManyAsync(
        PlaceOrdersRequest request,
        OrderPlacement placement,
        TradingOptions options,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (request.Orders.Count < 1 || request.Orders.Count > options.MaxBatchOrders
            || request.Orders.Any(static order => order is null))
        {
            return Problems.Of(
                ProblemCodes.MalformedRequest,
                string.Create(CultureInfo.InvariantCulture, $"From 1 to {options.MaxBatchOrders} orders."));
        }

        var outcomes = await placement.CreateAsync(request.Orders, SignedRequest.Of(context), cancellationToken);
        return outcomes.Count < request.Orders.Count || outcomes.All(IsForbidden)
            ? outcomes[0].ToResult()
            : Results.Ok(new PlacedOrders([.. outcomes.Select(static (outcome, i) => outcome.ToResult(i))]));
    }

    internal static async Task<IResult> CancelAsync(
        CancelOrderRequest request,
        OrderCancellation orders,
        HttpContext context,
        CancellationToken cancellationToken) =>
        (await orders.CancelAsync(request.OrderId, SignedRequest.Of(context), cancellationToken)).ToResult();

    internal static async Task<IResult> ActiveAsync(
        string? zone,
        string? side,
        string? cursor,
        int? limit,
        NpgsqlDataSource database,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (side is not (null or OrderSide.Buy or OrderSide.Sell) || limit is < 1 or > MaxListed)
        {
            return Problems.Of(
                ProblemCodes.MalformedRequest,
                string.Create(CultureInfo.InvariantCulture, $"side is buy or sell, limit goes from 1 to {MaxListed}."));
        }

        if (RegistrationForms.FaultOfZone(zone) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        if (Listed.Read(cursor) is not { } shown)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "cursor is not one of this list.");
        }

        var most = limit ?? DefaultListed;
        var orders = await OrderQueries.ListedAsync(
            database, zone, side, shown, most + 1, time.GetUtcNow(), cancellationToken);
        var page = orders.Take(most).ToList();
        return Results.Ok(new OrderList(
            page.ConvertAll(static order => order.ToView()), orders.Count > most ? shown.With(page).ToCursor() : null));
    }

    internal static async Task<IResult> OneAsync(
        Guid id, NpgsqlDataSource database, HttpContext context, CancellationToken cancellationToken)
    {
        var order = await OrderQueries.FindAsync(database, id, cancellationToken);
        if (order is null)
        {
            return Problems.Of(ProblemCodes.UnknownOrder);
        }

        var caller = context.Caller();
        return caller.Kind == CallerKind.Operator || caller.Key == order.AccessKey
            ? Results.Ok((await OrderProofs.WithProofsAsync(database, [order], cancellationToken))[0])
            : Problems.Of(ProblemCodes.Forbidden, "The order is somebody else's.");
    }

    /// <summary>The caller's own trades; the operator names a user or a wallet.</summary>
    internal static async Task<IResult> HistoryAsync(
        string? wallet,
        [Microsoft.AspNetCore.Mvc.FromQuery(Name = "user_id")] Guid? user,
        string? cursor,
        int? limit,
        TradeHistoryQuery history,
        NpgsqlDataSource database,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        long[] before = [long.MaxValue];
        if (limit is < 1 or > MaxTrades || !Cursor.TryRead(cursor, "history", before))
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "cursor or limit cannot be read.");
        }

        var (whose, problem) = await Whose.ReadAsync(context, database, wallet, user, cancellationToken);
        return problem ?? Results.Ok(
            await history.ReadAsync(whose, before[0], limit ?? DefaultTrades, cancellationToken));
    }

    /// <summary>Another wallet's: as a whole it is refused as one order is.</summary>
    private static bool IsForbidden(OrderOutcome outcome) => outcome.Refusal?.Code == ProblemCodes.Forbidden;
}
