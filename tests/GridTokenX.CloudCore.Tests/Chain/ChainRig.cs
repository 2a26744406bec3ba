using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;
using GridTokenX.Solana.Sending;
using GridTokenX.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>A database of its own on a real chain; cloud core processes are started and ended on it at will.</summary>
internal sealed class ChainRig : IAsyncDisposable
{
    private readonly PlatformChain _chain;
    private readonly string _connectionString;
    private readonly HttpClient _http = new();

    private ChainRig(PlatformChain chain, string connectionString)
    {
        _chain = chain;
        _connectionString = connectionString;
        Source = NpgsqlDataSource.Create(connectionString);
        Rpc = new SolanaRpcClient(
            _http, new SolanaRpcOptions { Endpoint = chain.Localnet.RpcUrl }, TimeProvider.System);
        Sender = new TransactionSender(Rpc, new TransactionSenderOptions(), TimeProvider.System);
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>A straight way to the chain, past everything that is tested.</summary>
    public SolanaRpcClient Rpc { get; }

    public TransactionSender Sender { get; }

    /// <summary>Starts with the chain's, and stands still.</summary>
    public SteppedTime MarketTime { get; } = new(TimeProvider.System.GetUtcNow());

    /// <summary>Whether the chain's events move the orders, as trading has it.</summary>
    public bool MovesOrders { get; set; }

    public ManagedKeys Managed { get; } = new();

    public static async Task<ChainRig> CreateAsync(PlatformChain chain, PostgresServer? server = null)
    {
        Database.RegisterTypes();
        server ??= await PostgresServer.SharedAsync();
        var rig = new ChainRig(chain, await server.CreateDatabaseAsync());
        _ = await Migrator.ApplyAsync(rig.Source, Migration.Embedded(), CancellationToken.None);
        await rig.ExecuteAsync(RecordingEffect.Tables);
        return rig;
    }

    /// <summary>A cloud core with the chain's part only; it sends and follows.</summary>
    public async Task<CloudProcess> StartAsync(ScriptedRpc? rpc = null)
    {
        var process = Create(rpc);
        await process.StartAsync();
        return process;
    }

    /// <summary>The same, but it does nothing by itself.</summary>
    /// <param name="rpc">Stands between it and the chain.</param>
    /// <param name="settings">Above the usual ones.</param>
    public CloudProcess Create(ScriptedRpc? rpc = null, params (string Key, string? Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["Solana:RpcUrl"] = _chain.Localnet.RpcUrl.ToString(),
            ["Solana:WsUrl"] = _chain.Localnet.PubSubUrl.ToString(),
            ["Solana:AirdropIfPoor"] = "true",
            ["Solana:BaseBackoff"] = "00:00:00.020",
            ["Solana:MaxBackoff"] = "00:00:00.200",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        var services = new ServiceCollection();
        var effect = new RecordingEffect();
        AddSurroundings(services, all.GetValueOrDefault("KeyFolder") ?? _chain.KeyFolder);
        _ = all.Remove("KeyFolder");
        if (rpc is not null)
        {
            _ = services.AddSingleton<HttpMessageHandler>(rpc);
        }

        services.AddChain(new ConfigurationBuilder().AddInMemoryCollection(all).Build());
        _ = services
            .AddSingleton<IWalletSigner>(Managed)
            .AddSingleton<IMarketWorker, DeactivationWorker>()
            .AddSingleton<RegistrationEffect>()
            .AddSingleton<IChainEventEffect>(static s => s.GetRequiredService<RegistrationEffect>())
            .AddSingleton<IChainEventEffect>(effect)
            .AddSingleton<IChainEffect>(effect);
        if (MovesOrders)
        {
            _ = services
                .AddSingleton(static s => new RememberedBalances(
                    s.GetRequiredService<IEnergyChain>(), s.GetRequiredService<WallTime>(), TimeSpan.Zero))
                .AddSingleton(static s => new ZoneMarkets(
                    s.GetRequiredService<NpgsqlDataSource>(),
                    s.GetRequiredService<IChainOutbox>(),
                    s.GetRequiredService<TimeProvider>(),
                    s.GetRequiredService<WallTime>(),
                    new TradingOptions(),
                    new MarketRules(new MarketOptions()),
                    TimeSpan.Zero,
                    NullLogger<ZoneMarkets>.Instance))
                .AddSingleton<IChainEventEffect, OrderEvents>();
        }

        return new CloudProcess(services.BuildServiceProvider(), effect);
    }

    public async Task<bool> SendAsync(Keypair payer, params Instruction[] instructions)
    {
        var latest = await Rpc.GetLatestBlockhashAsync();
        var message = Message.CompileLegacy(payer.PublicKey, latest.Blockhash, instructions);
        var signed = SignedTransaction.From(new Transaction(message).Sign(payer), latest);
        return (await Sender.SubmitAsync(signed, CancellationToken.None)).Status == SubmissionStatus.Confirmed;
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

    public async Task DoAsync(CloudProcess process, params ChainIntent[] intents)
    {
        await EnqueueAsync(process, intents);
        await UntilStatusAsync("confirmed", intents);
    }

    public Task UntilStatusAsync(string status, params ChainIntent[] intents)
    {
        var ids = intents.Select(static intent => intent.Id).ToArray();
        return UntilAsync(
            async () => await CountAsync(
                "select count(*) from chain_outbox where status = $1 and intent_id = any ($2)",
                status,
                ids) == ids.Length);
    }

    /// <summary>Nothing is under way, and the events of all that has happened are applied.</summary>
    public Task UntilIdleAsync(CloudProcess process) => UntilAsync(
        async () => await process.Get<OutboxTable>().CountAsync(CancellationToken.None)
            is { Pending: 0, Unindexed: 0 });

    public async Task<long> CountAsync(string sql, params object[] parameters) =>
        await ScalarAsync<long>(sql, parameters);

    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Source.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { Value = parameter });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }

    public Task<string> ErrorOfAsync(ChainIntent intent) =>
        ScalarAsync<string>("select last_error from chain_outbox where intent_id = $1", intent.Id);

    public Task<string> SignatureOfAsync(ChainIntent intent) =>
        ScalarAsync<string>("select tx_signature from chain_outbox where intent_id = $1", intent.Id);

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
    }

    /// <summary>Shows the outbox when it is not to be.</summary>
    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        try
        {
            await Eventually.HoldsAsync(condition, TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException exception)
        {
            var rows = await ScalarAsync<string>(
                """
                select coalesce(string_agg(concat_ws(' ', id, kind, status, attempts, 'indexed', indexed, last_error),
                    E'\n' order by id), 'no rows')
                from chain_outbox where status <> 'confirmed' or not indexed
                """);
            throw new TimeoutException($"The outbox stays as it is:\n{rows}", exception);
        }
    }

    private void AddSurroundings(ServiceCollection services, string keyFolder)
    {
        var ready = new DatabaseReadiness();
        ready.Set();
        _ = services
            .AddLogging(static logging => logging.SetMinimumLevel(LogLevel.None))
            .AddSingleton(new CloudOptions
            {
                Database = _connectionString,
                KeyFolder = keyFolder,
                OperatorKey = new Key32(new byte[32]).ToString(),
            })
            .AddSingleton(new WallTime(TimeProvider.System))
            .AddSingleton<TimeProvider>(MarketTime)
            .AddSingleton(_ => NpgsqlDataSource.Create(_connectionString))
            .AddSingleton(ready);
    }
}
