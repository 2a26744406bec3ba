using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Registration;

internal static class Users
{
    private const string Select =
        """
        select id, name, role, wallet, access_key, verified, registered_on_chain_at is not null as registered_on_chain
        from users
        """;

    internal static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapPost("/api/users", RegisterAsync).RequireWallet();
        _ = routes.MapGet("/api/users/me", MeAsync).RequireWallet();
        _ = routes.MapPost("/api/users/{id:guid}/verify", VerifyAsync).RequireOperator();
    }

    /// <summary>The same registration again gives the same answer, so a lost answer is no loss.</summary>
    private static async Task<IResult> RegisterAsync(
        RegisterUserRequest request,
        HttpContext context,
        NpgsqlDataSource database,
        ManagedWallets wallets,
        IChainOutbox outbox,
        SignInGuard guard,
        AccountsOptions accounts,
        CloudOptions options,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (RegistrationForms.Fault(request) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        var now = time.GetUtcNow();
        var (id, accessKey) = (Guid.CreateVersion7(now), context.Caller().Key);
        if (await database.FindUserAsync(accessKey, cancellationToken) is null
            && await guard.WithinADayAsync(
                WalletSignIn.Strangers(context), accounts.StrangersOfAddress, cancellationToken) is { } wait)
        {
            return Problems.Of(ProblemCodes.TooManyRequests, null, wait);
        }

        var managed = request.Wallet == RegistrationForms.ManagedWallet ? wallets.Create(id) : null;
        var user = new UserView(
            id,
            request.Name,
            request.Role,
            managed?.Wallet ?? accessKey,
            accessKey,
            options.AutoVerifyUsers,
            RegisteredOnChain: false);
        var stored = await database.TransactAsync(
            unit => StoreAsync(unit.Transaction, user, managed, outbox, now, cancellationToken), cancellationToken);
        if (stored == user)
        {
            outbox.Wake();
            return Results.Created("/api/users/me", user);
        }

        return stored is not null
            && (stored.Name, stored.Role) == (user.Name, user.Role)
            && stored.Wallet == stored.AccessKey == (managed is null)
            ? Results.Ok(stored)
            : Problems.Of(ProblemCodes.WalletRegistered);
    }

    /// <summary>
    /// The user with this access key: the new one, or the one of before. Null when the key is another user's wallet.
    /// </summary>
    internal static async Task<UserView?> StoreAsync(
        NpgsqlTransaction transaction,
        UserView user,
        SealedWallet? managed,
        IChainOutbox outbox,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var inserted = await transaction.ExecuteAsync(
            """
            insert into users (id, name, role, wallet, access_key, verified, created_at)
            select @Id, @Name, @Role, @Wallet, @AccessKey, @Verified, @now
            where not exists (select from users where wallet = @AccessKey)
            on conflict do nothing
            """,
            new { user.Id, user.Name, user.Role, user.Wallet, user.AccessKey, user.Verified, now },
            cancellationToken);
        if (inserted == 0)
        {
            return await FindAsync(transaction, user.AccessKey, cancellationToken);
        }

        if (managed is not null)
        {
            await ManagedWallets.InsertAsync(transaction, managed, now, cancellationToken);
        }

        await RegistrationIntents.EnqueueAsync(transaction, outbox, user.Id, cancellationToken);
        return user;
    }

    private static async Task<IResult> MeAsync(
        HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<UserView>(
            Select + " where access_key = @key", new { key = context.Caller().Key }, cancellationToken) is { } user
            ? Results.Ok(user)
            : Problems.Of(ProblemCodes.NotFound, "Nobody is registered with this key.");

    /// <summary>From now on the platform pays for the user's accounts on chain.</summary>
    private static async Task<IResult> VerifyAsync(
        Guid id, NpgsqlDataSource database, IChainOutbox outbox, CancellationToken cancellationToken)
    {
        var user = await database.TransactAsync(
            async unit =>
            {
                _ = await unit.Transaction.ExecuteAsync(
                    "update users set verified = true where id = @id", new { id }, cancellationToken);
                await RegistrationIntents.EnqueueAsync(unit.Transaction, outbox, id, cancellationToken);
                return await unit.Transaction.FirstOrDefaultAsync<UserView>(
                    Select + " where id = @id", new { id }, cancellationToken);
            },
            cancellationToken);
        outbox.Wake();
        return user is null ? Problems.Of(ProblemCodes.NotFound) : Results.Ok(user);
    }

    private static Task<UserView?> FindAsync(
        NpgsqlTransaction transaction, Key32 accessKey, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<UserView>(
            Select + " where access_key = @accessKey", new { accessKey }, cancellationToken);
}
