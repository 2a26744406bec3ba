using System.Collections.Concurrent;
using System.Net;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using GridTokenX.Simulator.Chain;
using GridTokenX.Simulator.Cloud;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Trading;

namespace GridTokenX.Simulator.Running;

/// <summary>What the homes of a zone wanted to trade in a session.</summary>
/// <param name="StoredAsksWh">Of the asks, out of batteries on purpose.</param>
internal readonly record struct Offered(long BidsWh, long AsksWh, long StoredAsksWh);

/// <summary>
/// One session's orders, each in its home's zone. The homes decide on the same state of things and place their orders
/// at the same time: since no two of them name the same price, the order of arrival decides nothing.
/// </summary>
internal sealed class TradingRound(Parts parts, IReadOnlyList<Home> homes, int quarter, ChainInfo chain)
{
    private const int AtOnce = 80;

    // A home numbers its orders by the quarter hour: it places one in each, and may take another's.
    private const int OrderIdsPerQuarter = 10;
    private const int PlacedId = 1;
    private const int TakenId = 2;

    private readonly ConcurrentQueue<string> _refusals = new();
    private long _transactions;
    private readonly Dictionary<string, Offered> _offers = new(StringComparer.Ordinal);
    private readonly List<(Home Home, long EnergyWh, long MoneyUgrx)> _purchases = [];

    /// <summary>Requests that were refused: none should be.</summary>
    public IEnumerable<string> Refusals => _refusals.Order(StringComparer.Ordinal);

    /// <summary>Transactions that homes have signed and brought.</summary>
    public long Transactions => Interlocked.Read(ref _transactions);

    public bool HasPurchases => _purchases.Count > 0;

    /// <summary>Played so far, and so the one that begins.</summary>
    public int Quarter => quarter;

    /// <summary>By zone; none where nobody wanted anything.</summary>
    public IReadOnlyDictionary<string, Offered> Offers => _offers;

    /// <param name="balances">Of the homes, in their order.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task PlaceOrdersAsync(
        IReadOnlyList<WalletBalance> balances, CancellationToken cancellationToken)
    {
        var signer = await SignerAsync(cancellationToken);
        var decisions = new Decision[homes.Count];
        for (var i = 0; i < homes.Count; i++)
        {
            if (!homes[i].Plan.TradesAt(quarter))
            {
                continue;
            }

            var outlook = Look(homes[i], balances[i]);
            decisions[i] = homes[i].Agent.Decide(outlook);
            Count(homes[i].Plan.Zone, decisions[i]);
            if (decisions[i].TakesListed > 0)
            {
                _purchases.Add((homes[i], decisions[i].TakesListed, outlook.MoneyUgrx));
            }
        }

        var bound = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, homes.Count, bound, async (i, cancellation) =>
            await ActAsync(homes[i], decisions[i], signer, cancellation));
    }

    private async Task ActAsync(
        Home home, Decision decision, OrderSigner signer, CancellationToken cancellationToken)
    {
        if (decision.CancelsLast && home.LastOrder is { } last)
        {
            await CancelAsync(home, last, cancellationToken);
        }

        if (decision.Order is { } order)
        {
            await PlaceAsync(home, order, signer, cancellationToken);
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
            var listed = await parts.Cloud.ListedSellOrdersAsync(home.Plan.Zone, cancellationToken);
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

    private void Count(string zone, in Decision decision)
    {
        if (decision.Order is not { } order)
        {
            return;
        }

        var (bids, asks, stored) = _offers.GetValueOrDefault(zone);
        var isStored = order.Sells && decision.SellsStored;
        _offers[zone] = new Offered(
            bids + (order.Sells ? 0 : order.EnergyWh),
            asks + (order.Sells ? order.EnergyWh : 0),
            stored + (isStored ? order.EnergyWh : 0));
    }

    private Outlook Look(Home home, WalletBalance balance) => new(
        home.LastProducedWh,
        home.LastConsumedWh,
        (long)(balance.GridBaseUnits / WattHours.GridBaseUnitsPerWh),
        (long)balance.Ugrx,
        home.DeliverableWh,
        quarter);

    private async Task PlaceAsync(
        Home home, OrderIntent order, OrderSigner signer, CancellationToken cancellationToken)
    {
        var expiresAt = ExpiryOf(home, parts.Clock.Now);
        var request = new CreateOrderRequest(
            new WattHours(order.EnergyWh).ToKwh(),
            new PricePerKwh(order.PriceUgrx).ToGrx(),
            order.Sells ? home.Wallet : null,
            order.Sells ? null : home.Wallet,
            home.Plan.Zone,
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
        var expiresAt = ExpiryOf(home, parts.Clock.Now);
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

        _ = Interlocked.Increment(ref _transactions);
        return signer.Sign(wallet, (ulong)((quarter * OrderIdsPerQuarter) + kind), order, expiresAt);
    }

    /// <summary>One recent blockhash for the round: it lasts for a minute, a round for a few seconds.</summary>
    private async Task<OrderSigner> SignerAsync(CancellationToken cancellationToken) => new(
        chain, (await parts.Rpc.GetLatestBlockhashAsync(cancellationToken: cancellationToken)).Blockhash);

    /// <summary>The end of a quarter hour.</summary>
    private static DateTimeOffset ExpiryOf(Home home, DateTimeOffset now)
    {
        var length = Profiles.Quarter.Length.Ticks;
        return new DateTimeOffset(((now.UtcTicks / length) + home.Agent.OrderQuarters) * length, TimeSpan.Zero);
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
            _refusals.Enqueue(refusal.Message);
        }
    }

    /// <summary>The same request, sent again after a fault, is the same order.</summary>
    private string Key(Home home, string what) => $"{what}-{home.Plan.Number}-{quarter}";
}
