using System.Collections.Concurrent;
using GridTokenX.Programs;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Where our programs and their accounts are. Pure.</summary>
public sealed class EnergyPrograms
{
    private const int KeptAccounts = 100_000;

    // Finding an address costs a hash and a curve test; the same wallets come again and again.
    private readonly ConcurrentDictionary<Key32, (PublicKey Grid, PublicKey Grx)> _accounts = new();

    public EnergyPrograms(ProgramAddresses addresses, PublicKey grxMint, PublicKey feeAuthority)
    {
        Registry = new RegistryProgram(PublicKey.Parse(addresses.Registry));
        EnergyToken = new EnergyTokenProgram(PublicKey.Parse(addresses.EnergyToken));
        Trading = new TradingProgram(PublicKey.Parse(addresses.Trading), EnergyToken.Mint, grxMint);
        FeeAuthority = feeAuthority;
        FeeAccount = AssociatedTokenProgram.AssociatedTokenAddress(feeAuthority, grxMint);
        Events = new ProgramEventReader(Registry.Id, EnergyToken.Id, Trading.Id);
    }

    public RegistryProgram Registry { get; }

    public EnergyTokenProgram EnergyToken { get; }

    public TradingProgram Trading { get; }

    public PublicKey GridMint => Trading.GridMint;

    public PublicKey GrxMint => Trading.GrxMint;

    public PublicKey FeeAuthority { get; }

    public PublicKey FeeAccount { get; }

    public ProgramEventReader Events { get; }

    /// <summary>All whose transactions and events we follow.</summary>
    public IReadOnlyList<PublicKey> Ids => [Registry.Id, EnergyToken.Id, Trading.Id];

    /// <summary>The wallet's associated token accounts.</summary>
    public (PublicKey Grid, PublicKey Grx) AccountsOf(Key32 wallet)
    {
        if (_accounts.Count > KeptAccounts)
        {
            _accounts.Clear();
        }

        return _accounts.GetOrAdd(
            wallet,
            static (key, mints) =>
            {
                var owner = key.ToPublicKey();
                return (AssociatedTokenProgram.AssociatedTokenAddress(owner, mints.GridMint),
                    AssociatedTokenProgram.AssociatedTokenAddress(owner, mints.GrxMint));
            },
            Trading);
    }
}
