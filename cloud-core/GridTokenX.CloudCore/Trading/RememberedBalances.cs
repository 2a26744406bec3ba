using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// What wallets hold on chain, remembered for a moment. A remembered balance is a hint: good enough to take an order,
/// since the chain itself refuses what is not covered, and never a reason to refuse one. It is forgotten when the
/// indexer hears that an escrow was taken from the wallet.
/// </summary>
/// <param name="chain">Which is asked.</param>
/// <param name="wall">How long ago that was.</param>
/// <param name="lifetime">Zero: every balance is asked for anew.</param>
internal sealed class RememberedBalances(IEnergyChain chain, WallTime wall, TimeSpan lifetime)
{
    internal static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(2);

    // Of one request to the chain: two accounts each.
    private const int MaxRequested = 50;
    private const int MaxRemembered = 100_000;

    private readonly Remembered<Key32, (ChainBalances Balances, DateTimeOffset At)> _remembered = new(MaxRemembered);
    private long _forgotten;

    internal bool TryRemember(Key32 wallet, out ChainBalances balances)
    {
        var isThere = _remembered.TryGet(wallet, out var entry) && wall.UtcNow < entry.At + lifetime;
        balances = isThere ? entry.Balances : new ChainBalances(0, default);
        return isThere;
    }

    /// <summary>Asks the chain. A wallet without accounts holds nothing.</summary>
    internal async Task<IReadOnlyDictionary<Key32, ChainBalances>> AskAsync(
        IReadOnlyCollection<Key32> wallets, CancellationToken cancellationToken)
    {
        var before = Interlocked.Read(ref _forgotten);
        var at = wall.UtcNow;
        Dictionary<Key32, ChainBalances> found = [];
        foreach (var part in wallets.Chunk(MaxRequested))
        {
            var answers = await chain.BalancesAsync(part, cancellationToken);
            foreach (var wallet in part)
            {
                found[wallet] = answers.GetValueOrDefault(wallet) ?? new ChainBalances(0, default);
            }
        }

        // An event that came meanwhile may be younger than the answer.
        if (lifetime > TimeSpan.Zero && Interlocked.Read(ref _forgotten) == before)
        {
            foreach (var (wallet, balances) in found)
            {
                _remembered.Set(wallet, (balances, at));
            }
        }

        return found;
    }

    internal void Forget(IEnumerable<Key32> wallets)
    {
        _ = Interlocked.Increment(ref _forgotten);
        foreach (var wallet in wallets)
        {
            _remembered.Forget(wallet);
        }
    }
}
