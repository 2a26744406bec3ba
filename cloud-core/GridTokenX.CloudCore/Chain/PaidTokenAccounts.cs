using GridTokenX.Solana;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

internal enum AccountPayment
{
    None = 0,

    /// <summary>The intent may bring the accounts with it.</summary>
    Granted,

    /// <summary>Another intent brings one of them just now.</summary>
    UnderWay,

    /// <summary>One of them was paid for not long ago.</summary>
    Refused,
}

/// <summary>
/// Remembers for which token accounts we have paid. The rent of an account goes to its owner when he closes it: one who
/// does so before every payment would live on us.
/// </summary>
internal sealed class PaidTokenAccounts(NpgsqlDataSource source)
{
    internal static readonly TimeSpan Interval = TimeSpan.FromDays(30);
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>All of them or none; asked again, the same intent gets the same answer.</summary>
    /// <param name="intent">Whose receivers they belong to.</param>
    /// <param name="accounts">Those that are missing, each once.</param>
    /// <param name="now">Wall time.</param>
    /// <param name="cancellationToken">Nothing is remembered then.</param>
    public async Task<AccountPayment> TryPayAsync(
        Guid intent, IReadOnlyList<PublicKey> accounts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        byte[][] addresses = [.. accounts.Select(static account => account.ToArray())];
        await using var paying = source.CreateCommand(
            """
            with wanted as (select unnest($1::bytea[]) as account)
            insert into paid_token_accounts as p (account, intent, paid_at)
            select account, $2, $3 from wanted
            where not exists (
                select from paid_token_accounts o join wanted using (account) where o.intent <> $2 and o.paid_at > $4)
            order by account
            on conflict (account) do update set intent = excluded.intent, paid_at = excluded.paid_at
            where p.paid_at <= $4 or p.intent = excluded.intent
            """);
        paying.Parameters.Add(new() { Value = addresses });
        paying.Parameters.Add(new() { Value = intent });
        paying.Parameters.Add(new() { Value = now });
        paying.Parameters.Add(new() { Value = now - Interval });
        if (await paying.ExecuteNonQueryAsync(cancellationToken) == addresses.Length)
        {
            return AccountPayment.Granted;
        }

        await using var asking = source.CreateCommand(
            """
            select exists (
                select from paid_token_accounts where account = any($1) and intent <> $2 and paid_at > $3)
            """);
        asking.Parameters.Add(new() { Value = addresses });
        asking.Parameters.Add(new() { Value = intent });
        asking.Parameters.Add(new() { Value = now - Patience });
        return await asking.ExecuteScalarAsync(cancellationToken) is true
            ? AccountPayment.UnderWay
            : AccountPayment.Refused;
    }
}
