using System.Text.Json;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Operations;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Places one order. Most requests are for this: it finds its way without the framework's binding, which costs as much
/// as reading and writing the JSON.
/// </summary>
internal sealed class CreateOrderEndpoint(
    OrderPlacement placement, Maintenance maintenance, JsonSerializerOptions options)
{
    private readonly JsonBodies<CreateOrderRequest, OrderView> _json = new(options);

    internal async Task HandleAsync(HttpContext context)
    {
        var request = _json.Read(context);
        if (await maintenance.RefusalAsync(context.RequestAborted) is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }

        var outcome = await placement.CreateAsync(request, SignedRequest.Of(context), context.RequestAborted);
        await (outcome.Order is { } order
            ? _json.WriteAsync(context, order.ToView())
            : outcome.ToResult().ExecuteAsync(context));
    }
}
