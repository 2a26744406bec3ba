using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.Gateways;
using GridTokenX.CloudCore.CrossZone;
using GridTokenX.CloudCore.Effects;
using GridTokenX.CloudCore.Ingest;
using GridTokenX.CloudCore.Live;
using GridTokenX.CloudCore.Locks;
using GridTokenX.CloudCore.Operations;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Report;
using GridTokenX.CloudCore.Trading;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.CloudCore.Web;

namespace GridTokenX.CloudCore;

/// <summary>The parts of cloud core, in the order in which energy passes through them.</summary>
internal static class Modules
{
    internal static void AddModules(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddRegistration();
        services.AddGateways();
        services.AddWallets();
        services.AddIngest(configuration);
        services.AddChain(configuration);
        services.AddPricing(configuration);
        services.AddTrading(configuration);
        services.AddCrossZone();
        services.AddClearing();
        services.AddEffects();
        services.AddLocks(configuration);
        services.AddReport();
        services.AddAccounts(configuration);
        services.AddLive(configuration);
        services.AddOperations(configuration);
        services.AddOpenApi();
        services.AddWebPage(configuration);
    }

    internal static void MapModules(this IEndpointRouteBuilder routes)
    {
        routes.MapRegistration();
        routes.MapGateways();
        routes.MapWallets();
        routes.MapIngest();
        routes.MapChain();
        routes.MapTrading();
        routes.MapClearing();
        routes.MapPricing();
        routes.MapEffects();
        routes.MapReport();
        routes.MapCrossZone();
        routes.MapAccounts();
        routes.MapLive();
        routes.MapOperations();
        routes.MapOpenApi();
        routes.MapWebPage();
    }
}
