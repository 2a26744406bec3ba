using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>
/// The gateway's one SQLite file. A commit is on the disk when it returns (write-ahead log, synchronous FULL). One
/// connection, used by one caller at a time; every piece of work is short.
/// </summary>
internal sealed class GatewayDatabase : IDisposable
{
    private const int SchemaVersion = 1;

    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

    internal GatewayDatabase(string path)
    {
        SystemSqlite.Use();
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            _ = Directory.CreateDirectory(folder);
        }

        _connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        Execute("PRAGMA journal_size_limit = 4194304");
        Migrate();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var command in _commands.Values)
            {
                command.Dispose();
            }

            _connection.Dispose();
        }
    }

    internal T Read<T>(Func<GatewayDatabase, T> work)
    {
        lock (_lock)
        {
            return work(this);
        }
    }

    /// <summary>All of the work or none of it; on the disk when this returns.</summary>
    internal T Write<T>(Func<GatewayDatabase, T> work)
    {
        lock (_lock)
        {
            Execute("BEGIN IMMEDIATE");
            var committed = false;
            try
            {
                var result = work(this);
                Execute("COMMIT");
                committed = true;
                return result;
            }
            finally
            {
                if (!committed)
                {
                    RollBack();
                }
            }
        }
    }

    internal void Write(Action<GatewayDatabase> work) =>
        Write(database =>
        {
            work(database);
            return true;
        });

    /// <summary>
    /// A prepared statement with its parameters set; kept for the next time. Only inside <see cref="Read"/> or Write,
    /// and only one reader of the same text at a time.
    /// </summary>
    internal SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this assembly; values are parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, _) in parameters)
            {
                _ = command.Parameters.AddWithValue(name, DBNull.Value);
            }

            _commands.Add(sql, command);
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
        }

        return command;
    }

    private void Execute(string sql) => _ = Command(sql).ExecuteNonQuery();

    private void RollBack()
    {
        try
        {
            Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // After some faults (a full disk) SQLite has rolled back already; the first exception is on its way.
        }
    }

    private void Migrate()
    {
        var found = (long)Command("PRAGMA user_version").ExecuteScalar()!;
        if (found > SchemaVersion)
        {
            throw new InvalidOperationException(
                $"The database is of a newer version ({found}) than this program knows ({SchemaVersion}).");
        }

        if (found < 1)
        {
            Write(static database =>
            {
                database.Execute(Schema.Version1);
                database.Execute("PRAGMA user_version = 1");
            });
        }
    }
}
