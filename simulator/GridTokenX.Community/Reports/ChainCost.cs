using GridTokenX.Community.MarketMode;

namespace GridTokenX.Community.Reports;

/// <summary>What a run would take on chain, by the programs' measured costs (benchmarks/RESULTS.md).</summary>
internal static class ChainCost
{
    private const long UnitsOfOrder = 4_309;
    private const long UnitsOfWithdrawal = 2_077;
    private const long UnitsOfSettlement = 6_474;
    private const long UnitsOfMint = 4_378;

    /// <summary>Of strangers, who pay their accounts' rent themselves.</summary>
    private const long SettlementsPerTransaction = 3;

    private const long LamportsPerTransaction = 5_000;

    public static ChainReport Of(MarketRun run)
    {
        var (placed, withdrawn) = run.Orders;
        var trades = run.Rows.Sum(static row => (long)row.Trades);
        var settling = (trades + SettlementsPerTransaction - 1) / SettlementsPerTransaction;
        var transactions = placed + withdrawn + settling + run.Mints.Transactions;
        return new ChainReport(
            placed,
            withdrawn,
            trades,
            run.Mints.Count,
            transactions,
            (placed * UnitsOfOrder) + (withdrawn * UnitsOfWithdrawal) + (trades * UnitsOfSettlement)
                + (run.Mints.Count * UnitsOfMint),
            transactions * LamportsPerTransaction);
    }
}
