namespace GridTokenX.Simulator.Trading;

/// <summary>What an agent knows when it decides.</summary>
/// <param name="ProducedWh">In the quarter hour that ended.</param>
/// <param name="ConsumedWh">In the quarter hour that ended.</param>
/// <param name="GridWh">Whole Wh of GRID in its wallet, not in escrow.</param>
/// <param name="MoneyUgrx">GRX in its wallet, not in escrow.</param>
/// <param name="BatteryWh">What its battery could give to others; 0 without one.</param>
/// <param name="Quarter">The one that begins, from 0.</param>
internal readonly record struct Outlook(
    long ProducedWh, long ConsumedWh, long GridWh, long MoneyUgrx, long BatteryWh, int Quarter = 0);

/// <summary>An order an agent wants to place.</summary>
/// <param name="Sells">True for a sell order, false for a buy order.</param>
/// <param name="EnergyWh">At least <see cref="TradingAgent.LeastWh"/>.</param>
/// <param name="PriceUgrx">Limit, µGRX per kWh.</param>
internal readonly record struct OrderIntent(bool Sells, long EnergyWh, long PriceUgrx)
{
    public long EscrowUgrx => (long)((Int128)EnergyWh * PriceUgrx / 1_000);
}

/// <summary>What an agent does in one quarter hour.</summary>
/// <param name="Order">The order it places; null for none.</param>
/// <param name="TakesListed">Energy it would rather take from a listed sell order; 0 for none.</param>
/// <param name="CancelsLast">It withdraws the last order it placed.</param>
/// <param name="SellsStored">What it offers is of its battery, on purpose.</param>
internal readonly record struct Decision(
    OrderIntent? Order, long TakesListed, bool CancelsLast, bool SellsStored = false);

/// <summary>
/// Trades for one home, from its own forecast: the coming quarter hour will be as the one that ended. Surplus is
/// offered as far as the home has the GRID and the battery for it, a deficit is bid for as far as it has the money. Its
/// limit prices lie around a base price, so that some orders cross and some do not. The same seed and the same outlooks
/// give the same decisions.
/// </summary>
internal sealed class TradingAgent(long seed, int home, bool isProsumer) : IHomeAgent
{
    /// <summary>No scenario has it.</summary>
    public const string OwnName = "demo";

    public const long LeastWh = 10;

    /// <summary>3 GRX per kWh.</summary>
    public const long BasePriceUgrx = 3_000_000;

    private readonly SeededRandom _random = SeededRandom.For(seed, "trading", home);

    public string Name => OwnName;

    public int OrderQuarters => 2;

    public Decision Decide(in Outlook outlook)
    {
        // Drawn whether used or not: a decision never shifts the later ones.
        var sharePermille = _random.Between(400, 1_000);
        var askPermille = _random.Between(850, 1_150);
        var bidPermille = _random.Between(900, 1_200);
        var takes = _random.OnceIn(16);
        var cancels = _random.OnceIn(24);

        var forecast = outlook.ProducedWh - outlook.ConsumedWh;
        if (isProsumer && Sale(outlook, forecast, sharePermille, askPermille) is { } sale)
        {
            return new Decision(sale, 0, cancels);
        }

        if (forecast >= 0)
        {
            return new Decision(null, 0, cancels);
        }

        var purchase = Purchase(outlook, -forecast, sharePermille + 200, bidPermille);
        return takes && !isProsumer && purchase is not null
            ? new Decision(null, purchase.Value.EnergyWh, cancels)
            : new Decision(purchase, 0, cancels);
    }

    /// <summary>The highest price the home pays for a listed order.</summary>
    public static long DearestUgrx => BasePriceUgrx * 12 / 10;

    /// <summary>
    /// By day it offers a share of what it has; by night, more dearly, a quarter hour's worth of a neighbour.
    /// </summary>
    private OrderIntent? Sale(in Outlook outlook, long forecast, long sharePermille, long askPermille)
    {
        var deliverable = Math.Min(outlook.GridWh, outlook.BatteryWh);
        var energy = forecast > 0 ? deliverable * sharePermille / 1_000 : Math.Min(deliverable, 2 * sharePermille / 5);
        var price = OwnPrice((forecast > 0 ? BasePriceUgrx * 95 / 100 : BasePriceUgrx) * askPermille / 1_000);
        return energy >= LeastWh ? new OrderIntent(Sells: true, energy, price) : null;
    }

    /// <summary>
    /// No two homes name the same price, so it never matters whose order of a session arrives first.
    /// </summary>
    private long OwnPrice(long ugrx) => ugrx - (ugrx % NeighbourhoodOptions.MaxHomes)
        + (home % NeighbourhoodOptions.MaxHomes);

    private OrderIntent? Purchase(in Outlook outlook, long deficit, long sharePermille, long bidPermille)
    {
        var price = OwnPrice(BasePriceUgrx * bidPermille / 1_000);
        var affordable = (long)((Int128)outlook.MoneyUgrx * 1_000 / price);
        var energy = Math.Min(deficit * sharePermille / 1_000, affordable);
        return energy >= LeastWh ? new OrderIntent(Sells: false, energy, price) : null;
    }
}
