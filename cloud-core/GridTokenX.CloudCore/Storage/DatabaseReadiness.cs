using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace GridTokenX.CloudCore.Storage;

/// <summary>Set once the database has answered and is migrated. Everything that needs it waits for this.</summary>
public sealed class DatabaseReadiness
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    /// <summary>The schema does not fit; the process ends.</summary>
    public bool HasFailed => _ready.Task.IsFaulted;

    /// <exception cref="MigrationException">The schema does not fit.</exception>
    public Task WaitAsync(CancellationToken cancellationToken) => _ready.Task.WaitAsync(cancellationToken);

    internal void Set() => _ready.TrySetResult();

    internal void Fail(Exception reason) => _ready.TrySetException(reason);
}

internal sealed class DatabaseHealth(NpgsqlDataSource source, DatabaseReadiness readiness) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!readiness.IsReady)
        {
            return HealthCheckResult.Unhealthy("not migrated yet");
        }

        try
        {
            await using var command = source.CreateCommand("select 1");
            _ = await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException exception)
        {
            return HealthCheckResult.Unhealthy(exception.Message);
        }
    }
}
