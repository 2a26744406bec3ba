using GridTokenX.Programs.Wire;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs;

/// <summary>The energy token GRID (9 decimals, 1 kWh = 10^9 base units), which only the registry mints.</summary>
public sealed class EnergyTokenProgram
{
    public EnergyTokenProgram(PublicKey id)
    {
        Id = id;
        TokenConfig = Pda.Find(id, "token_config"u8.ToArray()).Address;
        Mint = Pda.Find(id, "mint"u8.ToArray()).Address;
    }

    public PublicKey Id { get; }

    public PublicKey TokenConfig { get; }

    /// <summary>The GRID mint.</summary>
    public PublicKey Mint { get; }

    /// <summary>Once, by the program's upgrade authority, who becomes admin.</summary>
    /// <param name="registry">The registry's PDA, which alone may mint.</param>
    public Instruction Initialize(PublicKey payer, PublicKey admin, PublicKey registry) =>
        BorshWriter.Of("initialize").Key(registry).For(
            Id,
            AccountMeta.WritableSigner(payer),
            AccountMeta.ReadonlySigner(admin),
            AccountMeta.Readonly(UpgradeableLoader.ProgramData(Id)),
            AccountMeta.Writable(TokenConfig),
            AccountMeta.Writable(Mint),
            AccountMeta.Readonly(SystemProgram.Id),
            AccountMeta.Readonly(TokenProgram.Id));

    public Instruction SetMaintenance(PublicKey admin, bool enabled) =>
        BorshWriter.Of("set_maintenance").Bool(enabled).For(
            Id, AccountMeta.ReadonlySigner(admin), AccountMeta.Writable(TokenConfig));

    /// <summary>Only succeeds as a call of the registry, whose PDA signs.</summary>
    /// <param name="amount">GRID base units.</param>
    public Instruction MintFromProduction(PublicKey registry, PublicKey destination, ulong amount) =>
        BorshWriter.Of("mint_from_production").U64(amount).For(
            Id,
            AccountMeta.ReadonlySigner(registry),
            AccountMeta.Readonly(TokenConfig),
            AccountMeta.Writable(Mint),
            AccountMeta.Writable(destination),
            AccountMeta.Readonly(TokenProgram.Id));

    /// <summary>Burns GRID: the energy has been used.</summary>
    /// <param name="amount">GRID base units.</param>
    /// <param name="source">The owner's GRID token account; the associated one when null.</param>
    public Instruction Retire(PublicKey owner, ulong amount, PublicKey? source = null) =>
        BorshWriter.Of("retire").U64(amount).For(
            Id,
            AccountMeta.ReadonlySigner(owner),
            AccountMeta.Readonly(TokenConfig),
            AccountMeta.Writable(Mint),
            AccountMeta.Writable(source ?? AssociatedTokenProgram.AssociatedTokenAddress(owner, Mint)),
            AccountMeta.Readonly(TokenProgram.Id));
}
