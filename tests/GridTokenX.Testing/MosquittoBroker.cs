using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace GridTokenX.Testing;

/// <param name="Users">Name and password of each user; null lets everybody in.</param>
/// <param name="Acl">Lines of an access control file; null allows every topic.</param>
/// <param name="Persistent">Sessions, queued and retained messages survive a restart, also a killed one; slow, because
/// mosquitto then writes all of its state after each change.</param>
/// <param name="Tls">Certificate and key, PEM files; null listens without TLS.</param>
/// <param name="HasSocket">It listens on a local socket too.</param>
public sealed record MosquittoBrokerOptions(
    IReadOnlyDictionary<string, string>? Users = null,
    string? Acl = null,
    bool Persistent = false,
    (string CertificateFile, string KeyFile)? Tls = null,
    bool HasSocket = false);

/// <summary>
/// A real mosquitto on a free loopback port, with its files in a folder of its own that goes with it.
/// </summary>
public sealed class MosquittoBroker : IAsyncDisposable
{
    private const string Executable = "/usr/sbin/mosquitto";
    private const string HashingTool = "/usr/bin/mosquitto_passwd";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly MosquittoBrokerOptions _options;
    private readonly StringBuilder _log = new();
    private Process? _process;

    private MosquittoBroker(MosquittoBrokerOptions options)
    {
        _options = options;
        Folder = Directory.CreateTempSubdirectory("gridtokenx-mosquitto-").FullName;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    public int Port { get; private set; }

    public string Folder { get; }

    /// <summary>The path of its local socket, where it was asked for one.</summary>
    public string Socket => Path.Combine(Folder, "socket");

    public bool UsesTls => _options.Tls is not null;

    /// <summary>What the running process has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public static async Task<MosquittoBroker> StartAsync(MosquittoBrokerOptions? options = null)
    {
        const int MaxAttempts = 5;
        var broker = new MosquittoBroker(options ?? new MosquittoBrokerOptions());
        var attempt = 1;
        while (true)
        {
            broker.Port = FreePort();
            try
            {
                await broker.RestartAsync();
                return broker;
            }
            catch (InvalidOperationException) when (attempt < MaxAttempts)
            {
                // Somebody else took the port between the look and the start.
                attempt++;
            }
        }
    }

    /// <summary>A loopback port nobody listens on at the moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>
    /// Starts it (again) on the same port with the same persistent state; returns once it takes connections.
    /// </summary>
    public async Task RestartAsync()
    {
        Kill9();
        var configuration = WriteConfiguration();
        var start = new ProcessStartInfo(Executable, ["-c", configuration])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.ErrorDataReceived += (_, line) => OnLine(line.Data, running);
        process.OutputDataReceived += (_, line) => OnLine(line.Data, running);
        process.Exited += (_, _) =>
            running.TrySetException(new InvalidOperationException($"mosquitto ended while starting:\n{Log}"));
        _process = process;
        _ = process.Start();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        await running.Task.WaitAsync(StartLimit);
    }

    public void Kill9()
    {
        if (_process is { } process)
        {
            _process = null;
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.WaitForExit();
            process.Dispose();
        }
    }

    /// <summary>It stands still until <see cref="ResumeAsync"/>; who comes meanwhile waits at its door.</summary>
    public Task SuspendAsync() => SignalAsync("-STOP");

    public Task ResumeAsync() => SignalAsync("-CONT");

    /// <summary>Asks it to end (SIGTERM); it saves its state.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            _ = kill(process.Id, 15);
            await process.WaitForExitAsync().WaitAsync(StartLimit);
            process.Dispose();
        }
    }

    /// <summary>Reads users and access anew (SIGHUP), as systemd has it do.</summary>
    public void Reload() => _ = kill(_process!.Id, 1);

    /// <summary>Sessions, queued and retained messages are gone; only while it is stopped.</summary>
    public void DeleteDatabase() => File.Delete(Path.Combine(Folder, "mosquitto.db"));

    public ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        Kill9();
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/kill", [signal, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private string WriteConfiguration()
    {
        var lines = new StringBuilder();
        if (_options.HasSocket)
        {
            _ = lines.AppendLine(CultureInfo.InvariantCulture, $"listener 0 {Socket}");
        }

        _ = lines.AppendLine(CultureInfo.InvariantCulture, $"listener {Port} 127.0.0.1")
            .AppendLine(CultureInfo.InvariantCulture, $"user {Environment.UserName}")
            .AppendLine("log_dest stderr")
            .AppendLine("log_type error")
            .AppendLine("log_type warning")
            .AppendLine("log_type notice")
            .AppendLine("log_type information")
            .AppendLine("connection_messages true")
            .AppendLine("set_tcp_nodelay true")
            .AppendLine("max_queued_messages 20000")
            .AppendLine("max_inflight_messages 1000")
            .AppendLine("message_size_limit 1048576");
        if (_options.Tls is { } tls)
        {
            _ = lines.AppendLine(CultureInfo.InvariantCulture, $"certfile {tls.CertificateFile}")
                .AppendLine(CultureInfo.InvariantCulture, $"keyfile {tls.KeyFile}");
        }

        if (_options.Persistent)
        {
            // Saved after every change, so that a killed broker comes back as it was.
            _ = lines.AppendLine("persistence true")
                .AppendLine(CultureInfo.InvariantCulture, $"persistence_location {Folder}/")
                .AppendLine("autosave_on_changes true")
                .AppendLine("autosave_interval 1");
        }

        AppendAccess(lines);
        var path = Path.Combine(Folder, "mosquitto.conf");
        File.WriteAllText(path, lines.ToString());
        return path;
    }

    private void AppendAccess(StringBuilder lines)
    {
        _ = lines.AppendLine(_options.Users is null ? "allow_anonymous true" : "allow_anonymous false");
        if (_options.Users is { } users)
        {
            var path = Path.Combine(Folder, "passwords");
            File.WriteAllLines(path, users.Select(static user => $"{user.Key}:{user.Value}"));
            using var hashing = Process.Start(HashingTool, ["-U", path]);
            hashing.WaitForExit();
            _ = lines.AppendLine(CultureInfo.InvariantCulture, $"password_file {path}");
        }

        if (_options.Acl is { } acl)
        {
            var path = Path.Combine(Folder, "acl");
            File.WriteAllText(path, acl);
            _ = lines.AppendLine(CultureInfo.InvariantCulture, $"acl_file {path}");
        }
    }

    private void OnLine(string? line, TaskCompletionSource running)
    {
        if (line is null)
        {
            return;
        }

        lock (_log)
        {
            // The log is for reading a failure, not for keeping.
            _ = _log.Length > 1_000_000 ? _log.Clear() : _log;
            _ = _log.AppendLine(line);
        }

        if (line.EndsWith(" running", StringComparison.Ordinal))
        {
            _ = running.TrySetResult();
        }
    }

    private void OnProcessExit(object? sender, EventArgs arguments) => Kill9();

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int processId, int signal);
}
