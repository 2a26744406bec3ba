using GridTokenX.Protocol.Api;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;

namespace GridTokenX.Simulator.Running;

/// <summary>What a run has come to, for the report.</summary>
/// <param name="Chain">As the cloud core has described it.</param>
/// <param name="GrantedUgrx">To all homes.</param>
/// <param name="Transactions">That homes have signed for the chain themselves.</param>
/// <param name="Refusals">Of the cloud core.</param>
internal sealed record RunOutcome(
    ChainInfo Chain, long GrantedUgrx, long Transactions, IReadOnlyList<string> Refusals);

/// <summary>
/// Plays the neighbourhood quarter hour by quarter hour. Each step ends when every part has finished with it, so a day
/// takes as long as its work takes, and a part that is killed and started again only makes it longer.
/// </summary>
internal sealed class DemoRun(Neighbourhood neighbourhood, IReadOnlyList<Home> homes, Parts parts, HomeOpening opening)
{
    /// <summary>
    /// Orders expire at the end of the epoch after the one they were placed in, and locks a quarter hour later.
    /// </summary>
    private const int ClosingQuarters = 3;

    private static readonly TimeSpan MatchingDelay = TimeSpan.FromSeconds(5);

    private readonly Waiting _waiting = new(parts.Time);
    private readonly List<string> _refusals = [];
    private long _transactions;

    /// <summary>Called after each quarter hour with its number, from 1.</summary>
    public Action<int>? QuarterPlayed { get; set; }

    /// <summary>The last quarter hour that was metered, in which nobody traded.</summary>
    public int LastQuarter => neighbourhood.Quarters + ClosingQuarters;

    public async Task<RunOutcome> PlayAsync(CancellationToken cancellationToken)
    {
        var chain = await OpenAsync(cancellationToken);
        for (var quarter = 1; quarter <= neighbourhood.Quarters; quarter++)
        {
            await MeterAsync(quarter, quarter - 1, cancellationToken);
            await TradeAsync(quarter, chain, homes, cancellationToken);
            QuarterPlayed?.Invoke(quarter);
        }

        for (var quarter = 1; quarter <= ClosingQuarters; quarter++)
        {
            var last = neighbourhood.Quarters + quarter;
            await MeterAsync(last, last - 1, cancellationToken);
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
        await opening.GrantAllAsync(homes, cancellationToken);
        await _waiting.UntilAsync("the grants are on chain", ChainUnderWayAsync, cancellationToken);
        return chain;
    }

    /// <summary>
    /// A quarter hour passes: the epoch before it is cleared, readings are signed, forwarded, stored, and minted.
    /// </summary>
    /// <param name="quarter">Which, from 1.</param>
    /// <param name="lived">Which of the profiles' quarter hours, from 0; nobody lives after their last one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task MeterAsync(int quarter, int lived, CancellationToken cancellationToken)
    {
        foreach (var home in homes)
        {
            home.Live(lived, neighbourhood.Quarters - 1);
        }

        await parts.Clock.AdvanceAsync(neighbourhood.Start + (Quarter.Length * quarter), cancellationToken);
        StepHomes();
        await _waiting.UntilAsync(
            $"the readings of quarter hour {quarter} are stored", ReadingsUnderWayAsync, cancellationToken);
        foreach (var home in homes)
        {
            home.TakeMintPoint();
        }

        await parts.Clock.RepeatAsync(cancellationToken);
        await IdleAsync($"quarter hour {quarter} is minted and settled", cancellationToken);
    }

    public async Task TradeAsync(
        int quarter, ChainInfo chain, IReadOnlyList<Home> traders, CancellationToken cancellationToken)
    {
        var round = new TradingRound(parts, traders, quarter, chain);
        await round.PlaceOrdersAsync(cancellationToken);
        await IdleAsync($"the orders of quarter hour {quarter} are in escrow", cancellationToken);
        await round.TakeListedAsync(cancellationToken);
        await IdleAsync($"the purchases of quarter hour {quarter} are in escrow", cancellationToken);
        _refusals.AddRange(round.Refusals);
        _transactions += round.Transactions;

        await parts.Clock.AdvanceAsync(parts.Clock.Now + MatchingDelay, cancellationToken);
        await IdleAsync($"the locks of quarter hour {quarter} are answered", cancellationToken);
    }

    private Task IdleAsync(string what, CancellationToken cancellationToken) =>
        _waiting.UntilAsync(what, WorkUnderWayAsync, cancellationToken);

    /// <summary>
    /// Lets every device do what is due; one that waits for an answer repeats itself by its own rules.
    /// </summary>
    public void StepHomes()
    {
        foreach (var home in homes)
        {
            home.Step(parts.Clock.Now);
        }
    }

    private async Task<string?> GatewayUnderWayAsync(CancellationToken cancellationToken)
    {
        StepHomes();
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
        StepHomes();
        var waiting = homes.Count(static home => home.UnacknowledgedReadings > 0);
        if (waiting > 0)
        {
            // Asked for the case that it has been restarted, and does not know the time.
            _ = await parts.GatewayStatusAsync(cancellationToken);
            return $"{waiting} devices wait for the gateway's acknowledgement";
        }

        var produced = homes.Sum(static home => home.ReadingsProduced);
        var gateway = await parts.GatewayStatusAsync(cancellationToken);
        var cloud = await parts.CloudStatusAsync(cancellationToken);
        return gateway.Backlog > 0 || cloud.ReadingsAccepted + gateway.Quarantined < produced
            ? $"the cloud has {cloud.ReadingsAccepted} of {produced} readings, the gateway a backlog of "
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
        StepHomes();
        var cloud = await parts.CloudStatusAsync(cancellationToken);
        if (Transactions(cloud) is { } transactions)
        {
            return transactions;
        }

        if (cloud.LocksUnanswered > 0)
        {
            return $"{cloud.LocksUnanswered} lock commands are unanswered";
        }

        var unheard = homes.Where(home =>
            cloud.DeviceStates.GetValueOrDefault(home.DeviceKey.ToString()) < home.StateSequence).ToList();
        if (unheard.Count == 0)
        {
            return null;
        }

        // Asked for the case that it has been restarted, and does not know the time.
        _ = await parts.GatewayStatusAsync(cancellationToken);
        return $"the newest states of {unheard.Count} devices have not reached the cloud";
    }
}
