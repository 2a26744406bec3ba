using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// One process at a time does a work: it holds an advisory lock on a connection, so its work ends with that connection,
/// and a standby takes over at once. The lock only saves work; it fences nobody off.
/// </summary>
internal sealed class Leadership(NpgsqlDataSource source, long advisoryLock, TimeSpan pollInterval, WallTime wallTime)
{
    /// <summary>Waits until it is this process's turn, then works until that ends or fails.</summary>
    /// <param name="work">With the connection that holds the lock.</param>
    /// <param name="standBy">Called once when another process works.</param>
    /// <param name="whileWaiting">Called again and again meanwhile.</param>
    /// <param name="cancellationToken">Of the process.</param>
    public async Task LeadAsync(
        Func<NpgsqlConnection, CancellationToken, Task> work,
        Action standBy,
        Func<CancellationToken, Task> whileWaiting,
        CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        if (!await TryLockAsync(connection, cancellationToken))
        {
            standBy();
            do
            {
                await wallTime.DelayAsync(pollInterval, cancellationToken);
                await whileWaiting(cancellationToken);
            }
            while (!await TryLockAsync(connection, cancellationToken));
        }

        try
        {
            await work(connection, cancellationToken);
        }
        finally
        {
            await UnlockAsync(connection);
        }
    }

    // A pooled connection keeps its session's locks.
    private async Task UnlockAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var command = new NpgsqlCommand("select pg_advisory_unlock($1)", connection);
            command.Parameters.Add(new() { Value = advisoryLock });
            _ = await command.ExecuteScalarAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            // The connection is broken, and its locks with it; or it is closed instead of pooled, which frees them.
            NpgsqlConnection.ClearPool(connection);
        }
    }

    private async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection);
        command.Parameters.Add(new() { Value = advisoryLock });
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken) is true;
        }
        catch
        {
            // It may have been granted all the same.
            await UnlockAsync(connection);
            throw;
        }
    }
}
