using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;
using GridTokenX.Solana.Sending;
using GridTokenX.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>
/// A database and keys of its own on a real chain; cloud core processes are started and ended on it at will.
/// </summary>
internal sealed class ChainRig : IAsyncDisposable
{
    private readonly Localnet _localnet;
    private readonly string _connectionString;
    private readonly string _keyFolder = Directory.CreateTempSubdirectory("gtx-keys-").FullName;
    private readonly HttpClient _http = new();

    private ChainRig(Localnet localnet, string connectionString)
    {
        _localnet = localnet;
        _connectionString = connectionString;
        Source = NpgsqlDataSource.Create(connectionString);
        Rpc = new SolanaRpcClient(_http, new SolanaRpcOptions { Endpoint = localnet.RpcUrl }, TimeProvider.System);
        Sender = new TransactionSender(Rpc, new TransactionSenderOptions(), TimeProvider.System);
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>A straight way to the chain, past everything that is tested.</summary>
    public SolanaRpcClient Rpc { get; }

    public TransactionSender Sender { get; }

    public SteppedTime MarketTime { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public static async Task<ChainRig> CreateAsync(Localnet localnet, PostgresServer? server = null)
    {
        server ??= await PostgresServer.SharedAsync();
        var rig = new ChainRig(localnet, await server.CreateDatabaseAsync());
        _ = await Migrator.ApplyAsync(rig.Source, Migration.Embedded(), CancellationToken.None);
        await rig.ExecuteAsync(RecordingEffect.Table);
        return rig;
    }

    /// <summary>A cloud core with the chain's part only; the sender runs.</summary>
    public async Task<CloudProcess> StartAsync(ScriptedRpc? rpc = null)
    {
        var process = Create(rpc);
        await process.Sender.StartAsync(CancellationToken.None);
        return process;
    }

    /// <summary>The same, but nothing is sent.</summary>
    public CloudProcess Create(ScriptedRpc? rpc = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Solana:RpcUrl"] = _localnet.RpcUrl.ToString(),
            ["Solana:AirdropIfPoor"] = "true",
            ["Solana:BaseBackoff"] = "00:00:00.020",
            ["Solana:MaxBackoff"] = "00:00:00.200",
        }).Build();
        var services = new ServiceCollection();
        var ready = new DatabaseReadiness();
        ready.Set();
        var effect = new RecordingEffect();
        _ = services
            .AddLogging(static logging => logging.SetMinimumLevel(LogLevel.None))
            .AddSingleton(new CloudOptions
            {
                Database = _connectionString,
                KeyFolder = _keyFolder,
                OperatorKey = new Key32(new byte[32]).ToString(),
            })
            .AddSingleton(new WallTime(TimeProvider.System))
            .AddSingleton<TimeProvider>(MarketTime)
            .AddSingleton(_ => NpgsqlDataSource.Create(_connectionString))
            .AddSingleton(ready);
        if (rpc is not null)
        {
            _ = services.AddSingleton<HttpMessageHandler>(rpc);
        }

        services.AddChain(configuration);
        _ = services.AddSingleton<IChainEffect>(effect);
        return new CloudProcess(services.BuildServiceProvider(), effect);
    }

    /// <summary>A wallet with SOL, both token accounts, and (unless told) the platform as delegate of both.</summary>
    public async Task<Keypair> CreateWalletAsync(CloudProcess process, bool delegates = true)
    {
        var wallet = Keypair.Generate();
        var info = process.Chain.Describe();
        var owner = wallet.PublicKey;
        var airdrop = await Rpc.RequestAirdropAsync(owner, 1_000_000_000);
        await Eventually.HoldsAsync(async () => (await Rpc.GetSignatureStatusesAsync([airdrop]))[0] is not null);
        var instructions = new List<Instruction>();
        foreach (var mint in new[] { info.GridMint.ToPublicKey(), info.GrxMint.ToPublicKey() })
        {
            instructions.Add(AssociatedTokenProgram.CreateIdempotent(owner, owner, mint));
            if (delegates)
            {
                instructions.Add(TokenProgram.Approve(
                    AssociatedTokenProgram.AssociatedTokenAddress(owner, mint),
                    info.EscrowDelegate.ToPublicKey(),
                    owner,
                    ulong.MaxValue));
            }
        }

        await SendAsync(wallet, [.. instructions]);
        return wallet;
    }

    public async Task SendAsync(Keypair payer, params Instruction[] instructions)
    {
        var latest = await Rpc.GetLatestBlockhashAsync();
        var message = Message.CompileLegacy(payer.PublicKey, latest.Blockhash, instructions);
        var signed = SignedTransaction.From(new Transaction(message).Sign(payer), latest);
        _ = (await Sender.SubmitAsync(signed, CancellationToken.None)).RequireConfirmed();
    }

    public async Task EnqueueAsync(CloudProcess process, params ChainIntent[] intents)
    {
        await using (var unit = await Source.BeginAsync(CancellationToken.None))
        {
            await process.Outbox.EnqueueAsync(unit.Transaction, intents, CancellationToken.None);
            await unit.CommitAsync(CancellationToken.None);
        }

        process.Outbox.Wake();
    }

    public Task UntilStatusAsync(string status, params ChainIntent[] intents)
    {
        var ids = intents.Select(static intent => intent.Id).ToArray();
        return Eventually.HoldsAsync(
            async () => await CountAsync(
                "select count(*) from chain_outbox where status = $1 and intent_id = any ($2)",
                status,
                ids) == ids.Length,
            TimeSpan.FromSeconds(120));
    }

    public async Task<long> CountAsync(string sql, params object[] parameters)
    {
        await using var command = Source.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { Value = parameter });
        }

        return (long)(await command.ExecuteScalarAsync())!;
    }

    public Task<long> EffectsAsync(ChainIntent intent, string what) =>
        CountAsync("select count(*) from test_effects where intent = $1 and what = $2", intent.Id, what);

    public async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = Source.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { Value = parameter });
        }

        _ = await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_keyFolder, recursive: true);
    }
}

/// <summary>One process of the cloud core. Ending it loses everything that is not in the database.</summary>
internal sealed class CloudProcess(ServiceProvider services, RecordingEffect effect) : IAsyncDisposable
{
    public IEnergyChain Chain { get; } = services.GetRequiredService<IEnergyChain>();

    public IChainOutbox Outbox { get; } = services.GetRequiredService<IChainOutbox>();

    public IHostedService Sender { get; } = services.GetServices<IHostedService>().OfType<OutboxSender>().Single();

    public RecordingEffect Effect { get; } = effect;

    public IMarketWorker Mints { get; } = services.GetServices<IMarketWorker>().OfType<MintWorker>().Single();

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    public async Task<(decimal Grid, decimal Grx)> BalancesAsync(Keypair wallet)
    {
        var balances = await Chain.BalancesAsync(wallet.PublicKey.ToKey32(), CancellationToken.None);
        return balances is null ? (0, 0) : (balances.GridBaseUnits, balances.Grx.Value);
    }

    public async ValueTask DisposeAsync()
    {
        await Sender.StopAsync(CancellationToken.None);
        await services.DisposeAsync();
    }
}

internal static class Some
{
    public static MintEnergy Mint(Keypair wallet, long wh) =>
        new(Guid.NewGuid(), "meter-1", wallet.PublicKey.ToKey32(), new WattHours(wh));

    public static GrantMoney Grant(Keypair wallet, long microGrx) =>
        new(Guid.NewGuid(), wallet.PublicKey.ToKey32(), new MicroGrx(microGrx));

    public static DepositEnergy Deposit(Keypair wallet, WattHours energy) =>
        new(Guid.NewGuid(), Guid.NewGuid(), wallet.PublicKey.ToKey32(), energy);

    public static DepositMoney Deposit(Keypair wallet, MicroGrx amount) =>
        new(Guid.NewGuid(), Guid.NewGuid(), wallet.PublicKey.ToKey32(), amount);
}
