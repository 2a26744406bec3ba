using Npgsql;

namespace GridTokenX.CloudCore.Chain;

internal enum AccountPayment
{
    None = 0,

    /// <summary>The intent may bring its receivers' token accounts with it.</summary>
    Granted,

    /// <summary>Another intent brings them just now.</summary>
    UnderWay,

    /// <summary>They were paid for not long ago.</summary>
    Refused,
}

/// <summary>
/// Remembers for which token accounts we have paid. The rent of an account goes to its owner when he closes it: one who
/// does so before every payment would live on us.
/// </summary>
internal sealed class PaidTokenAccounts(NpgsqlDataSource source, Receivers receivers)
{
    internal static readonly TimeSpan Interval = TimeSpan.FromDays(30);
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>
    /// All of the intent's receivers count, be their accounts missing or not: one may be closed at any moment. Asked
    /// again, the same intent gets the same answer.
    /// </summary>
    public async Task<AccountPayment> TryPayAsync(
        ChainIntent intent, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var accounts = receivers.Of(intent).Select(static receiver => receiver.Account.ToArray()).ToArray();
        await using var paying = source.CreateCommand(
            """
            insert into paid_token_accounts as p (account, intent, paid_at)
            select account, $2, $3 from (select distinct unnest($1::bytea[]) as account) a order by account
            on conflict (account) do update set intent = excluded.intent, paid_at = excluded.paid_at
            where p.paid_at <= $4 or p.intent = excluded.intent
            """);
        paying.Parameters.Add(new() { Value = accounts });
        paying.Parameters.Add(new() { Value = intent.Id });
        paying.Parameters.Add(new() { Value = now });
        paying.Parameters.Add(new() { Value = now - Interval });
        if (await paying.ExecuteNonQueryAsync(cancellationToken) == accounts.Length)
        {
            return AccountPayment.Granted;
        }

        await using var asking = source.CreateCommand(
            """
            select exists (
                select from paid_token_accounts where account = any($1) and intent <> $2 and paid_at > $3)
            """);
        asking.Parameters.Add(new() { Value = accounts });
        asking.Parameters.Add(new() { Value = intent.Id });
        asking.Parameters.Add(new() { Value = now - Patience });
        return await asking.ExecuteScalarAsync(cancellationToken) is true
            ? AccountPayment.UnderWay
            : AccountPayment.Refused;
    }
}
