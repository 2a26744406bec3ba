using System.Globalization;
using GridTokenX.Programs;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;
using GridTokenX.Solana.Sending;
using GridTokenX.Testing;

namespace GridTokenX.Benchmarks.Chain;

/// <summary>A local chain of its own with the three programs initialised as a platform does it.</summary>
internal sealed class ChainRig : IAsyncDisposable
{
    public const ulong Grid = Quantities.BaseUnitsPerKilowattHour;
    public const ulong Grx = 1_000_000;

    private const ulong Sol = 1_000_000_000;
    private const ushort FeeBasisPoints = 100;
    private const ulong MaxPrice = 1_000 * Grx;
    private const long Day = 86_400;

    private static readonly ReadingLimits Limits =
        new(MinReadingIntervalSeconds: 1, MaxPowerWatts: 1_000_000, MaxAheadSeconds: 300);

    private readonly Localnet _localnet;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly Keypair _admin;
    private readonly Keypair _issuer = Keypair.Generate();
    private readonly TransactionSender _sender;
    private readonly TimeProvider _time;
    private (LatestBlockhash Blockhash, long Taken)? _blockhash;
    private int _meters;

    private ChainRig(Localnet localnet, Keypair admin, TimeProvider time)
    {
        _localnet = localnet;
        _admin = admin;
        _time = time;
        Rpc = new SolanaRpcClient(_http, new SolanaRpcOptions { Endpoint = localnet.RpcUrl }, time);
        var options = new TransactionSenderOptions { FirstPoll = TimeSpan.FromMilliseconds(5), MaxInFlight = 1024 };
        _sender = new TransactionSender(Rpc, options, time);
    }

    public SolanaRpcClient Rpc { get; }

    public Keypair Registrar { get; } = Keypair.Generate();

    public Keypair Oracle { get; } = Keypair.Generate();

    public Keypair Matcher { get; } = Keypair.Generate();

    public RegistryProgram Registry { get; } = new(LocalPrograms.Registry);

    public EnergyTokenProgram EnergyToken { get; } = new(LocalPrograms.EnergyToken);

    public TradingProgram Trading { get; private set; } = null!;

    public PublicKey FeeAccount => AssociatedTokenProgram.AssociatedTokenAddress(_issuer.PublicKey, Trading.GrxMint);

    /// <summary>The chain's time, Unix seconds; it stands still.</summary>
    public long Now { get; private set; }

    public static async Task<ChainRig> StartAsync(TimeProvider time)
    {
        var admin = Keypair.Generate();
        var options = LocalnetOptions.WithPrograms(admin.PublicKey.ToString(), simulatedClock: true);
        var rig = new ChainRig(await Localnet.StartAsync(options), admin, time);
        await rig.SetTimeAsync(time.GetUtcNow().ToUnixTimeSeconds());
        foreach (var key in (Keypair[])[admin, rig._issuer, rig.Registrar, rig.Oracle, rig.Matcher])
        {
            _ = await rig.Rpc.RequestAirdropAsync(key.PublicKey, 10_000 * Sol);
        }

        await rig.InitializeAsync();
        return rig;
    }

    public async ValueTask DisposeAsync()
    {
        await _localnet.DisposeAsync();
        _http.Dispose();
        foreach (var key in (Keypair[])[_admin, _issuer, Registrar, Oracle, Matcher])
        {
            key.Dispose();
        }
    }

    /// <summary>Moves the chain's clock.</summary>
    public async Task SetTimeAsync(long unixSeconds)
    {
        _ = await Rpc.CallAsync("gridtokenx_setTime", to => to.WriteNumberValue(unixSeconds));
        Now = unixSeconds;
    }

    /// <summary>Until it is confirmed; the first signer pays.</summary>
    public async Task<Signature> RunAsync(IReadOnlyList<Instruction> instructions, params Keypair[] signers) =>
        await SubmitAsync(await SignAsync(instructions, signers));

    public Task<Signature> RunAsync(Instruction instruction, params Keypair[] signers) =>
        RunAsync([instruction], signers);

    public async Task<SignedTransaction> SignAsync(IReadOnlyList<Instruction> instructions, params Keypair[] signers)
    {
        var blockhash = await BlockhashAsync();
        var message = Message.CompileV0(signers[0].PublicKey, blockhash.Blockhash, instructions);
        return SignedTransaction.From(new Transaction(message).Sign(signers), blockhash);
    }

    /// <summary>Until it is confirmed.</summary>
    public async Task<Signature> SubmitAsync(SignedTransaction transaction) =>
        (await _sender.SubmitAsync(transaction)).RequireConfirmed().Signature;

    /// <summary>A registered user with lamports and both token accounts.</summary>
    /// <param name="gridWattHours">Minted through a meter.</param>
    /// <param name="grx">µGRX.</param>
    public async Task<Keypair> UserAsync(ulong gridWattHours = 0, ulong grx = 0)
    {
        var user = Keypair.Generate();
        var owner = user.PublicKey;
        _ = await Rpc.RequestAirdropAsync(owner, 100 * Sol);
        await RunAsync(
            [
                AssociatedTokenProgram.Create(Registrar.PublicKey, owner, EnergyToken.Mint),
                AssociatedTokenProgram.Create(Registrar.PublicKey, owner, Trading.GrxMint),
                Registry.RegisterUser(Registrar.PublicKey, owner, UserType.Prosumer),
                TokenProgram.MintTo(Trading.GrxMint, GrxOf(owner), _issuer.PublicKey, grx),
            ],
            Registrar, _issuer);
        if (gridWattHours > 0)
        {
            var meter = await MeterAsync(owner);
            await RunAsync(ReadAndMint([(meter, owner, gridWattHours)]), Oracle);
        }

        return user;
    }

    /// <summary>Installed a thousand days ago, so that its first reading may be of any size.</summary>
    public async Task<string> MeterAsync(PublicKey owner)
    {
        var number = Interlocked.Increment(ref _meters);
        // As long as the UUIDs that the cloud core takes, without their dashes.
        var meterId = number.ToString("x32", CultureInfo.InvariantCulture);
        using var device = Keypair.Generate();
        await RunAsync(
            Registry.RegisterMeter(
                Registrar.PublicKey, owner, meterId, device.PublicKey, Now - (1_000 * Day)),
            Registrar);
        return meterId;
    }

    /// <summary>What a batch of mints is: the meters' readings, and minting what they are above the settled.</summary>
    /// <param name="meters">Production: Wh since installation.</param>
    public Instruction[] ReadAndMint(IReadOnlyList<(string Meter, PublicKey Owner, ulong Production)> meters) =>
    [
        Registry.SubmitMeterReadings(
            Oracle.PublicKey, [.. meters.Select(m => new MeterRegisters(m.Meter, m.Production, 0, Now))]),
        Registry.SettleAndMintTokens(EnergyToken, [.. meters.Select(m => new MeterMint(m.Meter, m.Owner))]),
    ];

    /// <summary>An order for a kilowatt-hour whose rent its owner pays.</summary>
    public OrderTerms Terms(ulong orderId, ulong price, long lifetime = Day) =>
        new(orderId, Grid, price, Now + lifetime);

    public PublicKey GrxOf(PublicKey owner) => AssociatedTokenProgram.AssociatedTokenAddress(owner, Trading.GrxMint);

    // It is good for a minute; two callers at once may both ask.
    private async Task<LatestBlockhash> BlockhashAsync()
    {
        if (_blockhash is not { } known || _time.GetElapsedTime(known.Taken) > TimeSpan.FromSeconds(10))
        {
            known = (await Rpc.GetLatestBlockhashAsync(), _time.GetTimestamp());
            _blockhash = known;
        }

        return known.Blockhash;
    }

    private async Task InitializeAsync()
    {
        using var mint = Keypair.Generate();
        var rent = await Rpc.GetMinimumBalanceForRentExemptionAsync(Mint.Length);
        await RunAsync(
            [
                SystemProgram.CreateAccount(_issuer.PublicKey, mint.PublicKey, rent, Mint.Length, TokenProgram.Id),
                TokenProgram.InitializeMint2(mint.PublicKey, Quantities.GrxDecimals, _issuer.PublicKey),
                AssociatedTokenProgram.Create(_issuer.PublicKey, _issuer.PublicKey, mint.PublicKey),
            ],
            _issuer, mint);
        Trading = new TradingProgram(LocalPrograms.Trading, EnergyToken.Mint, mint.PublicKey);
        var admin = _admin.PublicKey;
        var market = new MarketSettings(FeeBasisPoints, 1, MaxPrice, [Matcher.PublicKey]);
        await RunAsync(EnergyToken.Initialize(admin, admin, Registry.Registry), _admin);
        await RunAsync(
            Registry.Initialize(admin, admin, Registrar.PublicKey, Oracle.PublicKey, EnergyToken.Id, Limits), _admin);
        await RunAsync(Trading.InitializeMarket(admin, admin, FeeAccount, market), _admin);
        await RunAsync(Trading.OpenSettlementPage(admin, 0), _admin);
    }
}
