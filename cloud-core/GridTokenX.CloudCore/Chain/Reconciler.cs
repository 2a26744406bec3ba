using System.Data;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Compares the chain with our books, to the base unit. The books are the confirmed intents: each says what it moved.
/// Supplies and fees are also compared with what the mints, grants and settlements themselves say.
/// </summary>
internal sealed class Reconciler(NpgsqlDataSource source, IEnergyChain chain)
{
    public async Task<ReconciliationReport> RunAsync(CancellationToken cancellationToken)
    {
        var books = await ReadBooksAsync(cancellationToken);
        var totals = await chain.TotalsAsync(cancellationToken);
        var balances = await chain.BalancesAsync([.. books.Wallets.Keys], cancellationToken);
        var moved = await MovedSinceAsync(books.Moved, cancellationToken);

        var found = new List<ReconciliationDifference>();
        var compared = 0;
        Compare("GRID supply", books.Totals.GridSupply, totals.GridSupply);
        Compare("GRID supply by mints", books.Totals.Mints, totals.GridSupply);
        Compare("GRID escrow", books.Totals.GridEscrow, totals.GridEscrow);
        Compare("GRX supply", books.Totals.GrxSupply, totals.GrxSupply.Value);
        Compare("GRX supply by grants", books.Totals.Grants, totals.GrxSupply.Value);
        Compare("GRX escrow", books.Totals.GrxEscrow, totals.GrxEscrow.Value);
        Compare("fees", books.Totals.Fees, totals.Fees.Value);
        Compare("fees by settlements", books.Totals.SettlementFees, totals.Fees.Value);
        foreach (var (wallet, (grid, grx)) in books.Wallets)
        {
            var onChain = balances.GetValueOrDefault(wallet);
            Compare($"wallet {wallet} GRID", grid, onChain?.GridBaseUnits ?? 0);
            Compare($"wallet {wallet} GRX", grx, onChain?.Grx.Value ?? 0);
        }

        return new ReconciliationReport(found.Count == 0, compared, books.Open + moved, found);

        void Compare(string what, decimal database, decimal onChain)
        {
            compared++;
            if (database != onChain)
            {
                found.Add(new ReconciliationDifference(what, database, onChain));
            }
        }
    }

    private async Task<Books> ReadBooksAsync(CancellationToken cancellationToken)
    {
        await using var unit = await source.BeginAsync(cancellationToken, IsolationLevel.RepeatableRead);
        var totals = await ReadTotalsAsync(unit, cancellationToken);
        var wallets = await ReadWalletsAsync(unit, cancellationToken);
        var (open, moved) = await ReadProgressAsync(unit.Connection, cancellationToken);
        return new Books(totals, wallets, open, moved);
    }

    private static async Task<BookTotals> ReadTotalsAsync(UnitOfWork unit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            with moved as (
                select kind,
                    sum((intent->>'energy')::numeric) * 1000000 as energy,
                    sum((intent->>'amount')::numeric) as amount,
                    sum((intent->>'to_seller')::numeric) as to_seller,
                    sum((intent->>'fee')::numeric) as fee,
                    sum((intent->>'refund')::numeric) as refund
                from chain_outbox where status = 'confirmed' group by kind)
            select
                coalesce(sum(energy) filter (where kind = 'mint_energy'), 0),
                coalesce(sum(case kind when 'deposit_energy' then energy else -energy end)
                    filter (where kind in ('deposit_energy', 'refund_energy', 'settle_trade')), 0),
                coalesce(sum(amount) filter (where kind = 'grant_money'), 0),
                coalesce(sum(case kind
                        when 'deposit_money' then amount
                        when 'refund_money' then -amount
                        else -(to_seller + fee + refund) end)
                    filter (where kind in ('deposit_money', 'refund_money', 'settle_trade')), 0),
                coalesce(sum(fee), 0),
                (select coalesce(sum(to_net_wh - from_net_wh), 0) * 1000000 from mints where status = 'completed'),
                (select coalesce(sum(amount_ugrx), 0) from grants where status = 'completed'),
                (select coalesce(sum(fee_ugrx), 0) from settlements where status = 'completed')
            from moved
            """,
            unit.Connection,
            unit.Transaction);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        _ = await reader.ReadAsync(cancellationToken);
        return new BookTotals(
            reader.GetDecimal(0),
            reader.GetDecimal(1),
            reader.GetDecimal(2),
            reader.GetDecimal(3),
            reader.GetDecimal(4),
            reader.GetDecimal(5),
            reader.GetDecimal(6),
            reader.GetDecimal(7));
    }

    private static async Task<Dictionary<Key32, (decimal Grid, decimal Grx)>> ReadWalletsAsync(
        UnitOfWork unit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            with moved as (
                select kind, intent->>'wallet' as wallet, intent->>'buyer' as buyer, intent->>'seller' as seller,
                    (intent->>'energy')::numeric * 1000000 as energy, (intent->>'amount')::numeric as amount,
                    (intent->>'to_seller')::numeric as to_seller, (intent->>'refund')::numeric as refund
                from chain_outbox where status = 'confirmed'),
            booked (wallet, grid, grx) as (
                select wallet,
                    case kind when 'deposit_energy' then -energy else energy end,
                    case kind when 'deposit_money' then -amount else amount end
                from moved where wallet is not null
                union all select buyer, energy, refund from moved where kind = 'settle_trade'
                union all select seller, 0, to_seller from moved where kind = 'settle_trade')
            select wallet, coalesce(sum(grid), 0), coalesce(sum(grx), 0) from booked group by wallet order by wallet
            """,
            unit.Connection,
            unit.Transaction);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var wallets = new Dictionary<Key32, (decimal Grid, decimal Grx)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            wallets.Add(Key32.Parse(reader.GetString(0)), (reader.GetDecimal(1), reader.GetDecimal(2)));
        }

        return wallets;
    }

    private async Task<int> MovedSinceAsync(long before, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var (_, now) = await ReadProgressAsync(connection, cancellationToken);
        return checked((int)(now - before));
    }

    /// <summary>Open rows, and rows closed so far: what closes while we look makes a difference too.</summary>
    private static async Task<(int Open, long Closed)> ReadProgressAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select count(*) filter (where status in ('pending', 'sent')), count(*) filter (where status = 'confirmed')
            from chain_outbox
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        _ = await reader.ReadAsync(cancellationToken);
        return (checked((int)reader.GetInt64(0)), reader.GetInt64(1));
    }

    private sealed record BookTotals(
        decimal GridSupply,
        decimal GridEscrow,
        decimal GrxSupply,
        decimal GrxEscrow,
        decimal Fees,
        decimal Mints,
        decimal Grants,
        decimal SettlementFees);

    private sealed record Books(
        BookTotals Totals, IReadOnlyDictionary<Key32, (decimal Grid, decimal Grx)> Wallets, int Open, long Moved);
}
