using System.Collections.Concurrent;
using GridTokenX.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Opens the pages on which the chain ticks off settlements, before they are needed.</summary>
internal sealed class SettlementPages(
    SolanaRpcClient rpc, EnergyPrograms programs, PlatformKeys keys, PlatformTransactions transactions)
{
    /// <summary>So many settlements before a page is full the next one is opened.</summary>
    private const ulong Ahead = 8_192;
    private const int MaxAttempts = 5;

    // A page is never closed.
    private readonly ConcurrentDictionary<ulong, bool> _open = new();

    /// <exception cref="ChainSetupException">A page cannot be opened.</exception>
    public async Task EnsureAsync(IEnumerable<ChainIntent> intents, CancellationToken cancellationToken)
    {
        var pages = intents
            .OfType<SettleTrade>()
            .Where(static trade => trade.Number >= 0)
            .SelectMany(static trade => new[] { (ulong)trade.Number, (ulong)trade.Number + Ahead })
            .Select(TradingProgram.PageOf)
            .Distinct();
        foreach (var page in pages.Where(page => !_open.ContainsKey(page)).ToList())
        {
            await OpenAsync(page, cancellationToken);
        }
    }

    private async Task OpenAsync(ulong page, CancellationToken cancellationToken)
    {
        var address = programs.Trading.SettlementPage(page);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var account = await rpc.GetAccountInfoAsync(address, cancellationToken: cancellationToken);
            if (account?.Owner == programs.Trading.Id)
            {
                _open[page] = true;
                return;
            }

            var open = programs.Trading.OpenSettlementPage(keys.Platform.PublicKey, page);
            await transactions.SendAsync([open], [], cancellationToken);
        }

        throw new ChainSetupException($"Page {page} of the settlements cannot be opened.");
    }
}
