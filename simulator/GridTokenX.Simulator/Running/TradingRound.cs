using System.Net;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using GridTokenX.Simulator.Chain;
using GridTokenX.Simulator.Cloud;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Trading;

namespace GridTokenX.Simulator.Running;

/// <summary>
/// One quarter hour's orders. The homes decide on the same state of things, and place their orders one after another,
/// because the order of arrival is the order of priority.
/// </summary>
internal sealed class TradingRound(Parts parts, IReadOnlyList<Home> homes, int quarter, ChainInfo chain)
{
    private const int AtOnce = 4;

    // A home numbers its orders by the quarter hour: it places one in each, and may take another's.
    private const int OrderIdsPerQuarter = 10;
    private const int PlacedId = 1;
    private const int TakenId = 2;

    private readonly Outlook[] _outlooks = new Outlook[homes.Count];
    private readonly List<(Home Home, long EnergyWh, long MoneyUgrx)> _purchases = [];

    /// <summary>Requests that were refused: none should be.</summary>
    public List<string> Refusals { get; } = [];

    /// <summary>Transactions that homes have signed and brought.</summary>
    public long Transactions { get; private set; }

    public async Task PlaceOrdersAsync(CancellationToken cancellationToken)
    {
        var bound = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(
            0, homes.Count, bound, async (i, cancellation) => _outlooks[i] = await LookAsync(homes[i], cancellation));
        var signer = await SignerAsync(cancellationToken);
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
                await PlaceAsync(home, order, signer, cancellationToken);
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
        if (_purchases.Count == 0)
        {
            return;
        }

        var signer = await SignerAsync(cancellationToken);
        foreach (var (home, energyWh, moneyUgrx) in _purchases)
        {
            var listed = await parts.Cloud.ListedSellOrdersAsync(Neighbourhood.Zone, cancellationToken);
            var order = listed.Orders.FirstOrDefault(order =>
                order.Owner.Wallet != home.Wallet
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
                await TakeAsync(home, order, energy, signer, cancellationToken);
            }
        }
    }

    private async Task<Outlook> LookAsync(Home home, CancellationToken cancellationToken)
    {
        var balances = await parts.Cloud.BalancesAsync(home.Wallet, home.AccessKey, cancellationToken);
        return new Outlook(
            home.LastProducedWh,
            home.LastConsumedWh,
            (long)decimal.Floor(balances.Grid * 1_000),
            (long)(balances.Grx * 1_000_000),
            home.DeliverableWh);
    }

    private async Task PlaceAsync(
        Home home, OrderIntent order, OrderSigner signer, CancellationToken cancellationToken)
    {
        var expiresAt = ExpiryOf(parts.Clock.Now);
        var request = new CreateOrderRequest(
            new WattHours(order.EnergyWh).ToKwh(),
            new PricePerKwh(order.PriceUgrx).ToGrx(),
            order.Sells ? home.Wallet : null,
            order.Sells ? null : home.Wallet,
            Neighbourhood.Zone,
            expiresAt,
            Sign(home, order, PlacedId, expiresAt, signer));
        await HandAsync(async () =>
        {
            var placed = await parts.Cloud.PlaceOrderAsync(
                request, home.AccessKey, Key(home, "order"), cancellationToken);
            home.LastOrder = placed.OrderId;
        });
    }

    private Task TakeAsync(
        Home home, OrderView listed, long energyWh, OrderSigner signer, CancellationToken cancellationToken)
    {
        var expiresAt = ExpiryOf(parts.Clock.Now);
        var order = new OrderIntent(Sells: false, energyWh, (long)(listed.PricePerKwh * 1_000_000));
        var request = new MatchOrderRequest(
            home.Wallet,
            listed.OrderId,
            new WattHours(energyWh).ToKwh(),
            expiresAt,
            Sign(home, order, TakenId, expiresAt, signer));
        return HandAsync(() => parts.Cloud.TakeOrderAsync(
            request, home.AccessKey, Key(home, "take"), cancellationToken));
    }

    /// <summary>Null when the server signs for the home.</summary>
    private string? Sign(Home home, OrderIntent order, int kind, DateTimeOffset expiresAt, OrderSigner signer)
    {
        if (home.ChainWallet is not { } wallet)
        {
            return null;
        }

        Transactions++;
        return signer.Sign(wallet, (ulong)((quarter * OrderIdsPerQuarter) + kind), order, expiresAt);
    }

    /// <summary>One recent blockhash for the round: it lasts for a minute, a round for a few seconds.</summary>
    private async Task<OrderSigner> SignerAsync(CancellationToken cancellationToken) => new(
        chain, (await parts.Rpc.GetLatestBlockhashAsync(cancellationToken: cancellationToken)).Blockhash);

    /// <summary>The end of the next quarter hour.</summary>
    private static DateTimeOffset ExpiryOf(DateTimeOffset now)
    {
        var length = Quarter.Length.Ticks;
        return new DateTimeOffset(((now.UtcTicks / length) + 2) * length, TimeSpan.Zero);
    }

    private async Task CancelAsync(Home home, Guid order, CancellationToken cancellationToken)
    {
        home.LastOrder = null;
        try
        {
            _ = await parts.Cloud.CancelOrderAsync(order, home.AccessKey, Key(home, "cancel"), cancellationToken);
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
