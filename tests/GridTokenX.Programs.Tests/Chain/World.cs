using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Events;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Testing;

namespace GridTokenX.Programs.Tests.Chain;

/// <summary>A chain on which the programs are initialised, with everyone who holds a role in them.</summary>
internal sealed class World : IAsyncDisposable
{
    public const ushort FeeBasisPoints = 100;
    public const ulong MinPrice = 500;
    public const ulong MaxPrice = 10_000_000_000;

    public static readonly ReadingLimits Limits = new(300, 36_000_000, 120);

    private int _meters;
    private ulong _settlements;

    private World(ProgramChain chain, Keypair admin)
    {
        Chain = chain;
        Admin = admin;
    }

    public ProgramChain Chain { get; }

    /// <summary>Upgrade authority and admin of the programs.</summary>
    public Keypair Admin { get; }

    public Keypair Registrar { get; } = Keypair.Generate();

    public Keypair Oracle { get; } = Keypair.Generate();

    public Keypair Matcher { get; } = Keypair.Generate();

    public Keypair SecondMatcher { get; } = Keypair.Generate();

    /// <summary>Mints GRX, and owns the fee account.</summary>
    public Keypair Issuer { get; } = Keypair.Generate();

    public PublicKey FeeAccount => AssociatedTokenProgram.AssociatedTokenAddress(Issuer.PublicKey, Trading.GrxMint);

    public RegistryProgram Registry { get; } = new(LocalPrograms.Registry);

    public EnergyTokenProgram EnergyToken { get; } = new(LocalPrograms.EnergyToken);

    public TradingProgram Trading { get; private set; } = null!;

    public MarketSettings Settings =>
        new(FeeBasisPoints, MinPrice, MaxPrice, [Matcher.PublicKey, SecondMatcher.PublicKey]);

    /// <summary>The programs are loaded, roles have lamports, the GRX mint exists; nothing is initialised.</summary>
    public static async Task<World> StartAsync(
        IReadOnlyDictionary<string, string>? furtherPrograms = null, bool hasUpgradeAuthority = true)
    {
        var admin = Keypair.Generate();
        var options = LocalnetOptions.WithPrograms(admin.PublicKey.ToString(), simulatedClock: true);
        options = options with
        {
            UpgradeAuthority = hasUpgradeAuthority ? options.UpgradeAuthority : null,
            Programs = options.Programs.Concat(furtherPrograms ?? new Dictionary<string, string>()).ToDictionary(),
        };
        var world = new World(await ProgramChain.StartAsync(options), admin);
        foreach (var role in (Keypair[])[admin, world.Registrar, world.Issuer])
        {
            await world.Chain.AirdropAsync(role.PublicKey, 1_000 * ProgramChain.Sol);
        }

        var grxMint = await world.CreateMintAsync(Quantities.GrxDecimals);
        world.Trading = new TradingProgram(LocalPrograms.Trading, world.EnergyToken.Mint, grxMint);
        await world.Chain.RunAsync(
            AssociatedTokenProgram.Create(world.Issuer.PublicKey, world.Issuer.PublicKey, grxMint), world.Issuer);
        return world;
    }

    public static async Task<World> InitializedAsync(IReadOnlyDictionary<string, string>? furtherPrograms = null)
    {
        var world = await StartAsync(furtherPrograms);
        await world.InitializeAsync();
        return world;
    }

    public async Task InitializeAsync()
    {
        await Chain.RunAsync(InitializeEnergyToken(), Admin);
        await Chain.RunAsync(InitializeRegistry(), Admin);
        await Chain.RunAsync(InitializeMarket(Settings), Admin);
        await Chain.RunAsync(Trading.OpenSettlementPage(Issuer.PublicKey, 0), Issuer);
    }

    public Instruction InitializeEnergyToken() =>
        EnergyToken.Initialize(Admin.PublicKey, Admin.PublicKey, Registry.Registry);

    public Instruction InitializeRegistry(ReadingLimits? limits = null) => Registry.Initialize(
        Admin.PublicKey, Admin.PublicKey, Registrar.PublicKey, Oracle.PublicKey, EnergyToken.Id, limits ?? Limits);

    public Instruction InitializeMarket(MarketSettings settings) =>
        Trading.InitializeMarket(Admin.PublicKey, Admin.PublicKey, FeeAccount, settings);

    public async ValueTask DisposeAsync()
    {
        await Chain.DisposeAsync();
        foreach (var key in (Keypair[])[Admin, Registrar, Oracle, Matcher, SecondMatcher, Issuer])
        {
            key.Dispose();
        }
    }

    /// <summary>A mint whose authority is the issuer, who may also freeze its accounts if anybody may.</summary>
    public async Task<PublicKey> CreateMintAsync(byte decimals, bool isFreezable = false)
    {
        using var mint = Keypair.Generate();
        var rent = await Chain.Rpc.GetMinimumBalanceForRentExemptionAsync(Mint.Length);
        await Chain.RunAsync(
            [
                SystemProgram.CreateAccount(Issuer.PublicKey, mint.PublicKey, rent, Mint.Length, TokenProgram.Id),
                TokenProgram.InitializeMint2(
                    mint.PublicKey, decimals, Issuer.PublicKey, isFreezable ? Issuer.PublicKey : null),
            ],
            Issuer, mint);
        return mint.PublicKey;
    }

    /// <summary>A token account of the owner's that is not the associated one.</summary>
    public async Task<PublicKey> CreateTokenAccountAsync(PublicKey mint, PublicKey owner)
    {
        using var account = Keypair.Generate();
        var rent = await Chain.Rpc.GetMinimumBalanceForRentExemptionAsync(TokenAccount.Length);
        await Chain.RunAsync(
            [
                SystemProgram.CreateAccount(
                    Issuer.PublicKey, account.PublicKey, rent, TokenAccount.Length, TokenProgram.Id),
                TokenProgram.InitializeAccount3(account.PublicKey, mint, owner),
            ],
            Issuer, account);
        return account.PublicKey;
    }

    public PublicKey GridOf(PublicKey owner) =>
        AssociatedTokenProgram.AssociatedTokenAddress(owner, EnergyToken.Mint);

    public PublicKey GrxOf(PublicKey owner) => AssociatedTokenProgram.AssociatedTokenAddress(owner, Trading.GrxMint);

    /// <summary>A registered user with both token accounts.</summary>
    /// <param name="gridWattHours">Minted through a meter.</param>
    /// <param name="grx">µGRX.</param>
    public async Task<Keypair> UserAsync(ulong gridWattHours = 0, ulong grx = 0)
    {
        var user = await Chain.FundedAsync();
        var owner = user.PublicKey;
        await Chain.RunAsync(
            [
                AssociatedTokenProgram.Create(Registrar.PublicKey, owner, EnergyToken.Mint),
                AssociatedTokenProgram.Create(Registrar.PublicKey, owner, Trading.GrxMint),
                Registry.RegisterUser(Registrar.PublicKey, owner, UserType.Prosumer),
                TokenProgram.MintTo(Trading.GrxMint, GrxOf(owner), Issuer.PublicKey, grx),
            ],
            Registrar, Issuer);
        if (gridWattHours > 0)
        {
            var meterId = await MeterAsync(owner);
            await ReadAsync(meterId, gridWattHours, 0, Chain.Now);
            await Chain.RunAsync(Registry.SettleAndMintTokens(EnergyToken, new MeterMint(meterId, owner)));
        }

        return user;
    }

    /// <summary>Installed a thousand days ago, so that its first reading may be of any size.</summary>
    public async Task<string> MeterAsync(PublicKey owner)
    {
        var meterId = $"meter-{_meters++}";
        await Chain.RunAsync(
            Registry.RegisterMeter(
                Registrar.PublicKey, owner, meterId, Device(meterId), Chain.Now - (1_000 * 86_400)),
            Registrar);
        return meterId;
    }

    public static PublicKey Device(string meterId) => Client.Some.Key($"device of {meterId}");

    public Task<Executed> ReadAsync(string meterId, ulong production, ulong consumption, long at) =>
        Chain.RunAsync(
            Registry.SubmitMeterReading(
                Oracle.PublicKey, new MeterRegisters(meterId, production, consumption, at)),
            Oracle);

    /// <summary>A number that no settlement of this chain has had, on page 0.</summary>
    public ulong NextSettlement() => _settlements++;

    /// <summary>An order whose rent the owner pays himself.</summary>
    public async Task<OrderReference> OrderAsync(OrderSide side, Keypair owner, OrderTerms terms)
    {
        await Chain.RunAsync(Trading.CreateOrder(side, owner.PublicKey, owner.PublicKey, terms), owner);
        return new OrderReference(owner.PublicKey, terms.OrderId, owner.PublicKey);
    }

    /// <summary>The one event of the transaction, which was read whole.</summary>
    public ProgramEvent EventOf(Executed executed) => EventsOf(executed).ShouldHaveSingleItem();

    public IReadOnlyList<ProgramEvent> EventsOf(Executed executed)
    {
        var read = new ProgramEventReader(Registry.Id, EnergyToken.Id, Trading.Id).Read(executed.Logs);
        read.IsTruncated.ShouldBeFalse();
        read.Unreadable.ShouldBeEmpty();
        return read.Events;
    }

    public Task<ulong> RentAsync(ulong length) => Chain.Rpc.GetMinimumBalanceForRentExemptionAsync(length);

    public Task<OrderAccount> OrderOfAsync(OrderReference order) =>
        Chain.AccountAsync(Trading.Order(order.Owner, order.OrderId), OrderAccount.Parse);

    public Task<MeterAccount> MeterOfAsync(string meterId) =>
        Chain.AccountAsync(Registry.Meter(meterId), MeterAccount.Parse);
}
