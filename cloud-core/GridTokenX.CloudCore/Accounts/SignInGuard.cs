using System.Security.Cryptography;
using System.Text;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// Counts attempts by account and by address, in the database, so for all processes together. An attempt counts as
/// failed before it is looked at: many at once gain nothing. Accounts that do not exist are counted just the same.
/// After a day without an attempt everything is forgotten.
/// </summary>
internal sealed class SignInGuard(NpgsqlDataSource database, AccountsOptions options, WallTime wall)
{
    /// <summary>Null: go on. Otherwise how long to wait.</summary>
    internal async Task<TimeSpan?> AttemptAsync(string account, string address, CancellationToken cancellationToken)
    {
        var now = wall.UtcNow;
        return await CountAsync(AddressKey(address), options.FreeAttemptsOfAddress, now, cancellationToken)
            ?? await CountAsync(AccountKey(account), options.FreeAttempts, now, cancellationToken);
    }

    /// <summary>
    /// A day begins with the first attempt, and admits so many; those beyond write nothing. Null: go on. Otherwise how
    /// long to wait.
    /// </summary>
    internal Task<TimeSpan?> WithinADayAsync(string subject, int most, CancellationToken cancellationToken)
    {
        var now = wall.UtcNow;
        return AttemptAsync(
            """
            insert into sign_in_failures as f (subject, failures, last_at, locked_until)
            values (@subject, 1, @now, @now)
            on conflict (subject) do update
            set failures = case when f.last_at <= @now - interval '1 day' then 1 else f.failures + 1 end,
                last_at = case when f.last_at <= @now - interval '1 day' then @now else f.last_at end
            where f.last_at <= @now - interval '1 day' or f.failures < @most
            """,
            new { subject = KeyOf("day", subject), now, most },
            "select last_at + interval '1 day' from sign_in_failures where subject = @subject",
            now,
            cancellationToken);
    }

    /// <summary>The account begins anew; of the address only this attempt is forgiven.</summary>
    internal Task SucceededAsync(string account, string address, CancellationToken cancellationToken) =>
        database.TransactAsync(
            unit => unit.Transaction.ExecuteAsync(
                """
                delete from sign_in_failures where subject = @account;
                update sign_in_failures set failures = greatest(0, failures - 1) where subject = @address
                """,
                new { account = AccountKey(account), address = AddressKey(address) },
                cancellationToken),
            cancellationToken);

    private Task<TimeSpan?> CountAsync(
        byte[] subject, int free, DateTimeOffset now, CancellationToken cancellationToken) =>
        AttemptAsync(
            """
            insert into sign_in_failures as f (subject, failures, last_at, locked_until)
            values (@subject, 1, @now, @now)
            on conflict (subject) do update
            set failures = case when f.last_at < @now - interval '1 day' then 1
                    else least(f.failures, 100000) + 1 end,
                last_at = @now,
                locked_until = case
                    when f.last_at < @now - interval '1 day' or f.failures + 1 < @free then @now
                    else @now + least(
                        power(2, least(f.failures + 1 - @free, 30)) * interval '1 second',
                        make_interval(secs => @longest)) end
            where f.locked_until <= @now
            """,
            new { subject, now, free, longest = options.LongestLock.TotalSeconds },
            "select locked_until from sign_in_failures where subject = @subject",
            now,
            cancellationToken);

    /// <summary>Null when the attempt was counted; otherwise how long to wait.</summary>
    private async Task<TimeSpan?> AttemptAsync(
        string count, object subject, string end, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var until = await database.TransactAsync(
            async unit => await unit.Transaction.ExecuteAsync(count, subject, cancellationToken) == 1
                ? now
                : await unit.Transaction.FirstOrDefaultAsync<DateTimeOffset>(end, subject, cancellationToken),
            cancellationToken);
        return until > now ? until - now : null;
    }

    private static byte[] AccountKey(string account) => KeyOf("account", account);

    private static byte[] AddressKey(string address) => KeyOf("address", address);

    private static byte[] KeyOf(string kind, string subject) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}:{subject}"));
}
