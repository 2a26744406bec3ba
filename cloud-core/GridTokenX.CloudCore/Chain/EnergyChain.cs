using GridTokenX.Programs.Accounts;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>GRID, GRX and the market as our programs hold them.</summary>
internal sealed class EnergyChain(
    SolanaRpcClient rpc, EnergyPrograms programs, PlatformKeys keys, ProgramSetup setup, SolanaOptions options)
    : IEnergyChain
{
    private volatile ChainInfo? _info;

    public Key32 Sponsor { get; } = keys.Platform.PublicKey.ToKey32();

    public async Task PrepareAsync(CancellationToken cancellationToken) =>
        _info = Describe(await setup.RunAsync(cancellationToken));

    public ChainInfo Describe() =>
        _info ?? throw new InvalidOperationException("The programs have not been looked at yet.");

    public async Task<ChainBalances?> BalancesAsync(Key32 wallet, CancellationToken cancellationToken)
    {
        var balances = await BalancesAsync([wallet], cancellationToken);
        return balances.GetValueOrDefault(wallet);
    }

    public async Task<IReadOnlyDictionary<Key32, ChainBalances>> BalancesAsync(
        IReadOnlyList<Key32> wallets, CancellationToken cancellationToken)
    {
        var addresses = new List<PublicKey>(wallets.Count * 2);
        foreach (var wallet in wallets)
        {
            var (grid, grx) = programs.AccountsOf(wallet);
            addresses.Add(grid);
            addresses.Add(grx);
        }

        var accounts = await rpc.GetMultipleAccountsAsync(addresses, cancellationToken: cancellationToken);
        var balances = new Dictionary<Key32, ChainBalances>(wallets.Count);
        for (var i = 0; i < wallets.Count; i++)
        {
            var owner = wallets[i].ToPublicKey();
            var grid = AmountOf(accounts[2 * i], owner, programs.GridMint);
            var grx = AmountOf(accounts[(2 * i) + 1], owner, programs.GrxMint);
            if (grid is not null || grx is not null)
            {
                balances[wallets[i]] = new ChainBalances(grid ?? 0, new MicroGrx(checked((long)(grx ?? 0))));
            }
        }

        return balances;
    }

    public async Task<ChainTotalsOnChain> TotalsAsync(CancellationToken cancellationToken)
    {
        // One request, so that the five are of one slot.
        PublicKey[] addresses =
        [
            programs.GridMint, programs.Trading.GridVault, programs.GrxMint, programs.Trading.GrxVault,
            programs.FeeAccount,
        ];
        var accounts = await rpc.GetMultipleAccountsAsync(addresses, cancellationToken: cancellationToken);
        var market = programs.Trading.Market;
        return new ChainTotalsOnChain(
            SupplyOf(accounts[0]),
            AmountOf(accounts[1], market, programs.GridMint) ?? 0,
            Grx(SupplyOf(accounts[2])),
            Grx(AmountOf(accounts[3], market, programs.GrxMint)),
            Grx(AmountOf(accounts[4], programs.FeeAuthority, programs.GrxMint)));
    }

    private ChainInfo Describe(MarketAccount market) => new(
        options.RpcUrlOfClients,
        programs.GridMint.ToKey32(),
        programs.GrxMint.ToKey32(),
        programs.EnergyToken.Id.ToKey32(),
        programs.Registry.Id.ToKey32(),
        programs.Trading.Id.ToKey32(),
        programs.Trading.Market.ToKey32(),
        programs.Trading.GridVault.ToKey32(),
        programs.Trading.GrxVault.ToKey32(),
        programs.FeeAccount.ToKey32(),
        market.Settings.FeeBasisPoints,
        checked((long)market.Settings.MinPrice),
        (long)Math.Min(market.Settings.MaxPrice, long.MaxValue),
        (long)options.SettlementGrace.TotalSeconds);

    // An account that its wallet gave away, or that is no token account, is none of the wallet's.
    private static ulong? AmountOf(AccountInfo? account, PublicKey owner, PublicKey mint)
    {
        if (account is null || account.Owner != TokenProgram.Id || account.Data.Length != TokenAccount.Length)
        {
            return null;
        }

        var parsed = TokenAccount.Parse(account.Data.Span);
        return parsed.Owner == owner && parsed.Mint == mint ? parsed.Amount : null;
    }

    private static MicroGrx Grx(ulong? amount) => new(checked((long)(amount ?? 0)));

    private static ulong SupplyOf(AccountInfo? mint) => mint is null ? 0 : Mint.Parse(mint.Data.Span).Supply;
}
