using System.Globalization;
using GridTokenX.CloudCore.Chain;
using GridTokenX.Programs;
using GridTokenX.Programs.Accounts;
using GridTokenX.Solana.Rpc;
using Npgsql;

namespace GridTokenX.CloudCore.Clearing;

/// <summary>
/// Whether the chain has ticked off a settlement that this database has never sent: then the database is an older one
/// than the chain has seen, and would give the same numbers to other trades, which the chain would take for done.
/// A transaction is stored before it is sent, so it never happens otherwise. Asked once, at the start.
/// </summary>
internal sealed class SettlementNumbers(
    NpgsqlDataSource database,
    SolanaRpcClient rpc,
    EnergyPrograms programs,
    ChainHealth health,
    SolanaOptions options) : ISendingCondition
{
    /// <summary>65 million settlements; pages are opened one behind the other.</summary>
    private const int MaxPages = 1_000;

    private volatile bool _holds;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (_holds)
        {
            return;
        }

        // The chain first: what another process sends meanwhile is in the database before it is there.
        var used = await HighestUsedAsync(await HighestSentAsync(cancellationToken), cancellationToken);
        var sent = await HighestSentAsync(cancellationToken);
        if (used > sent && !await IsGivenUpAsync(used, cancellationToken))
        {
            health.BooksAreBehind(used - sent);
            throw new ChainSetupException(string.Create(
                CultureInfo.InvariantCulture,
                $"The database is older than the chain: settlement {used} is on chain, and {sent} is the last one "
                + $"that was sent from here. Nothing is sent. Stop, and restore the newest state of the database; "
                + $"if that is lost, see 'An older database' in OPERATIONS.md."));
        }

        health.BooksAreBehind(0);
        _holds = true;
    }

    /// <summary>The operator has said so, and no settlement will be given such a number.</summary>
    private async Task<bool> IsGivenUpAsync(long used, CancellationToken cancellationToken) =>
        used <= options.LostSettlements
        && used <= await NumberAsync(
            "select case when is_called then last_value else 0 end from settlements_number_seq", cancellationToken);

    private Task<long> HighestSentAsync(CancellationToken cancellationToken) => NumberAsync(
        """
        select coalesce((
            select s.number from settlements s
            where exists (select from chain_outbox o where o.intent_id = s.id and o.tx_signature is not null)
            order by s.number desc limit 1), 0)
        """,
        cancellationToken);

    private async Task<long> NumberAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>From the page of the number on; 0 when none is used there.</summary>
    private async Task<long> HighestUsedAsync(long from, CancellationToken cancellationToken)
    {
        var highest = 0L;
        var first = TradingProgram.PageOf((ulong)from);
        for (var page = first; page < first + MaxPages; page++)
        {
            var account = await rpc.GetAccountInfoAsync(
                programs.Trading.SettlementPage(page), cancellationToken: cancellationToken);
            if (account is null || account.Owner != programs.Trading.Id
                || !SettlementPageAccount.TryParse(account.Data.Span, out var ticked))
            {
                break;
            }

            highest = ticked.Highest is { } used ? checked((long)used) : highest;
        }

        return highest;
    }
}
