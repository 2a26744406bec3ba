namespace GridTokenX.CloudCore.Ingest;

internal static class IngestSetup
{
    internal static void AddIngest(this IServiceCollection services, IConfiguration configuration)
    {
    }

    internal static void MapIngest(this IEndpointRouteBuilder routes)
    {
    }
}
