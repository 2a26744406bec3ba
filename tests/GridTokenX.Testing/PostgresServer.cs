using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace GridTokenX.Testing;

/// <summary>
/// A private PostgreSQL cluster in a folder of its own, reached over a Unix socket. It ends and is deleted with the
/// process that started it, whatever ends that process: a guard holds the other end of a pipe.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string OtherUser = "postgres";
    private const int Port = 5432;

    private static readonly SemaphoreSlim OneStart = new(1, 1);
    private static PostgresServer? _shared;

    private readonly string _folder;
    private readonly bool _durable;
    private readonly Process _guard;
    private int _databases;
    private bool _disposed;

    private PostgresServer(string folder, Process guard, bool durable)
    {
        _folder = folder;
        _durable = durable;
        _guard = guard;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>The process's one cluster, started when first asked for. Not to be killed: others use it.</summary>
    public static async Task<PostgresServer> SharedAsync()
    {
        await OneStart.WaitAsync();
        try
        {
            return _shared ??= await StartAsync();
        }
        finally
        {
            _ = OneStart.Release();
        }
    }

    /// <summary>A cluster of one's own, to be killed and restarted at will.</summary>
    /// <param name="durable">
    /// With fsync, and the settings that docs/OPERATIONS.md recommends: for measuring. Without it, what was committed
    /// outlives processes that are killed, but no machine that stops.
    /// </param>
    public static async Task<PostgresServer> StartAsync(bool durable = false)
    {
        var folder = Directory.CreateTempSubdirectory("gtx-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", OtherUser, folder);
        }

        await RunAsOtherAsync(
            "initdb", "-D", $"{folder}/data", "-A", "trust", "-U", OtherUser, "-E", "UTF8", "--locale=C", "--no-sync");
        var server = new PostgresServer(folder, StartGuard(folder), durable);
        await server.RestartAsync();
        return server;
    }

    private string Settings => _durable
        ? "-c shared_buffers=512MB -c wal_compression=lz4 -c max_wal_size=4GB -c checkpoint_timeout=15min"
        : "-c shared_buffers=64MB -c fsync=off";

    /// <summary>A new, empty database; returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"create database {name}", connection);
        _ = await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    /// <summary>
    /// SIGKILL to the whole cluster, as when the machine's memory runs out; what was committed is kept.
    /// </summary>
    public async Task Kill9Async()
    {
        var postmaster = await ReadPidAsync();
        await RunAsync("kill", "-9", postmaster.ToString(CultureInfo.InvariantCulture));

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        // The backends notice the postmaster's death by themselves; the data folder is free when the last has gone.
        while (await IsHeldAsync())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), deadline.Token);
        }

        // Where nobody collects dead processes (a container), the postmaster's number stays taken, and so would its
        // lock files.
        File.Delete($"{_folder}/data/postmaster.pid");
        File.Delete($"{_folder}/.s.PGSQL.{Port}.lock");
    }

    /// <summary>
    /// PostgreSQL's own immediate stop: no checkpoint, every connection lost at once; what was committed is recovered.
    /// </summary>
    public Task StopImmediatelyAsync() =>
        RunAsOtherAsync("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", $"{_folder}/data");

    /// <summary>
    /// Starts the cluster again after <see cref="Kill9Async"/> or <see cref="StopImmediatelyAsync"/>; returns when it
    /// takes connections.
    /// </summary>
    public async Task RestartAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await StartFaultAsync() is { } fault)
        {
            // A backend that has not noticed the postmaster's death yet holds the shared memory for a moment.
            if (!fault.Message.Contains("is still in use", StringComparison.Ordinal)
                || deadline.IsCancellationRequested)
            {
                throw fault;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
            await File.WriteAllTextAsync($"{_folder}/log", "");
        }
    }

    /// <summary>Null when it has started; else with what its log says.</summary>
    private async Task<InvalidOperationException?> StartFaultAsync()
    {
        try
        {
            await RunAsOtherAsync(
                "pg_ctl", "start", "-w", "-s", "-D", $"{_folder}/data", "-l", $"{_folder}/log", "-o",
                $"-p {Port} -k {_folder} -c listen_addresses='' -c max_connections=200 {Settings}");
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return new InvalidOperationException(await File.ReadAllTextAsync($"{_folder}/log"), exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
            _guard.StandardInput.Close();
            await _guard.WaitForExitAsync();
            _guard.Dispose();
        }
    }

    private static Process StartGuard(string folder)
    {
        var stop = $"cat >/dev/null; {Tool("pg_ctl")} stop -s -m immediate -D '{folder}/data'; rm -rf '{folder}'";

        // In a session of its own, as the server is: who ends this process's whole group ends neither of them.
        return Start(["setsid", .. AsOther(["sh", "-c", stop])]);
    }

    private static Process StartAsOther(IReadOnlyList<string> command) => Start(AsOther(command));

    private static IReadOnlyList<string> AsOther(IReadOnlyList<string> command) =>
        Environment.IsPrivilegedProcess ? ["runuser", "-u", OtherUser, "--", .. command] : command;

    private static Process Start(IReadOnlyList<string> whole)
    {
        var start = new ProcessStartInfo(whole[0], whole.Skip(1))
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{whole[0]} did not start.");
    }

    private static async Task RunAsOtherAsync(string tool, params string[] arguments) =>
        await FinishAsync(StartAsOther([Tool(tool), .. arguments]), tool);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        await FinishAsync(Process.Start(start)!, program);
    }

    private static async Task FinishAsync(Process process, string what)
    {
        using (process)
        {
            // pg_ctl leaves the server behind with the same output, so reading that to its end would wait for the
            // server.
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                var error = await process.StandardError.ReadToEndAsync();
                throw new InvalidOperationException($"{what} ended with {process.ExitCode}: {error}");
            }
        }
    }

    /// <summary>Debian keeps the server's tools out of the path, one folder per version.</summary>
    private static string Tool(string name)
    {
        const string Versions = "/usr/lib/postgresql";
        var found = Directory.Exists(Versions)
            ? Directory.GetDirectories(Versions)
                .OrderByDescending(static path => VersionOf(Path.GetFileName(path)))
                .Select(path => $"{path}/bin/{name}")
                .FirstOrDefault(File.Exists)
            : null;
        return found ?? name;
    }

    private static int VersionOf(string folder) =>
        int.TryParse(folder, CultureInfo.InvariantCulture, out var version) ? version : 0;

    private string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = _folder,
        Port = Port,
        Username = OtherUser,
        Database = database,
        MaxPoolSize = 40,
    }.ConnectionString;

    private async Task<int> ReadPidAsync()
    {
        var lines = await File.ReadAllLinesAsync($"{_folder}/data/postmaster.pid");
        return int.Parse(lines[0], CultureInfo.InvariantCulture);
    }

    private async Task<bool> IsHeldAsync()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                var commandLine = await File.ReadAllTextAsync($"{folder}/cmdline");
                if (commandLine.Contains("postgres", StringComparison.Ordinal)
                    && new FileInfo($"{folder}/cwd").LinkTarget == $"{_folder}/data")
                {
                    return true;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The process ended while it was looked at, or is none.
            }
        }

        return false;
    }

    private void OnProcessExit(object? sender, EventArgs e)
    {
        _guard.StandardInput.Close();
        _ = _guard.WaitForExit(TimeSpan.FromSeconds(10));
    }
}
