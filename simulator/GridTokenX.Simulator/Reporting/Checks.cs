namespace GridTokenX.Simulator.Reporting;

/// <summary>What must hold at the end of a run. Each sentence is a check that did not.</summary>
internal static class Checks
{
    /// <summary>Of a transaction with one signature.</summary>
    private const long FeeLamports = 5_000;

    public static IEnumerable<string> Problems(DemoReport report, Books books)
    {
        var cloud = books.Cloud;
        return Conservation(report, books)
            .Concat(Readings(report, books))
            .Concat(
            [
                .. Unless(cloud.Settlements.Failed == 0, $"{cloud.Settlements.Failed} settlements failed"),
                .. Unless(cloud.Settlements.Pending == 0, $"{cloud.Settlements.Pending} settlements are unfinished"),
                .. Unless(cloud.Settlements.Completed == report.Matches,
                    $"{report.Matches} matches, but {cloud.Settlements.Completed} settlements"),
                .. Unless(cloud.Epochs.Settled == cloud.Epochs.Cleared,
                    $"{cloud.Epochs.Cleared} epochs are cleared, but {cloud.Epochs.Settled} settled"),
                .. Unless(cloud.Locks.Queued == 0, $"{cloud.Locks.Queued} locks are still queued"),
                .. Unless(cloud.Chain.Pending == 0, $"{cloud.Chain.Pending} transactions are unfinished"),

                // The chain's only legitimate refusal is an escrow that a wallet could not pay; its order is rejected.
                .. Unless(cloud.Chain.Failed <= report.Orders.Rejected,
                    $"{cloud.Chain.Failed} transactions failed, but {report.Orders.Rejected} orders were rejected"),
            ])
            .Concat(ZoneTotals.Problems(books))
            .Concat(books.Outcome.Refusals);
    }

    private static IEnumerable<string> Conservation(DemoReport report, Books books)
    {
        var mintedWh = books.Homes.Sum(static home => home.MintedWh);
        var ledger = books.Ledger;
        var differences = books.Reconciliation.Differences.Concat(books.Reconciliation.Outside).ToList();
        return
        [
            .. Unless(report.Conservation.GridOk,
                $"GRID: supply {ledger.GridSupply}, retired {books.Cloud.Energy.RetiredGrid}, "
                + $"held {ledger.GridHeld}, in orders {ledger.GridInOrders} of "
                + $"{ledger.GridVault}, measured net generation {mintedWh} Wh, settled {ledger.SettledWh} Wh"),
            .. Unless(report.Conservation.GrxOk,
                $"GRX: supply {ledger.GrxSupply}, held {ledger.GrxHeld}, in orders {ledger.GrxInOrders} of "
                + $"{ledger.GrxVault}, granted {books.Outcome.GrantedUgrx}"),
            .. Unless(ledger.OpenOrders == 0, $"{ledger.OpenOrders} orders are still open on chain"),
            .. Unless(ledger.Fees == (ulong)report.Settlements.FeeUgrx,
                $"{report.Settlements.FeeUgrx} µGRX of fees, but the fee account has {ledger.Fees}"),
            .. Rent(report, books),
            .. Unless(report.Conservation.DatabaseMatchesChain,
                $"the database differs from the chain in {differences.Count} places: "
                + string.Join("; ", differences.Take(5))),
            .. Unless(report.Energy.MintedWh == mintedWh, $"minted {report.Energy.MintedWh} Wh of {mintedWh} Wh"),
        ];
    }

    /// <summary>
    /// What the homes' wallets have spent is the fees of their transactions, and nothing else: the rent of each order's
    /// account has come back. A refused transaction may or may not have paid its fee.
    /// </summary>
    private static string[] Rent(DemoReport report, Books books)
    {
        var spent = books.LamportsAtFirst - books.Ledger.Lamports;
        var most = (Int128)books.Outcome.Transactions * FeeLamports;
        var least = most - ((Int128)(report.Orders.Rejected + books.Outcome.Refusals.Count) * FeeLamports);
        return Unless(
            spent >= least && spent <= most && spent % FeeLamports == 0,
            $"the homes spent {spent} lamports on {books.Outcome.Transactions} transactions");
    }

    private static IEnumerable<string> Readings(DemoReport report, Books books) =>
    [
        .. Unless(report.Readings.Lost == (HasFaults(report) ? report.Readings.Rejected : 0),
            $"{report.Readings.Lost} readings are lost"),
        .. Unless(report.Readings.Rejected == 0 || HasFaults(report),
            $"{report.Readings.Rejected} readings were rejected: "
            + string.Join(", ", books.Cloud.Readings.RejectedByCode.Select(static row => $"{row.Value} {row.Key}"))),
        .. Unless(books.Cloud.Energy.ProducedWh == report.Energy.ProducedWh,
            $"the cloud counts {books.Cloud.Energy.ProducedWh} Wh produced, the homes {report.Energy.ProducedWh}"),
        .. Unless(books.Cloud.Energy.ConsumedWh == report.Energy.ConsumedWh,
            $"the cloud counts {books.Cloud.Energy.ConsumedWh} Wh consumed, the homes {report.Energy.ConsumedWh}"),
    ];

    /// <summary>
    /// A clock that is wrong, or a reading that comes too late, costs readings, but no energy: it is in later ones.
    /// </summary>
    private static bool HasFaults(DemoReport report) => report.Faults.Any(static fault => fault.Played);

    private static string[] Unless(bool holds, string problem) => holds ? [] : [problem];
}
