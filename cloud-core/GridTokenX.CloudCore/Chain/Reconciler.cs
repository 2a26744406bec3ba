using System.Data;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Programs;
using GridTokenX.Programs.Accounts;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Compares the chain with our database, to the base unit: every order, every meter, the vaults, supplies and fees, and
/// every wallet. What owners did with their own tokens past the platform is told apart from what should not be.
/// </summary>
internal sealed class Reconciler(
    NpgsqlDataSource source, SolanaRpcClient rpc, IEnergyChain chain, EnergyPrograms programs, OutsideMoves outside)
{
    private const int WalletsAtOnce = 50;

    public async Task<ReconciliationReport> RunAsync(CancellationToken cancellationToken)
    {
        var found = new ReconciliationFindings();
        // All of the database at one instant; of the chain, at slightly later ones.
        await using var unit = await source.BeginAsync(cancellationToken, IsolationLevel.RepeatableRead);
        var books = new ReconciliationBooks(unit);
        var before = await books.ProgressAsync(cancellationToken);
        var totals = await books.TotalsAsync(cancellationToken);
        var first = await chain.TotalsAsync(cancellationToken);

        var (gridEscrowed, grxEscrowed) = await CompareOrdersAsync(books, found, cancellationToken);
        var settledWh = await CompareMetersAsync(books, found, cancellationToken);
        await CompareWalletsAsync(books, found, cancellationToken);
        await CompareTotalsAsync(found, totals, first, cancellationToken);
        found.CompareAtLeast("GRID vault", gridEscrowed, first.GridVault);
        found.CompareAtLeast("GRX vault", grxEscrowed, first.GrxVault.Value);
        found.Compare("settled by all meters, Wh", totals.SettledWh, settledWh);

        var last = await chain.TotalsAsync(cancellationToken);
        var moved = await ProgressSinceAsync(before, cancellationToken) + (first == last ? 0 : 1);
        return found.ToReport(before.Open + moved);
    }

    private async Task CompareTotalsAsync(
        ReconciliationFindings found,
        BookTotals books,
        ChainTotalsOnChain onChain,
        CancellationToken cancellationToken)
    {
        found.CompareAtMost("GRID supply", books.MintedGrid - books.RetiredGrid, onChain.GridSupply);
        found.Compare("settled by mints, Wh", books.MintsWh, books.SettledWh);
        found.CompareAtMost("GRX supply", books.GrantedGrx, onChain.GrxSupply.Value);
        found.Compare("fees by settlements", books.SettlementFees, books.Fees);
        await CompareAccountAsync(
            found,
            "fee account",
            programs.FeeAccount,
            programs.FeeAuthority.ToKey32(),
            books.Fees,
            onChain.Fees.Value,
            cancellationToken);
    }

    /// <summary>Returns what the orders on chain say they hold in the vaults.</summary>
    private async Task<(decimal Grid, decimal Grx)> CompareOrdersAsync(
        ReconciliationBooks books, ReconciliationFindings found, CancellationToken cancellationToken)
    {
        var accounts = await rpc.GetProgramAccountsAsync(
            programs.Trading.Id, Filters(OrderAccount.Discriminator, OrderAccount.Length), null, cancellationToken);
        var onChain = accounts
            .Select(static account => OrderAccount.Parse(account.Account.Data.Span))
            .ToDictionary(static order => (order.Owner, order.OrderId));
        var grid = onChain.Values.Where(static o => o.Side == OrderSide.Sell).Sum(static o => (decimal)o.Escrowed);
        var grx = onChain.Values.Where(static o => o.Side == OrderSide.Buy).Sum(static o => (decimal)o.Escrowed);
        await foreach (var booked in books.OrdersAsync(cancellationToken))
        {
            var exists = onChain.Remove((booked.Owner.ToPublicKey(), booked.ChainOrderId), out var order);
            if (!booked.IsHeld && !exists)
            {
                continue;
            }

            found.Compare($"order {booked.Id}: accounts", booked.IsHeld ? 1 : 0, exists ? 1 : 0);
            if (booked.IsHeld && order is not null)
            {
                CompareOrder(found, booked, order);
            }
        }

        foreach (var order in onChain.Values)
        {
            found.Outside($"order {order.OrderId} of {order.Owner}: escrowed", 0, order.Escrowed);
        }

        return (grid, grx);
    }

    private static void CompareOrder(ReconciliationFindings found, BookedOrder booked, OrderAccount order)
    {
        var name = $"order {booked.Id}";
        found.Compare($"{name}: is a sell order", booked.IsSell ? 1 : 0, order.Side == OrderSide.Sell ? 1 : 0);
        found.Compare($"{name}: amount", booked.Amount, order.Amount);
        found.Compare($"{name}: price", booked.Price, order.Price);
        found.Compare($"{name}: filled", booked.Filled, order.Filled);
        found.Compare($"{name}: expires", booked.ExpiresAt, order.ExpiresAt);
        found.Compare($"{name}: escrowed", booked.Escrowed, order.Escrowed);
        found.Compare($"{name}: rent payer", 1, booked.RentPayer.ToPublicKey() == order.RentPayer ? 1 : 0);
    }

    /// <summary>Returns what the meters on chain have settled, Wh.</summary>
    private async Task<decimal> CompareMetersAsync(
        ReconciliationBooks books, ReconciliationFindings found, CancellationToken cancellationToken)
    {
        var accounts = await rpc.GetProgramAccountsAsync(
            programs.Registry.Id, Filters(MeterAccount.Discriminator, MeterAccount.Length), null, cancellationToken);
        var onChain = accounts
            .Select(static account => MeterAccount.Parse(account.Account.Data.Span))
            .ToDictionary(static meter => meter.MeterId, StringComparer.Ordinal);
        var settled = onChain.Values.Sum(static meter => (decimal)meter.SettledNetGeneration);
        await foreach (var booked in books.MetersAsync(cancellationToken))
        {
            var name = $"meter {booked.MeterId}";
            var exists = onChain.Remove(booked.MeterId, out var meter);
            found.Compare($"{name}: accounts", booked.IsRegistered ? 1 : 0, exists ? 1 : 0);
            if (meter is not null)
            {
                found.Compare($"{name}: owner", 1, meter.Owner == booked.Owner.ToPublicKey() ? 1 : 0);
                found.Compare($"{name}: device", 1, meter.Device == booked.Device.ToPublicKey() ? 1 : 0);
                found.Compare($"{name}: settled, Wh", booked.SettledWh, meter.SettledNetGeneration);
                found.Compare($"{name}: minted, Wh", booked.MintedWh, meter.SettledNetGeneration);
            }
        }

        foreach (var unknown in onChain.Values)
        {
            found.Compare($"meter {unknown.MeterId}: accounts", 0, 1);
        }

        return settled;
    }

    private async Task CompareWalletsAsync(
        ReconciliationBooks books, ReconciliationFindings found, CancellationToken cancellationToken)
    {
        var gathered = new List<BookedWallet>(WalletsAtOnce);
        await foreach (var wallet in books.WalletsAsync(cancellationToken))
        {
            gathered.Add(wallet);
            if (gathered.Count == WalletsAtOnce)
            {
                await CompareWalletsAsync(gathered, found, cancellationToken);
                gathered.Clear();
            }
        }

        await CompareWalletsAsync(gathered, found, cancellationToken);
    }

    private async Task CompareWalletsAsync(
        List<BookedWallet> wallets, ReconciliationFindings found, CancellationToken cancellationToken)
    {
        if (wallets.Count == 0)
        {
            return;
        }

        var balances = await chain.BalancesAsync(
            [.. wallets.Select(static wallet => wallet.Wallet)], cancellationToken);
        foreach (var (wallet, grid, grx) in wallets)
        {
            var onChain = balances.GetValueOrDefault(wallet);
            var accounts = programs.AccountsOf(wallet);
            await CompareAccountAsync(
                found,
                $"wallet {wallet} GRID",
                accounts.Grid,
                wallet,
                grid,
                onChain?.GridBaseUnits ?? 0,
                cancellationToken);
            await CompareAccountAsync(
                found,
                $"wallet {wallet} GRX",
                accounts.Grx,
                wallet,
                grx,
                onChain?.Grx.Value ?? 0,
                cancellationToken);
        }
    }

    /// <summary>A token account whose owner, and whoever sends to it, needs no leave of ours.</summary>
    private async Task CompareAccountAsync(
        ReconciliationFindings found,
        string what,
        PublicKey account,
        Key32 owner,
        decimal database,
        decimal onChain,
        CancellationToken cancellationToken)
    {
        if (database != onChain
            && await outside.SumAsync(account, owner, cancellationToken) is { } moved
            && database + moved == onChain)
        {
            found.Outside(what, database, onChain);
            return;
        }

        found.Compare(what, database, onChain);
    }

    private async Task<int> ProgressSinceAsync(BookProgress before, CancellationToken cancellationToken)
    {
        await using var unit = await source.BeginAsync(cancellationToken);
        var now = await new ReconciliationBooks(unit).ProgressAsync(cancellationToken);
        return (int)Math.Min(int.MaxValue - before.Open, now.Closed - before.Closed + now.Events - before.Events);
    }

    private static AccountFilter[] Filters(ulong discriminator, int length)
    {
        var bytes = new byte[Discriminator.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes, discriminator);
        return [AccountFilter.OfSize((ulong)length), AccountFilter.With(0, bytes)];
    }
}
