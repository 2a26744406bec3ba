using System.Collections.Concurrent;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>One process of the cloud core. Ending it loses everything that is not in the database.</summary>
internal sealed class CloudProcess(ServiceProvider services, RecordingEffect effect) : IAsyncDisposable
{
    public IEnergyChain Chain { get; } = services.GetRequiredService<IEnergyChain>();

    public IChainOutbox Outbox { get; } = services.GetRequiredService<IChainOutbox>();

    public EnergyPrograms Programs { get; } = services.GetRequiredService<EnergyPrograms>();

    public IHostedService Sender { get; } = services.GetServices<IHostedService>().OfType<OutboxSender>().Single();

    public IHostedService Indexer { get; } = services.GetServices<IHostedService>().OfType<ChainIndexer>().Single();

    public RecordingEffect Effect { get; } = effect;

    public IMarketWorker Mints { get; } = services.GetServices<IMarketWorker>().OfType<MintWorker>().Single();

    public IMarketWorker Deactivations { get; } =
        services.GetServices<IMarketWorker>().OfType<DeactivationWorker>().Single();

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    public async Task StartAsync()
    {
        await Sender.StartAsync(CancellationToken.None);
        await Indexer.StartAsync(CancellationToken.None);
    }

    public async Task<(decimal Grid, decimal Grx)> BalancesAsync(Keypair wallet)
    {
        var balances = await Chain.BalancesAsync(wallet.PublicKey.ToKey32(), CancellationToken.None);
        return balances is null ? (0, 0) : (balances.GridBaseUnits, balances.Grx.Value);
    }

    public async ValueTask DisposeAsync()
    {
        await Sender.StopAsync(CancellationToken.None);
        await Indexer.StopAsync(CancellationToken.None);
        await services.DisposeAsync();
    }
}

/// <summary>Wallets whose keys the server holds.</summary>
internal sealed class ManagedKeys : IWalletSigner
{
    private readonly ConcurrentDictionary<Key32, Keypair> _keys = new();

    public Keypair this[Key32 wallet] => _keys[wallet];

    public void Add(Keypair wallet) => _keys[wallet.PublicKey.ToKey32()] = wallet;

    public Task<bool> TrySignAsync(Key32 wallet, Transaction transaction, CancellationToken cancellationToken)
    {
        if (!_keys.TryGetValue(wallet, out var key))
        {
            return Task.FromResult(false);
        }

        _ = transaction.PartialSign(key);
        return Task.FromResult(true);
    }
}
