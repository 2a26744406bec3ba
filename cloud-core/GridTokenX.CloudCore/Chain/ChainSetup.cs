using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana.Rpc;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GridTokenX.CloudCore.Chain;

internal static class ChainSetup
{
    internal static void AddChain(this IServiceCollection services, IConfiguration configuration)
    {
        var options = configuration.Load<SolanaOptions>("Solana", SolanaOptions.Faults);
        _ = services
            .AddSingleton(options)
            .AddSingleton(static provider =>
                PlatformKeys.LoadOrCreateAll(provider.GetRequiredService<CloudOptions>().KeyFolder))
            .AddSingleton(CreateRpc)
            .AddSingleton(CreatePrograms)
            .AddSingleton<PlatformTransactions>()
            .AddSingleton<ProgramSetup>()
            .AddSingleton<IEnergyChain, EnergyChain>()
            .AddSingleton<IntentTransactions>()
            .AddSingleton<SettlementPages>()
            .AddSingleton<DoneOnChain>()
            .AddSingleton<ChainOutbox>()
            .AddSingleton<IChainOutbox>(static provider => provider.GetRequiredService<ChainOutbox>())
            .AddSingleton<OutboxTable>()
            .AddSingleton<OutboxCloser>()
            .AddSingleton<Receivers>()
            .AddSingleton<PaidTokenAccounts>()
            .AddSingleton<OutboxVerdicts>()
            .AddSingleton<OutboxWire>()
            .AddSingleton<OutboxBatch>()
            .AddSingleton<ChainEventStore>()
            .AddSingleton<TransactionEvents>()
            .AddSingleton<ChainHistory>()
            .AddSingleton<ChainHealth>()
            .AddSingleton<OutsideMoves>()
            .AddSingleton<Reconciler>()
            .AddSingleton<IChainEventEffect, MintEffect>()
            .AddSingleton<IChainEffect, GrantEffect>()
            .AddSingleton<IMarketWorker, MintWorker>()
            .AddSingleton<ISimulationStatus, OutboxStatus>()
            .AddSingleton(new FaultCode(
                static exception => exception is SolanaException, ProblemCodes.ChainUnavailable))
            .AddHostedService<OutboxSender>()
            .AddHostedService<ChainIndexer>()
            .AddHealthChecks().AddCheck<ChainHealth>("chain", HealthStatus.Degraded);
    }

    internal static void MapChain(this IEndpointRouteBuilder routes)
    {
        _ = routes.MapGet("/api/chain", Describe).AllowPublic();
        _ = routes.MapGet("/api/wallets/{wallet}/balances", WalletEndpoints.BalancesAsync).RequireWallet();
        var group = routes.MapGroup("/api/operator").RequireOperator();
        _ = group.MapPost("/grants", Grants.GrantAsync).RequireIdempotencyKey();
        _ = group.MapGet("/outbox", OutboxAttention.ListAsync);
        _ = group.MapPost("/outbox/{id:long}/retry", OutboxAttention.RetryAsync);
        _ = group.MapPost("/outbox/{id:long}/park", OutboxAttention.ParkAsync);
        _ = group.MapGet(
            "/reconciliation",
            static async (Reconciler reconciler, CancellationToken cancellationToken) =>
                Results.Ok(await reconciler.RunAsync(cancellationToken)));
    }

    /// <summary>Not before the accounts it names exist.</summary>
    private static IResult Describe(IEnergyChain chain, ChainHealth health) => health.IsPrepared
        ? Results.Ok(chain.Describe())
        : Problems.Of(ProblemCodes.ChainUnavailable, "The platform's accounts are not on chain yet.");

    private static SolanaRpcClient CreateRpc(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<SolanaOptions>();
#pragma warning disable CA2000 // One client for the life of the process.
        // A test may stand in the way.
        var http = new HttpClient(provider.GetService<HttpMessageHandler>() ?? new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
#pragma warning restore CA2000
        return new SolanaRpcClient(
            http,
            new SolanaRpcOptions
            {
                Endpoint = new Uri(options.RpcUrl),
                Commitment = options.Commitment,
                // The sender has its own patience; a request of the API has none.
                MaxAttempts = 2,
            },
            provider.GetRequiredService<WallTime>().Clock);
    }

    private static EnergyPrograms CreatePrograms(IServiceProvider provider)
    {
        var keys = provider.GetRequiredService<PlatformKeys>();
        return new EnergyPrograms(
            provider.GetRequiredService<SolanaOptions>().Programs, keys.GrxMint.PublicKey, keys.FeeAuthority);
    }
}

/// <summary>The outbox's part of the simulation's status.</summary>
internal sealed class OutboxStatus(OutboxTable table) : ISimulationStatus
{
    public async Task AddToAsync(SimulationCounts counts, CancellationToken cancellationToken)
    {
        var open = await table.CountAsync(cancellationToken);
        (counts.OutboxPending, counts.OutboxParked, counts.EventsOutstanding) =
            (open.Pending, open.Parked, open.Unindexed);
    }
}
