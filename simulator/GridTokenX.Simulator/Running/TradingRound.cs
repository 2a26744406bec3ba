using System.Net;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using GridTokenX.Simulator.Cloud;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Trading;

namespace GridTokenX.Simulator.Running;

/// <summary>
/// One quarter hour's orders. The homes decide on the same state of things, and place their orders one after another,
/// because the order of arrival is the order of priority.
/// </summary>
internal sealed class TradingRound(Parts parts, IReadOnlyList<Home> homes, int quarter)
{
    private const int AtOnce = 4;

    private readonly Outlook[] _outlooks = new Outlook[homes.Count];
    private readonly List<(Home Home, long EnergyWh, long MoneyUgrx)> _purchases = [];

    /// <summary>Requests that were refused: none should be.</summary>
    public List<string> Refusals { get; } = [];

    public async Task PlaceOrdersAsync(CancellationToken cancellationToken)
    {
        var bound = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(
            0, homes.Count, bound, async (i, cancellation) => _outlooks[i] = await LookAsync(homes[i], cancellation));
        for (var i = 0; i < homes.Count; i++)
        {
            var home = homes[i];
            var decision = home.Agent.Decide(_outlooks[i]);
            if (decision.CancelsLast && home.LastOrder is { } last)
            {
                await CancelAsync(home, last, cancellationToken);
            }

            if (decision.Order is { } order)
            {
                await PlaceAsync(home, order, cancellationToken);
            }

            if (decision.TakesListed > 0)
            {
                _purchases.Add((home, decision.TakesListed, _outlooks[i].MoneyUgrx));
            }
        }
    }

    /// <summary>The purchases of listed orders; once the orders above are active.</summary>
    public async Task TakeListedAsync(CancellationToken cancellationToken)
    {
        foreach (var (home, energyWh, moneyUgrx) in _purchases)
        {
            var listed = await parts.Cloud.ListedSellOrdersAsync(Neighbourhood.Zone, cancellationToken);
            var order = listed.Orders.FirstOrDefault(order =>
                order.Owner.Wallet != home.Wallet.PublicKey
                && order.PricePerKwh * 1_000_000 <= TradingAgent.DearestUgrx
                && order.RemainingKwh > 0);
            if (order is null)
            {
                continue;
            }

            var affordableWh = (long)(moneyUgrx / (order.PricePerKwh * 1_000));
            var energy = Math.Min(Math.Min(energyWh, affordableWh), (long)(order.RemainingKwh * 1_000));
            if (energy > 0)
            {
                await TakeAsync(home, order, new WattHours(energy), cancellationToken);
            }
        }
    }

    private async Task<Outlook> LookAsync(Home home, CancellationToken cancellationToken)
    {
        var balances = await parts.Cloud.BalancesAsync(home.Wallet, cancellationToken);
        return new Outlook(
            home.LastProducedWh,
            home.LastConsumedWh,
            (long)decimal.Floor(balances.Grid * 1_000),
            (long)(balances.Grx * 1_000_000),
            home.DeliverableWh);
    }

    private async Task PlaceAsync(Home home, OrderIntent order, CancellationToken cancellationToken)
    {
        var wallet = home.Wallet.PublicKey;
        var request = new CreateOrderRequest(
            new WattHours(order.EnergyWh).ToKwh(),
            new PricePerKwh(order.PriceUgrx).ToGrx(),
            order.Sells ? wallet : null,
            order.Sells ? null : wallet,
            Neighbourhood.Zone);
        await HandAsync(async () =>
        {
            var placed = await parts.Cloud.PlaceOrderAsync(request, home.Wallet, Key(home, "order"), cancellationToken);
            home.LastOrder = placed.OrderId;
        });
    }

    private Task TakeAsync(Home home, OrderView order, WattHours energy, CancellationToken cancellationToken) =>
        HandAsync(() => parts.Cloud.TakeOrderAsync(
            new MatchOrderRequest(home.Wallet.PublicKey, order.OrderId, energy.ToKwh()),
            home.Wallet,
            Key(home, "take"),
            cancellationToken));

    private async Task CancelAsync(Home home, Guid order, CancellationToken cancellationToken)
    {
        home.LastOrder = null;
        try
        {
            _ = await parts.Cloud.CancelOrderAsync(order, home.Wallet, Key(home, "cancel"), cancellationToken);
        }
        catch (ApiException refusal) when (refusal.Code == ProblemCodes.OrderNotActive)
        {
            // It was filled or has expired meanwhile: the owner does not look before it withdraws.
        }
    }

    private async Task HandAsync(Func<Task> request)
    {
        try
        {
            await request();
        }
        catch (ApiException refusal) when (refusal.Status is >= HttpStatusCode.BadRequest
            and < HttpStatusCode.InternalServerError)
        {
            Refusals.Add(refusal.Message);
        }
    }

    /// <summary>The same request, sent again after a fault, is the same order.</summary>
    private string Key(Home home, string what) => $"{what}-{home.Plan.Number}-{quarter}";
}
