using GridTokenX.Programs;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// What transactions of others did to a token account besides what their events say: an owner's own transfers and
/// burns, and what strangers sent.
/// </summary>
internal sealed class OutsideMoves(
    NpgsqlDataSource source, SolanaRpcClient rpc, EnergyPrograms programs, TransactionEvents events)
{
    /// <summary>An account with a longer history than these transactions is not explained.</summary>
    private const int MaxTransactions = 1_000;

    /// <summary>Base units in all; null when its history is too long to tell.</summary>
    public async Task<decimal?> SumAsync(PublicKey account, Key32 owner, CancellationToken cancellationToken)
    {
        var history = await rpc.GetSignaturesForAddressAsync(
            account, MaxTransactions, cancellationToken: cancellationToken);
        if (history.Count == MaxTransactions)
        {
            return null;
        }

        var succeeded = history
            .Where(static entry => entry.Error is null)
            .Select(static entry => entry.Signature)
            .ToList();
        var ours = await OursAsync(succeeded, cancellationToken);
        var sum = 0m;
        foreach (var signature in succeeded.Where(signature => !ours.Contains(signature.ToString())))
        {
            if (await rpc.GetTransactionAsync(signature, cancellationToken: cancellationToken) is not { } transaction)
            {
                return null;
            }

            var read = await events.ReadAsync(signature, transaction, [], cancellationToken);
            sum += ChangeOf(transaction, account) - Said(read.OfType<ProgramEvent>(), account, owner);
        }

        return sum;
    }

    /// <summary>Those of the outbox do what their events say and nothing else.</summary>
    private async Task<HashSet<string>> OursAsync(
        IReadOnlyList<Signature> signatures, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            "select tx_signature from chain_outbox where tx_signature = any ($1) and tx_signature is not null");
        command.Parameters.Add(
            new() { Value = signatures.Select(static signature => signature.ToString()).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ours = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            _ = ours.Add(reader.GetString(0));
        }

        return ours;
    }

    private static decimal ChangeOf(ConfirmedTransaction transaction, PublicKey account)
    {
        var index = IndexOf(transaction, account);
        return Amount(transaction.PostTokenBalances) - Amount(transaction.PreTokenBalances);

        decimal Amount(IReadOnlyList<TokenBalance> balances) =>
            balances.FirstOrDefault(balance => balance.Account == index)?.Amount ?? 0;
    }

    private static int IndexOf(ConfirmedTransaction transaction, PublicKey account)
    {
        var accounts = transaction.Transaction.Message.Accounts.ToList();
        if (transaction.Meta.TryGetProperty("loadedAddresses", out var loaded))
        {
            foreach (var kind in new[] { "writable", "readonly" })
            {
                accounts.AddRange(
                    loaded.GetProperty(kind).EnumerateArray().Select(key => PublicKey.Parse(key.GetString()!)));
            }
        }

        return accounts.IndexOf(account);
    }

    /// <summary>
    /// What a transaction's events say about the account. Without settlements: only our matcher makes those.
    /// </summary>
    private decimal Said(IEnumerable<ProgramEvent> events, PublicKey account, Key32 owner)
    {
        var (grid, _) = programs.AccountsOf(owner);
        var key = owner.ToPublicKey();
        return events.Sum(read => account == grid ? Grid(read) : Grx(read));

        decimal Grid(ProgramEvent read) => read switch
        {
            MeterBalanceSettled { Minted: true } minted when minted.Owner == key =>
                (decimal)minted.Settled * Quantities.BaseUnitsPerWattHour,
            TokensRetired retired when retired.Owner == key => -(decimal)retired.Amount,
            OrderCreated { Side: OrderSide.Sell } order when order.Owner == key => -(decimal)order.Amount,
            OrderCancelled { Side: OrderSide.Sell } order when order.Owner == key => order.Refunded,
            TradeExecuted { BuyOrderId: 0 } trade when trade.Buyer == key => trade.Amount,
            _ => 0,
        };

        decimal Grx(ProgramEvent read) => read switch
        {
            OrderCreated { Side: OrderSide.Buy } order when order.Owner == key =>
                -(decimal)Quantities.Value(order.Amount, order.Price),
            OrderCancelled { Side: OrderSide.Buy } order when order.Owner == key => order.Refunded,
            TradeExecuted { BuyOrderId: 0 } trade when trade.Buyer == key => -(decimal)trade.Value,
            TradeExecuted { BuyOrderId: 0 } trade when trade.Seller == key => (decimal)trade.Value - trade.Fee,
            _ => 0,
        };
    }
}
