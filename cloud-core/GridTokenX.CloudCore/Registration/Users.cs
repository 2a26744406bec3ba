using Dapper;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Registration;

internal static class Users
{
    private const string Columns = "id, name, role, wallet, verified";

    internal static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapPost("/api/users", RegisterAsync).RequireWallet();
        _ = routes.MapGet("/api/users/me", MeAsync).RequireWallet();
        _ = routes.MapPost("/api/users/{id:guid}/verify", VerifyAsync).RequireOperator();
    }

    private static async Task<IResult> RegisterAsync(
        RegisterUserRequest request,
        HttpContext context,
        NpgsqlDataSource source,
        CloudOptions options,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (RegistrationForms.Fault(request) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        var user = new UserView(
            Guid.CreateVersion7(time.GetUtcNow()), request.Name, request.Role, context.Caller()
                .Key, options.AutoVerifyUsers);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var inserted = await connection.ExecuteAsync(new CommandDefinition(
            """
            insert into users (id, name, role, wallet, verified, created_at)
            values (@Id, @Name, @Role, @Wallet, @Verified, @now)
            on conflict (wallet) do nothing
            """,
            new { user.Id, user.Name, user.Role, user.Wallet, user.Verified, now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
        if (inserted == 1)
        {
            return Results.Created("/api/users/me", user);
        }

        var stored = await FindAsync(connection, user.Wallet, cancellationToken)
            ?? throw new InvalidOperationException("A registered user vanished.");
        return stored.Name == user.Name && stored.Role == user.Role
            ? Results.Ok(stored)
            : Problems.Of(ProblemCodes.WalletRegistered);
    }

    private static async Task<IResult> MeAsync(
        HttpContext context, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await FindAsync(connection, context.Caller().Key, cancellationToken) is { } user
            ? Results.Ok(user)
            : Problems.Of(ProblemCodes.NotFound, "The wallet is not registered.");
    }

    private static async Task<IResult> VerifyAsync(
        Guid id, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var user = await connection.QuerySingleOrDefaultAsync<UserView>(new CommandDefinition(
            $"update users set verified = true where id = @id returning {Columns}",
            new { id },
            cancellationToken: cancellationToken));
        return user is null ? Problems.Of(ProblemCodes.NotFound) : Results.Ok(user);
    }

    private static async Task<UserView?> FindAsync(
        NpgsqlConnection connection, Key32 wallet, CancellationToken cancellationToken) =>
        await connection.QuerySingleOrDefaultAsync<UserView>(new CommandDefinition(
            $"select {Columns} from users where wallet = @wallet",
            new { wallet },
            cancellationToken: cancellationToken));
}
