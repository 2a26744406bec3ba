using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;
using GridTokenX.Simulator.Chain;
using GridTokenX.Simulator.Homes;

namespace GridTokenX.Simulator.Running;

/// <summary>Registers homes as their owners would: user, wallet, meter; and the operator grants them GRX.</summary>
internal sealed class HomeOpening(Parts parts, Key32 gateway, int days)
{
    private const int AtOnce = 8;

    private readonly ChainWallets _wallets = new(parts.Rpc, parts.Time);

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
        foreach (var home in homes)
        {
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
    public long GrantUgrx(HomePlan home) => (home.IsProsumer ? 50_000_000L : 100_000_000L) * (days + 1);

    public async Task GrantAllAsync(IReadOnlyList<Home> homes, CancellationToken cancellationToken)
    {
        foreach (var home in homes)
        {
            _ = await parts.Cloud.GrantAsync(
                new GrantRequest(home.Wallet, GrantUgrx(home.Plan) / 1_000_000m),
                parts.Operator,
                $"grant-{home.Plan.Number}",
                cancellationToken);
        }
    }

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

        var meter = new RegisterMeterRequest(
            home.Plan.MeterId, home.DeviceKey.PublicKey, Neighbourhood.Zone, gateway, Consent(home));
        var registered = await parts.Cloud.RegisterMeterAsync(meter, home.AccessKey, cancellationToken);
        home.Install(registered.CommandKey);
    }

    private byte[] Consent(Home home)
    {
        var bytes = new byte[RegistrationBytes.Length];
        RegistrationBytes.Write(
            bytes, home.DeviceKey.PublicKey.ToArray(), home.Wallet.ToArray(), gateway.ToArray());
        return home.DeviceKey.Sign(bytes);
    }
}
