using GridTokenX.Programs.Wire;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs;

/// <summary>The values are the registry's.</summary>
public enum UserType
{
    Consumer = 0,
    Prosumer = 1,
}

/// <summary>What the registry checks readings against.</summary>
/// <param name="MinReadingIntervalSeconds">Between two readings of a meter.</param>
/// <param name="MaxPowerWatts">By which each register may grow on average since the reading before.</param>
/// <param name="MaxAheadSeconds">How far a reading's time may lie in the future.</param>
public sealed record ReadingLimits(ulong MinReadingIntervalSeconds, ulong MaxPowerWatts, ulong MaxAheadSeconds);

/// <summary>A meter's registers at one instant.</summary>
/// <param name="TotalProduction">Wh since installation.</param>
/// <param name="TotalConsumption">Wh since installation.</param>
/// <param name="Timestamp">Unix seconds.</param>
public sealed record MeterRegisters(string MeterId, ulong TotalProduction, ulong TotalConsumption, long Timestamp);

/// <summary>A meter whose net generation is minted for its owner.</summary>
/// <param name="Destination">The owner's associated GRID token account; worked out when null.</param>
public sealed record MeterMint(string MeterId, PublicKey Owner, PublicKey? Destination = null);

/// <summary>Users, meters and their registers.</summary>
public sealed class RegistryProgram
{
    public RegistryProgram(PublicKey id)
    {
        Id = id;
        Registry = Pda.Find(id, "registry"u8.ToArray()).Address;
    }

    public PublicKey Id { get; }

    /// <summary>The registry's one account, which also signs for minting.</summary>
    public PublicKey Registry { get; }

    public PublicKey User(PublicKey wallet) => Pda.Find(Id, "user"u8.ToArray(), wallet.ToArray()).Address;

    /// <exception cref="ArgumentException">Not a meter's id, see <see cref="MeterId"/>.</exception>
    public PublicKey Meter(string meterId) =>
        Pda.Find(Id, "meter"u8.ToArray(), MeterId.ToSeed(meterId)).Address;

    /// <summary>Once, by the program's upgrade authority, who becomes admin.</summary>
    /// <param name="energyToken">The energy token's program id.</param>
    public Instruction Initialize(PublicKey payer, PublicKey admin, PublicKey registrar, PublicKey oracle,
        PublicKey energyToken, ReadingLimits limits) =>
        Limits(BorshWriter.Of("initialize").Key(registrar).Key(oracle).Key(energyToken), limits).For(
            Id,
            AccountMeta.WritableSigner(payer),
            AccountMeta.ReadonlySigner(admin),
            AccountMeta.Readonly(UpgradeableLoader.ProgramData(Id)),
            AccountMeta.Writable(Registry),
            AccountMeta.Readonly(SystemProgram.Id));

    /// <param name="admin">The present one.</param>
    public Instruction Update(PublicKey admin, PublicKey newAdmin, PublicKey registrar, PublicKey oracle,
        ReadingLimits limits) =>
        Limits(BorshWriter.Of("update_registry").Key(newAdmin).Key(registrar).Key(oracle), limits).For(
            Id, AccountMeta.ReadonlySigner(admin), AccountMeta.Writable(Registry));

    public Instruction SetMaintenance(PublicKey admin, bool enabled) =>
        BorshWriter.Of("set_maintenance").Bool(enabled).For(
            Id, AccountMeta.ReadonlySigner(admin), AccountMeta.Writable(Registry));

    /// <param name="registrar">Also pays the account's rent.</param>
    public Instruction RegisterUser(PublicKey registrar, PublicKey wallet, UserType type) =>
        BorshWriter.Of("register_user").U8((byte)type).For(
            Id,
            AccountMeta.WritableSigner(registrar),
            AccountMeta.Readonly(Registry),
            AccountMeta.Readonly(wallet),
            AccountMeta.Writable(User(wallet)),
            AccountMeta.Readonly(SystemProgram.Id));

    /// <param name="registrar">Also pays the account's rent.</param>
    /// <param name="owner">A registered user's wallet.</param>
    /// <param name="installedAt">Unix seconds: in the last ten years.</param>
    public Instruction RegisterMeter(
        PublicKey registrar, PublicKey owner, string meterId, PublicKey device, long installedAt) =>
        BorshWriter.Of("register_meter").Text(meterId).Key(device).I64(installedAt).For(
            Id,
            AccountMeta.WritableSigner(registrar),
            AccountMeta.Readonly(Registry),
            AccountMeta.Writable(User(owner)),
            AccountMeta.Writable(Meter(meterId)),
            AccountMeta.Readonly(SystemProgram.Id));

    public Instruction SubmitMeterReading(PublicKey oracle, MeterRegisters reading) =>
        Reading(BorshWriter.Of("submit_meter_reading"), reading).For(
            Id,
            AccountMeta.ReadonlySigner(oracle),
            AccountMeta.Readonly(Registry),
            AccountMeta.Writable(Meter(reading.MeterId)));

    /// <summary>All of them or none.</summary>
    public Instruction SubmitMeterReadings(PublicKey oracle, IReadOnlyList<MeterRegisters> readings) =>
        BorshWriter.Of("submit_meter_readings").List(readings, static (to, reading) => Reading(to, reading)).For(
            Id,
            [
                AccountMeta.ReadonlySigner(oracle),
                AccountMeta.Readonly(Registry),
                .. readings.Select(reading => AccountMeta.Writable(Meter(reading.MeterId))),
            ]);

    /// <summary>Returns u64 Wh, see <see cref="ReturnData"/>.</summary>
    public Instruction GetUnsettledBalance(string meterId) =>
        BorshWriter.Of("get_unsettled_balance").For(Id, AccountMeta.Readonly(Meter(meterId)));

    /// <summary>Marks the net generation as settled without minting: the owner sells that energy elsewhere. Returns
    /// u64 Wh, see <see cref="ReturnData"/>.</summary>
    public Instruction SettleMeterBalance(PublicKey owner, string meterId) =>
        BorshWriter.Of("settle_meter_balance").For(
            Id,
            AccountMeta.ReadonlySigner(owner),
            AccountMeta.Readonly(Registry),
            AccountMeta.Writable(Meter(meterId)));

    /// <summary>Mints the net generation of each meter that is not yet settled, of all or none. Anybody may send this.
    /// </summary>
    public Instruction SettleAndMintTokens(EnergyTokenProgram energyToken, params IReadOnlyList<MeterMint> meters) =>
        BorshWriter.Of("settle_and_mint_tokens").For(
            Id,
            [
                AccountMeta.Readonly(Registry),
                AccountMeta.Readonly(energyToken.TokenConfig),
                AccountMeta.Writable(energyToken.Mint),
                AccountMeta.Readonly(energyToken.Id),
                AccountMeta.Readonly(TokenProgram.Id),
                .. meters.SelectMany(meter => MintAccounts(energyToken, meter)),
            ]);

    /// <param name="authority">The registrar or the meter's owner.</param>
    public Instruction DeactivateMeter(PublicKey authority, string meterId) =>
        BorshWriter.Of("deactivate_meter").For(
            Id,
            AccountMeta.ReadonlySigner(authority),
            AccountMeta.Readonly(Registry),
            AccountMeta.Writable(Meter(meterId)));

    private AccountMeta[] MintAccounts(EnergyTokenProgram energyToken, MeterMint meter) =>
    [
        AccountMeta.Writable(Meter(meter.MeterId)),
        AccountMeta.Writable(
            meter.Destination ?? AssociatedTokenProgram.AssociatedTokenAddress(meter.Owner, energyToken.Mint)),
    ];

    private static BorshWriter Limits(BorshWriter to, ReadingLimits limits) =>
        to.U64(limits.MinReadingIntervalSeconds).U64(limits.MaxPowerWatts).U64(limits.MaxAheadSeconds);

    private static BorshWriter Reading(BorshWriter to, MeterRegisters reading) =>
        to.U64(reading.TotalProduction).U64(reading.TotalConsumption).I64(reading.Timestamp);
}
