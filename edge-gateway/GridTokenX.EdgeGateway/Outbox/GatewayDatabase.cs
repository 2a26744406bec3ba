using GridTokenX.Protocol.Time;
using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>
/// The gateway's one SQLite file. A commit is on the disk when it returns (write-ahead log, synchronous FULL). One
/// connection, used by one caller at a time; every piece of work is short.
/// <para>
/// It may be closed: a disk that cannot be written, or a file that is being looked at by nobody yet. Then every piece
/// of work throws, and opening is tried again with the next one, at least a second apart. A damaged file is set aside
/// and replaced by what could be recovered of it.
/// </para>
/// </summary>
internal sealed class GatewayDatabase : IDisposable
{
    private const int CannotOpen = 14;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    /// <summary>Looked through before it is used; a larger one by <see cref="DatabasePatrol"/> meanwhile.</summary>
    private const long LookThroughAtOnceBytes = 16 * 1024 * 1024;

    internal const string QuickCheck = "PRAGMA quick_check(1)";

    private static readonly TimeSpan OpenAgain = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly WallTime _wall;
    private readonly IDatabaseEvents? _events;
    private readonly bool _mayReplace;
    private readonly List<Action<GatewayDatabase>> _whenOpened = [];
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);
    private SqliteConnection? _connection;
    private string _fault = "not opened yet";
    private long? _failed;

    /// <param name="path">The file; made with its folder when it is missing.</param>
    /// <param name="wall">For the pause before opening again, and the names of damaged files.</param>
    /// <param name="events">Told what happens to the file as a whole.</param>
    /// <param name="mayReplace">False leaves a damaged file where it is: another process may have it open.</param>
    internal GatewayDatabase(string path, WallTime wall, IDatabaseEvents? events = null, bool mayReplace = true)
    {
        SystemSqlite.Use();
        (_path, _wall, _events, _mayReplace) = (path, wall, events, mayReplace);
        lock (_lock)
        {
            TryOpen();
        }
    }

    internal string Path => _path;

    /// <summary>Why it is not open.</summary>
    internal string Fault
    {
        get
        {
            lock (_lock)
            {
                return _fault;
            }
        }
    }

    /// <summary>False while the file cannot be opened.</summary>
    internal bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return _connection is not null;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Close();
        }
    }

    /// <summary>
    /// Does this now when the file is open, and again whenever it has been opened; there it is the only one at work.
    /// </summary>
    internal void WhenOpened(Action<GatewayDatabase> load)
    {
        lock (_lock)
        {
            _whenOpened.Add(load);
            if (_connection is not null)
            {
                load(this);
            }
        }
    }

    /// <exception cref="SqliteException">The file is not there to be used.</exception>
    internal T Read<T>(Func<GatewayDatabase, T> work)
    {
        lock (_lock)
        {
            EnsureOpen();
            try
            {
                return work(this);
            }
            catch (SqliteException exception) when (IsDamage(exception))
            {
                Replace(exception.Message);
                throw;
            }
        }
    }

    /// <summary>All of the work or none of it; on the disk when this returns.</summary>
    /// <exception cref="SqliteException">Nothing was done.</exception>
    internal T Write<T>(Func<GatewayDatabase, T> work)
    {
        lock (_lock)
        {
            EnsureOpen();
            try
            {
                return InTransaction(work);
            }
            catch (SqliteException exception) when (IsDamage(exception))
            {
                Replace(exception.Message);
                throw;
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
            command = _connection!.CreateCommand();
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

    /// <summary>Like <see cref="Command"/>, for what is done to every reading.</summary>
    internal Statement Statement(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new Statement(_connection!, sql);
            _statements.Add(sql, statement);
        }

        return statement;
    }

    /// <summary>Somebody found damage: the file is set aside and replaced by what can be recovered of it.</summary>
    internal void Mend(string damage)
    {
        lock (_lock)
        {
            if (_connection is not null)
            {
                Replace(damage);
            }
        }
    }

    /// <summary>A whole copy in one file, as of now; the target must not exist.</summary>
    internal void CopyTo(string target)
    {
        lock (_lock)
        {
            EnsureOpen();
            _ = Command("VACUUM INTO $target", ("$target", target)).ExecuteNonQuery();
        }
    }

    internal static bool IsDamage(SqliteException exception) => exception.SqliteErrorCode is Corrupt or NotADatabase;

    private T InTransaction<T>(Func<GatewayDatabase, T> work)
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

    private void EnsureOpen()
    {
        // Not by the time of day: a clock that is set back must not keep the file closed.
        if (_connection is null && (_failed is not { } at || _wall.Clock.GetElapsedTime(at) >= OpenAgain))
        {
            TryOpen();
        }

        if (_connection is null)
        {
            throw new SqliteException($"The database is not open: {_fault}", CannotOpen);
        }
    }

    private void TryOpen()
    {
        try
        {
            Open();
        }
        catch (SqliteException exception) when (IsDamage(exception))
        {
            Close();
            Replace(exception.Message);
        }
        catch (Exception exception) when (
            exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            Fail(exception.Message);
        }
    }

    private void Open()
    {
        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(_path)) is { } folder)
        {
            _ = Directory.CreateDirectory(folder);
        }

        if (_mayReplace)
        {
            DatabaseRecovery.Finish(_path, _wall);
        }

        _connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false }.ToString());
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");

        // Two hundred devices have their place on four hundred pages of the indexes, which every commit may touch: they
        // stay in memory, and many changes of a page go into the file as one.
        Execute("PRAGMA cache_size = -8000");
        Execute("PRAGMA wal_autocheckpoint = 4000");
        Execute("PRAGMA journal_size_limit = 16777216");
        if (new FileInfo(_path).Length <= LookThroughAtOnceBytes
            && Command(QuickCheck).ExecuteScalar() is string verdict and not "ok")
        {
            throw new SqliteException(verdict, Corrupt);
        }

        InTransaction(static database =>
        {
            // Proves that the file can be written, not only read.
            database.Execute(
                $"PRAGMA user_version = {(long)database.Command("PRAGMA user_version").ExecuteScalar()!}");
            return true;
        });
        Schema.Migrate(this, Execute, InTransaction);
        _events?.Opened();
        _whenOpened.ForEach(load => load(this));
    }

    private void Replace(string damage)
    {
        Close();
        if (!_mayReplace)
        {
            Fail(damage);
            return;
        }

        try
        {
            var report = DatabaseRecovery.SetAsideAndRecover(_path, _wall, () => _events?.Recovering());
            Open();
            _events?.Recovered(damage, report);
        }
        catch (Exception exception) when (
            exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            Fail(exception.Message);
        }
    }

    private void Fail(string why)
    {
        Close();
        _fault = why;
        _failed = _wall.Clock.GetTimestamp();
        _events?.Unavailable(why);
    }

    private void Close()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _commands.Clear();
        _statements.Clear();
        _connection?.Dispose();
        _connection = null;
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
}

/// <summary>What happens to the file as a whole; called with the database's lock held, must not use it.</summary>
internal interface IDatabaseEvents
{
    void Opened();

    void Unavailable(string why);

    /// <summary>A damaged file is being read; it takes its time, and goes on.</summary>
    void Recovering();

    void Recovered(string damage, RecoveryReport report);
}
