using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Simulator.Chain;
using GridTokenX.Simulator.Homes;

namespace GridTokenX.Simulator.Running;

/// <summary>Registers homes as their owners would: user, wallet, meter; and the operator grants them GRX.</summary>
internal sealed class HomeOpening(Parts parts, Installer installer, Key32 gateway, int days)
{
    private const int AtOnce = 16;
    private const int PollsPerAttempt = 4;

    private static readonly TimeSpan MeterPause = TimeSpan.FromMilliseconds(20);

    private readonly Waiting _waiting = new(parts.Time);
    private readonly ChainWallets _wallets = new(parts.Rpc, parts.Time);
    private int _registered;

    public async Task RegisterGatewayAsync(CancellationToken cancellationToken) =>
        _ = await parts.Cloud.RegisterGatewayAsync(
            new RegisterGatewayRequest(gateway, "Neighbourhood gateway"), parts.Operator, cancellationToken);

    public Task RegisterAllAsync(IReadOnlyList<Home> homes, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            homes,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (home, cancellation) => await RegisterAsync(home, cancellation));

    /// <summary>Null when the chain knows every home and its meter; otherwise what is missing.</summary>
    public async Task<string?> RegistrationUnderWayAsync(
        IReadOnlyList<Home> homes, CancellationToken cancellationToken)
    {
        // Who is registered stays so, and is not asked for again.
        for (; _registered < homes.Count; _registered++)
        {
            var home = homes[_registered];
            var user = await parts.Cloud.UserAsync(home.AccessKey, cancellationToken);
            var meter = await parts.Cloud.MeterAsync(home.Plan.MeterId, home.AccessKey, cancellationToken);
            if (!user.RegisteredOnChain || !meter.RegisteredOnChain)
            {
                return $"{home.Plan.Name} is not registered there";
            }
        }

        return null;
    }

    /// <summary>What the operator grants a home: for a consumer more than it can spend in the days to come.</summary>
    public long GrantUgrx(HomePlan home) =>
        home.GrantUgrx ?? ((home.IsProsumer ? 50_000_000L : 100_000_000L) * (days + 1));

    public Task GrantAllAsync(IReadOnlyList<Home> homes, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            homes,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (home, cancellation) => _ = await parts.Cloud.GrantAsync(
                new GrantRequest(home.Wallet, GrantUgrx(home.Plan) / 1_000_000m),
                parts.Operator,
                $"grant-{home.Plan.Number}",
                cancellation));

    private async Task RegisterAsync(Home home, CancellationToken cancellationToken)
    {
        var user = await parts.Cloud.RegisterUserAsync(
            new RegisterUserRequest(home.Plan.Name, home.Plan.Role, home.Plan.IsManaged ? "managed" : null),
            home.AccessKey,
            cancellationToken);
        home.Wallet = user.Wallet;
        if (home.ChainWallet is { } wallet)
        {
            home.LamportsAtFirst = await _wallets.FundAsync(wallet.PublicKey, cancellationToken);
        }

        var consent = await AskConsentAsync(home, cancellationToken);
        var meter = new RegisterMeterRequest(
            home.Plan.MeterId, home.DeviceKey, home.Plan.Zone, gateway, consent);
        var registered = await parts.Cloud.RegisterMeterAsync(meter, home.AccessKey, cancellationToken);
        await PairAsync(home, registered, cancellationToken);
    }

    /// <summary>Switches the meter on, presses its button, and lets it sign who its owner is.</summary>
    private async Task<byte[]> AskConsentAsync(Home home, CancellationToken cancellationToken)
    {
        home.SwitchOn(parts.Clock.Now);
        await StepUntilAsync(
            home,
            "is connected",
            () => home.IsOnline && installer.IsConnected,
            () => Task.CompletedTask,
            cancellationToken);
        await StepUntilAsync(
            home,
            "has consented",
            () => installer.ConsentOf(home.DeviceKey) is not null,
            () =>
            {
                home.PressButton();
                return installer.AskConsentAsync(home.DeviceKey, home.Wallet, gateway, cancellationToken);
            },
            cancellationToken);
        return installer.ConsentOf(home.DeviceKey)!;
    }

    /// <summary>Brings the cloud's key to the meter, compares the two codes, presses the button.</summary>
    private async Task PairAsync(Home home, RegisterMeterResponse registered, CancellationToken cancellationToken)
    {
        await StepUntilAsync(
            home,
            "shows its code",
            () => home.PairingCode is not null,
            () =>
            {
                home.PressButton();
                return installer.OfferAsync(home.DeviceKey, registered.CloudKey, cancellationToken);
            },
            cancellationToken);
        if (home.PairingCode != registered.PairingCode)
        {
            throw new StuckException(
                $"{home.Plan.Name}'s meter shows {home.PairingCode}, the cloud {registered.PairingCode}.");
        }

        home.PressButton();
        if (!home.IsPaired)
        {
            throw new StuckException($"{home.Plan.Name}'s meter did not take the cloud's key.");
        }
    }

    /// <summary>A message may come before the meter listens: what is tried is tried again now and then.</summary>
    private Task StepUntilAsync(
        Home home, string what, Func<bool> holds, Func<Task> attempt, CancellationToken cancellationToken)
    {
        var polls = 0;
        return _waiting.UntilAsync(
            $"{home.Plan.Name}'s meter {what}",
            async _ =>
            {
                home.Step(parts.Clock.Now);
                if (holds())
                {
                    return null;
                }

                if (polls++ % PollsPerAttempt == 0)
                {
                    await attempt();
                }

                return $"it does not say that it {what}";
            },
            MeterPause,
            cancellationToken);
    }
}
