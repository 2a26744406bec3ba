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

    public async Task<ChainInfo> OpenAllAsync(IReadOnlyList<Home> homes, CancellationToken cancellationToken)
    {
        var chain = await parts.Cloud.ChainAsync(cancellationToken);
        var bound = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            homes, bound, async (home, cancellation) => await OpenAsync(home, chain, cancellation));
        return chain;
    }

    /// <summary>What the operator grants a home: for a consumer more than it can spend in the days to come.</summary>
    public long GrantUgrx(HomePlan home) => (home.IsProsumer ? 50_000_000L : 100_000_000L) * (days + 1);

    private async Task OpenAsync(Home home, ChainInfo chain, CancellationToken cancellationToken)
    {
        _ = await parts.Cloud.RegisterUserAsync(
            new RegisterUserRequest(home.Plan.Name, home.Plan.Role), home.Wallet, cancellationToken);
        await _wallets.OpenAsync(home.ChainWallet, chain, cancellationToken);
        var meter = new RegisterMeterRequest(
            home.Plan.MeterId, home.DeviceKey.PublicKey, Neighbourhood.Zone, gateway, Consent(home));
        var registered = await parts.Cloud.RegisterMeterAsync(meter, home.Wallet, cancellationToken);
        home.Install(registered.CommandKey);
        _ = await parts.Cloud.GrantAsync(
            new GrantRequest(home.Wallet.PublicKey, GrantUgrx(home.Plan) / 1_000_000m),
            parts.Operator,
            $"grant-{home.Plan.Number}",
            cancellationToken);
    }

    private byte[] Consent(Home home)
    {
        var bytes = new byte[RegistrationBytes.Length];
        RegistrationBytes.Write(
            bytes, home.DeviceKey.PublicKey.ToArray(), home.Wallet.PublicKey.ToArray(), gateway.ToArray());
        return home.DeviceKey.Sign(bytes);
    }
}
