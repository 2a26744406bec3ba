using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Operations;

namespace GridTokenX.CloudCore.Accounts;

internal static class AccountsSetup
{
    internal static void AddAccounts(this IServiceCollection services, IConfiguration configuration) => _ = services
        .AddSingleton(configuration.Load<AccountsOptions>("Accounts", AccountsOptions.Faults))
        .AddSingleton<SessionSecrets>()
        .AddSingleton<TokenKeys>()
        .AddSingleton<AccessTokens>()
        .AddSingleton<Sessions>()
        .AddSingleton<Callers>()
        .AddSingleton<SessionCookies>()
        .AddSingleton<SessionStart>()
        .AddSingleton<SignInMessage>()
        .AddSingleton<SignInGuard>()
        .AddSingleton<Passwords>()
        .AddSingleton<PasswordAccounts>()
        .AddSingleton<Letters>()
        .AddSingleton<AuditLog>()
        .AddSingleton<Housekeeping>()
        .AddHostedService(static provider => provider.GetRequiredService<Housekeeping>());

    internal static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/api/auth");
        _ = auth.MapPost("/nonce", WalletSignIn.Nonce).AllowPublic();
        _ = auth.MapPost("/wallet", WalletSignIn.SignInAsync).AllowPublic();
        _ = auth.MapPost("/register", PasswordEndpoints.RegisterAsync).AllowPublic();
        _ = auth.MapPost("/verify", PasswordEndpoints.VerifyAsync).AllowPublic();
        _ = auth.MapPost("/password", PasswordEndpoints.SignInAsync).AllowPublic();
        _ = auth.MapPost("/password/forgot", PasswordEndpoints.ForgotAsync).AllowPublic();
        _ = auth.MapPost("/password/reset", PasswordEndpoints.ResetAsync).AllowPublic();
        _ = auth.MapPost("/password/change", PasswordEndpoints.ChangeAsync).RequireWallet();
        _ = auth.MapPost("/refresh", SessionEndpoints.RefreshAsync).AllowPublic();
        _ = auth.MapPost("/sign-out", SessionEndpoints.SignOutAsync).RequireWallet();
        _ = auth.MapGet("/me", SessionEndpoints.MeAsync).RequireWallet();
        _ = auth.MapGet("/sessions", SessionEndpoints.ListAsync).RequireWallet();
        _ = auth.MapDelete("/sessions/{id:guid}", SessionEndpoints.RevokeAsync).RequireWallet();

        _ = routes.MapPut("/api/admin/users/{id:guid}/roles", AdminEndpoints.SetRolesAsync).RequireAdmin();
        _ = routes.MapGet("/api/admin/letters", AdminEndpoints.LettersAsync).RequireAdmin();
        _ = routes.MapGet("/api/operator/audit", AdminEndpoints.AuditAsync).RequireOperator();
        _ = routes.MapGet("/api/operator/audit/verify", AdminEndpoints.VerifyAuditAsync).RequireOperator();

        OwnEndpoints.Map(routes);
        _ = routes.MapPost("/api/trading/orders/prepare", OrderPreparation.PrepareAsync)
            .RequireWallet().RefusedInMaintenance();
    }
}
