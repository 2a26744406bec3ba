using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;

namespace GridTokenX.CloudCore.Wallets;

internal static class WalletsSetup
{
    internal static void AddWallets(this IServiceCollection services) => _ = services
        .AddSingleton<MasterKeys>()
        .AddSingleton<ManagedWallets>()
        .AddSingleton<IWalletSigner, WalletSigner>()
        .AddHostedService<WalletResealing>();

    internal static void MapWallets(this IEndpointRouteBuilder routes) =>
        _ = routes.MapPost("/api/wallets/export", WalletExports.ExportAsync).RequireWallet().RequireSignature();
}
