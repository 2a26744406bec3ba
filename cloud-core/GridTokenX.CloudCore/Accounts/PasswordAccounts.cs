using System.Globalization;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// Users with e-mail and password. They are users of a managed wallet like any other, but for their access key, whose
/// secret is thrown away when it is made: only their sessions stand for it. Nothing here tells whether an address is
/// known; what there is to say about it goes to the address.
/// </summary>
internal sealed class PasswordAccounts(
    NpgsqlDataSource database,
    Passwords passwords,
    Letters letters,
    ManagedWallets wallets,
    IChainOutbox outbox,
    Sessions sessions,
    SignInGuard guard,
    AuditLog log,
    CloudOptions cloud,
    AccountsOptions options,
    TimeProvider marketTime,
    WallTime wall)
{
    private const string Verify = "verify";
    private const string Reset = "reset";

    // Of one address at a time; more push the oldest out.
    private const int MaxTokens = 3;

    internal sealed record Account(Guid UserId, string Email, string PasswordHash, Key32 AccessKey);

    private sealed record TokenRow(string Email, string? PasswordHash, string? Name, string? Role);

    internal async Task RegisterAsync(
        string email, string password, string name, string role, CancellationToken cancellationToken)
    {
        var hash = await passwords.HashAsync(password, cancellationToken);
        _ = await database.TransactAsync(
            async unit =>
            {
                if (await FindAsync(unit.Transaction, email, cancellationToken) is not null)
                {
                    await letters.WriteAsync(
                        unit.Transaction,
                        email,
                        "You have a GridTokenX account already",
                        "Somebody wanted to register with this address, which has an account. Nothing has changed.",
                        cancellationToken);
                    return true;
                }

                var token = OpaqueToken.New();
                await AddTokenAsync(
                    unit.Transaction, token, Verify, new TokenRow(email, hash, name, role), cancellationToken);
                await letters.WriteAsync(
                    unit.Transaction,
                    email,
                    "Your GridTokenX registration",
                    Body("Enter this code, and the password that you have chosen, to finish your registration:", token),
                    cancellationToken);
                return true;
            },
            cancellationToken);
    }

    /// <summary>
    /// Makes the user. The password is asked for again: somebody else may have registered this address with another
    /// one. False when token or password are wrong.
    /// </summary>
    internal async Task<bool> VerifyAsync(string token, string password, CancellationToken cancellationToken)
    {
        var hash = OpaqueToken.Hash(token);
        var pending = await database.FirstOrDefaultAsync<TokenRow>(
            """
            select email, password_hash, name, role from account_tokens
            where token_hash = @hash and purpose = @Verify and expires_at > @now
            """,
            new { hash, Verify, now = wall.UtcNow },
            cancellationToken);
        if (!await passwords.VerifyAsync(pending?.PasswordHash, password, cancellationToken) || pending is null)
        {
            return false;
        }

        var isMade = await database.TransactAsync(
            unit => MakeAsync(unit.Transaction, hash, pending, cancellationToken), cancellationToken);
        outbox.Wake();
        return isMade;
    }

    /// <summary>Null when there is no such account, or the password is wrong; after the same time.</summary>
    internal async Task<Account?> SignInAsync(string email, string password, CancellationToken cancellationToken)
    {
        var account = await database.TransactAsync(
            unit => FindAsync(unit.Transaction, email, cancellationToken), cancellationToken);
        return await passwords.VerifyAsync(account?.PasswordHash, password, cancellationToken) ? account : null;
    }

    /// <summary>
    /// For an address that nobody has the same is written, but no letter: the time of the answer tells nothing either.
    /// </summary>
    internal async Task ForgotAsync(string email, CancellationToken cancellationToken) =>
        _ = await database.TransactAsync(
            async unit =>
            {
                var account = await FindAsync(unit.Transaction, email, cancellationToken);
                var token = OpaqueToken.New();
                await AddTokenAsync(
                    unit.Transaction, token, Reset, new TokenRow(email, null, null, null), cancellationToken);
                if (account is null)
                {
                    return false;
                }

                await letters.WriteAsync(
                    unit.Transaction,
                    email,
                    "A new password for GridTokenX",
                    Body("Somebody, we hope you, asked for a new password. Enter this code to choose one:", token),
                    cancellationToken);
                return true;
            },
            cancellationToken);

    /// <summary>The address that a reset's token was sent to; null when it is not good.</summary>
    internal async Task<string?> EmailOfResetAsync(string token, CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<string>(
            "select email from account_tokens where token_hash = @hash and purpose = @Reset and expires_at > @now",
            new { hash = OpaqueToken.Hash(token), Reset, now = wall.UtcNow },
            cancellationToken);

    /// <summary>Ends every session of the account, and its lock; false when the token is not good.</summary>
    internal async Task<bool> ResetAsync(
        string token, string password, string address, CancellationToken cancellationToken)
    {
        var passwordHash = await passwords.HashAsync(password, cancellationToken);
        var account = await database.TransactAsync(
            async unit =>
            {
                var email = await unit.Transaction.FirstOrDefaultAsync<string>(
                    """
                    delete from account_tokens
                    where token_hash = @hash and purpose = @Reset and expires_at > @now returning email
                    """,
                    new { hash = OpaqueToken.Hash(token), Reset, now = wall.UtcNow },
                    cancellationToken);
                if (email is null || await FindAsync(unit.Transaction, email, cancellationToken) is not { } found)
                {
                    return null;
                }

                await SetPasswordAsync(unit.Transaction, found, passwordHash, null, cancellationToken);
                await log.AppendAsync(
                    unit.Transaction,
                    new AuditEvent(found.AccessKey.ToString(), "password_reset", Address: address),
                    cancellationToken);
                return found;
            },
            cancellationToken);
        if (account is not null)
        {
            await guard.SucceededAsync(account.Email, address, cancellationToken);
        }

        return account is not null;
    }

    internal async Task ChangeAsync(
        Account account, string password, Guid? kept, string address, CancellationToken cancellationToken)
    {
        var passwordHash = await passwords.HashAsync(password, cancellationToken);
        _ = await database.TransactAsync(
            async unit =>
            {
                await SetPasswordAsync(unit.Transaction, account, passwordHash, kept, cancellationToken);
                await log.AppendAsync(
                    unit.Transaction,
                    new AuditEvent(account.AccessKey.ToString(), "password_change", Address: address),
                    cancellationToken);
                return true;
            },
            cancellationToken);
    }

    internal Task<Account?> FindAsync(Key32 accessKey, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<Account>(
            """
            select a.user_id, a.email, a.password_hash, u.access_key
            from email_accounts a join users u on u.id = a.user_id where u.access_key = @accessKey
            """,
            new { accessKey },
            cancellationToken);

    private static Task<Account?> FindAsync(
        NpgsqlTransaction transaction, string email, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<Account>(
            """
            select a.user_id, a.email, a.password_hash, u.access_key
            from email_accounts a join users u on u.id = a.user_id where a.email = @email
            """,
            new { email },
            cancellationToken);

    private async Task<bool> MakeAsync(
        NpgsqlTransaction transaction, byte[] hash, TokenRow pending, CancellationToken cancellationToken)
    {
        var taken = await transaction.ExecuteAsync(
            "delete from account_tokens where token_hash = @hash", new { hash }, cancellationToken);
        if (taken == 0 || await FindAsync(transaction, pending.Email, cancellationToken) is not null)
        {
            return false;
        }

        var now = marketTime.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        using var accessKey = SigningKey.Generate();
        var managed = wallets.Create(id);
        var user = new UserView(
            id,
            pending.Name!,
            pending.Role!,
            managed.Wallet,
            accessKey.PublicKey,
            cloud.AutoVerifyUsers,
            RegisteredOnChain: false);
        _ = await Users.StoreAsync(transaction, user, managed, outbox, now, cancellationToken);
        _ = await transaction.ExecuteAsync(
            """
            insert into email_accounts (user_id, email, password_hash, created_at, password_changed_at)
            values (@id, @Email, @PasswordHash, @at, @at);
            delete from account_tokens where email = @Email
            """,
            new { id, pending.Email, pending.PasswordHash, at = wall.UtcNow },
            cancellationToken);
        await log.AppendAsync(
            transaction, new AuditEvent(user.AccessKey.ToString(), "account", id.ToString()), cancellationToken);
        return true;
    }

    private async Task SetPasswordAsync(
        NpgsqlTransaction transaction,
        Account account,
        string passwordHash,
        Guid? kept,
        CancellationToken cancellationToken)
    {
        _ = await transaction.ExecuteAsync(
            """
            update email_accounts set password_hash = @passwordHash, password_changed_at = @now where user_id = @UserId;
            delete from account_tokens where email = @Email
            """,
            new { account.UserId, account.Email, passwordHash, now = wall.UtcNow },
            cancellationToken);
        _ = await sessions.RevokeAllAsync(
            transaction, account.AccessKey, kept, "password_change", cancellationToken);
    }

    private async Task AddTokenAsync(
        NpgsqlTransaction transaction,
        string token,
        string purpose,
        TokenRow row,
        CancellationToken cancellationToken)
    {
        var now = wall.UtcNow;
        _ = await transaction.ExecuteAsync(
            """
            delete from account_tokens where token_hash in (
                select token_hash from account_tokens where email = @Email and purpose = @purpose
                order by created_at desc offset @kept);
            insert into account_tokens (token_hash, purpose, email, password_hash, name, role, created_at, expires_at)
            values (@hash, @purpose, @Email, @PasswordHash, @Name, @Role, @now, @expires)
            """,
            new
            {
                hash = OpaqueToken.Hash(token),
                purpose,
                row.Email,
                row.PasswordHash,
                row.Name,
                row.Role,
                now,
                expires = now + options.LetterLifetime,
                kept = MaxTokens - 1,
            },
            cancellationToken);
    }

    private string Body(string sentence, string token)
    {
        var hours = options.LetterLifetime.TotalHours.ToString("0.#", CultureInfo.InvariantCulture);
        return $"""
            {sentence}

            {token}

            It is good for {hours} hours and once, at {options.Origin}. Whoever did not ask for it need do nothing.
            """;
    }
}
