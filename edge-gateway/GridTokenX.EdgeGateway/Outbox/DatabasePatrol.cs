using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Protocol.Time;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>
/// Reads the whole file after each start and once a day, beside everything else: a start need not wait for it however
/// much is buffered, and damage is found before somebody needs the page. What is found is mended as at a start.
/// </summary>
internal sealed class DatabasePatrol(GatewayDatabase database, WallTime wall, ILogger<DatabasePatrol> logger)
    : SupervisedService(wall, logger)
{
    internal static readonly TimeSpan Interval = TimeSpan.FromDays(1);

    /// <summary>How often the whole file was looked through.</summary>
    internal int Rounds { get; private set; }

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Run(() => LookThrough(cancellationToken), cancellationToken);
            Rounds++;
            await Wall.DelayAsync(Interval, cancellationToken);
        }
    }

    /// <summary>On a connection of its own, so that readings are stored meanwhile.</summary>
    private void LookThrough(CancellationToken cancellationToken)
    {
        if (!database.IsOpen)
        {
            return; // It is looked at when it is opened, and tomorrow.
        }

        try
        {
            if (DamageIn(database.Path, cancellationToken) is { } damage)
            {
                database.Mend(damage);
            }
        }
        catch (SqliteException exception) when (GatewayDatabase.IsDamage(exception))
        {
            database.Mend(exception.Message);
        }
        catch (SqliteException exception)
        {
            Log.NotLookedThrough(logger, exception.Message);
        }
    }

    private static string? DamageIn(string path, CancellationToken cancellationToken)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ToString());
        connection.Open();
        using var interrupt = cancellationToken.Register(() => raw.sqlite3_interrupt(connection.Handle!));
        using var check = connection.CreateCommand();
        check.CommandText = GatewayDatabase.QuickCheck;
        return check.ExecuteScalar() is string verdict and not "ok" ? verdict : null;
    }
}
