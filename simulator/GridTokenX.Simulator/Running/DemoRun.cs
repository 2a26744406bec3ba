using GridTokenX.Protocol.Api;
using GridTokenX.Simulator.Chain;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Scenarios;

namespace GridTokenX.Simulator.Running;

/// <summary>What a run has come to, for the report.</summary>
/// <param name="Chain">As the cloud core has described it.</param>
/// <param name="GrantedUgrx">To all homes.</param>
/// <param name="Transactions">That homes have signed for the chain themselves.</param>
/// <param name="Refusals">Of the cloud core.</param>
internal sealed record RunOutcome(
    ChainInfo Chain, long GrantedUgrx, long Transactions, IReadOnlyList<string> Refusals);

/// <summary>
/// Plays the neighbourhood session by session: the quarter hours up to a session are metered, then everybody trades.
/// Each step ends when every part has finished with it, so a day takes as long as its work takes, and a part that is
/// killed and started again only makes it longer.
/// </summary>
internal sealed class DemoRun(
    Neighbourhood neighbourhood, int sessionQuarters, IReadOnlyList<Home> homes, Parts parts, HomeOpening opening)
{
    /// <summary>
    /// Orders expire at the end of the epoch after the one they were placed in, and locks a quarter hour later.
    /// </summary>
    private const int ClosingQuarters = 3;

    private static readonly TimeSpan MatchingDelay = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Between two questions about what is there within a tenth of a second. Asking for 80 homes costs a tenth of this.
    /// </summary>
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(10);

    private readonly Waiting _waiting = new(parts.Time);

    private readonly PriceFeed? _prices = neighbourhood.Life is { } life
        ? new PriceFeed(life, neighbourhood, parts)
        : null;

    private readonly List<string> _refusals = [];
    private long _transactions;

    /// <summary>Called after each session with the quarter hours played so far.</summary>
    public Action<int>? Played { get; set; }

    /// <summary>Called when everybody is registered and has money.</summary>
    public Action? Opened { get; set; }

    /// <summary>Played when the run is over; in the last of them nobody traded.</summary>
    public int LastQuarter => neighbourhood.Quarters + ClosingQuarters;

    /// <summary>The days come again; otherwise nobody lives after them.</summary>
    public bool ComesAgain { get; set; }

    public Phases Phases { get; } = new(parts.Time.Clock);

    public async Task<RunOutcome> PlayAsync(CancellationToken cancellationToken)
    {
        var chain = await OpenAsync(cancellationToken);
        Opened?.Invoke();
        var wallets = new Wallets(parts.Rpc, chain, homes);
        for (var from = 0; from < neighbourhood.Quarters; from += sessionQuarters)
        {
            var to = Math.Min(from + sessionQuarters, neighbourhood.Quarters);
            await MeterAsync(from, to, cancellationToken);
            await TradeAsync(to, chain, homes, wallets, cancellationToken);
            Played?.Invoke(to);
        }

        for (var quarter = 0; quarter < ClosingQuarters; quarter++)
        {
            await MeterAsync(
                neighbourhood.Quarters + quarter, neighbourhood.Quarters + quarter + 1, cancellationToken);
        }

        return new RunOutcome(
            chain, homes.Sum(home => opening.GrantUgrx(home.Plan)), _transactions, _refusals);
    }

    private async Task<ChainInfo> OpenAsync(CancellationToken cancellationToken)
    {
        await parts.Clock.AdvanceAsync(neighbourhood.Start, cancellationToken);
        await opening.RegisterGatewayAsync(cancellationToken);
        var chain = await parts.Cloud.ChainAsync(cancellationToken);
        await opening.RegisterAllAsync(homes, cancellationToken);
        await _waiting.UntilAsync("the gateway knows the homes", GatewayUnderWayAsync, cancellationToken);
        await _waiting.UntilAsync(
            "the chain knows the homes",
            cancellation => opening.RegistrationUnderWayAsync(homes, cancellation),
            cancellationToken);
        if (neighbourhood.Life is { } life)
        {
            var rules = CoreRules.Of(life.Scenario);
            rules.Demand(await parts.Cloud.LinksAsync(parts.Operator, cancellationToken));
            foreach (var zone in neighbourhood.Zones)
            {
                rules.Demand(chain, await parts.Cloud.MarketAsync(zone, cancellationToken));
            }
        }

        await opening.GrantAllAsync(homes, cancellationToken);
        await _waiting.UntilAsync("the grants are on chain", ChainUnderWayAsync, cancellationToken);
        return chain;
    }

    /// <summary>
    /// Quarter hours pass: the epochs before them are cleared, readings are signed, forwarded, stored, and minted.
    /// </summary>
    /// <param name="from">Played so far.</param>
    /// <param name="to">Played then.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task MeterAsync(int from, int to, CancellationToken cancellationToken)
    {
        Phases.Begin("clearing");
        await parts.Clock.AdvanceAsync(TimeOf(to), cancellationToken);
        for (int quarter = from, until; quarter < to; quarter = until)
        {
            until = Math.Min(to, neighbourhood.NextChange(quarter));
            await new MeteredTime(neighbourhood, homes, parts, Phases) { ComesAgain = ComesAgain }
                .PassAsync(quarter, until, isFirst: quarter == from, cancellationToken);
        }

        Phases.Begin("readings");
        await _waiting.UntilAsync(
            $"the readings of quarter hour {to} are stored", ReadingsUnderWayAsync, ShortPause, cancellationToken);
        foreach (var home in homes)
        {
            home.TakeMintPoint();
        }

        Phases.Begin("minting");
        await parts.Clock.RepeatAsync(cancellationToken);
        Phases.Begin("minting and settlement on chain");
        await IdleAsync($"quarter hour {to} is minted and settled", cancellationToken);
    }

    private DateTimeOffset TimeOf(int quarter) => neighbourhood.Start + (Quarter.Length * quarter);

    /// <param name="quarter">Played so far.</param>
    /// <param name="chain">As the cloud core has described it.</param>
    /// <param name="traders">Some of the homes.</param>
    /// <param name="wallets">Of them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task TradeAsync(
        int quarter,
        ChainInfo chain,
        IReadOnlyList<Home> traders,
        Wallets wallets,
        CancellationToken cancellationToken)
    {
        Phases.Begin("placing orders");
        if (_prices is not null)
        {
            await _prices.LearnAsync(cancellationToken);
        }

        var round = new TradingRound(parts, traders, quarter, chain);
        await round.PlaceOrdersAsync(await wallets.ReadAsync(cancellationToken), cancellationToken);
        _prices?.Remember(round);
        Phases.Begin("escrow on chain");
        await IdleAsync($"the orders of quarter hour {quarter} are in escrow", cancellationToken);
        if (round.HasPurchases)
        {
            Phases.Begin("purchases");
            await round.TakeListedAsync(cancellationToken);
            await IdleAsync($"the purchases of quarter hour {quarter} are in escrow", cancellationToken);
        }

        _refusals.AddRange(round.Refusals);
        _transactions += round.Transactions;

        Phases.Begin("matching");
        await parts.Clock.AdvanceAsync(parts.Clock.Now + MatchingDelay, cancellationToken);
        Phases.Begin("locks");
        await IdleAsync($"the locks of quarter hour {quarter} are answered", cancellationToken);
    }

    private Task IdleAsync(string what, CancellationToken cancellationToken) =>
        _waiting.UntilAsync(what, WorkUnderWayAsync, ShortPause, cancellationToken);

    /// <summary>
    /// Lets every device take in what has come; one that waits for an answer repeats itself by its own rules.
    /// </summary>
    /// <param name="now">Their time.</param>
    public void AnswerHomes(DateTimeOffset now)
    {
        foreach (var home in homes)
        {
            home.Answer(now);
        }
    }

    private async Task<string?> GatewayUnderWayAsync(CancellationToken cancellationToken)
    {
        AnswerHomes(parts.Clock.Now);
        var away = homes.Count(static home => !home.IsOnline);
        if (away > 0)
        {
            return $"{away} devices are not connected to the home's broker";
        }

        var gateway = await parts.GatewayStatusAsync(cancellationToken);
        return gateway.Devices < homes.Count ? $"it knows {gateway.Devices} of {homes.Count}" : null;
    }

    private async Task<string?> ReadingsUnderWayAsync(CancellationToken cancellationToken)
    {
        AnswerHomes(parts.Clock.Now);
        var waiting = homes.Count(static home => home is { IsCutOff: false, UnacknowledgedReadings: > 0 });
        if (waiting > 0)
        {
            // Asked for the case that it has been restarted, and does not know the time.
            _ = await parts.GatewayStatusAsync(cancellationToken);
            return $"{waiting} devices wait for the gateway's acknowledgement";
        }

        var settled = homes.Sum(static home => home.ReadingsSettled);
        var gateway = await parts.GatewayStatusAsync(cancellationToken);
        var cloud = await parts.CloudStatusAsync(cancellationToken);
        return gateway.Backlog > 0 || cloud.ReadingsAccepted + gateway.Quarantined < settled
            ? $"the cloud has {cloud.ReadingsAccepted} of {settled} readings, the gateway a backlog of "
                + $"{gateway.Backlog} and {gateway.Quarantined} refused ({gateway.Alarm ?? "no alarm"})"
            : null;
    }

    private async Task<string?> ChainUnderWayAsync(CancellationToken cancellationToken) =>
        Transactions(await parts.CloudStatusAsync(cancellationToken));

    private static string? Transactions(CloudSimulationStatus cloud)
    {
        if (cloud.OutboxPending > 0)
        {
            return $"{cloud.OutboxPending} transactions are on their way to the chain";
        }

        return cloud.EventsOutstanding > 0
            ? $"what {cloud.EventsOutstanding} transactions did has not come back from the chain"
            : null;
    }

    private async Task<string?> WorkUnderWayAsync(CancellationToken cancellationToken)
    {
        AnswerHomes(parts.Clock.Now);
        var cloud = await parts.CloudStatusAsync(cancellationToken);
        if (Transactions(cloud) is { } transactions)
        {
            return transactions;
        }

        if (cloud.LocksUnanswered > 0)
        {
            return $"{cloud.LocksUnanswered} lock commands are unanswered";
        }

        var unheard = homes.Where(home => !home.IsCutOff
            && cloud.DeviceStates.GetValueOrDefault(home.DeviceKey.ToString()) < home.StateSequence).ToList();
        if (unheard.Count == 0)
        {
            return null;
        }

        // Asked for the case that it has been restarted, and does not know the time.
        _ = await parts.GatewayStatusAsync(cancellationToken);
        return $"the newest states of {unheard.Count} devices have not reached the cloud";
    }
}
