using GridTokenX.CloudCore.Simulation;
using Npgsql;

namespace GridTokenX.CloudCore.Ingest;

internal static class IngestSetup
{
    internal static void AddIngest(this IServiceCollection services, IConfiguration configuration) => _ = services
        .AddSingleton(configuration.Load<IngestOptions>("Ingest", IngestOptions.Faults))
        .AddSingleton<SignatureChecks>()
        .AddSingleton<ReadingCommit>()
        .AddSingleton<LateReadings>()
        .AddSingleton<ReadingIngest>()
        .AddSingleton<ISimulationStatus, ReadingCount>();
}

internal sealed class ReadingCount(NpgsqlDataSource source) : ISimulationStatus
{
    public async Task AddToAsync(SimulationCounts counts, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("select coalesce(sum(readings), 0)::bigint from meters");
        counts.ReadingsAccepted = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
