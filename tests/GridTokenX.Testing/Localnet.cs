using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace GridTokenX.Testing;

/// <summary>The repository's local chain (programs/localnet) as a process of its own, on free ports, with a state
/// folder that is thrown away at the end. A restart keeps ports and state.</summary>
[SuppressMessage("Security", "S4036", Justification = "Tests run the node and kill that the developer has.")]
public sealed partial class Localnet : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly string _state;
    private readonly LocalnetOptions _options;
    private readonly Queue<string> _lastErrors = new();
    private Process? _process;

    private Localnet(string folder, LocalnetOptions options)
    {
        _folder = folder;
        _options = options;
        _state = Path.Combine(Path.GetTempPath(), $"gridtokenx-localnet-{Guid.NewGuid():N}");
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
    }

    public Uri RpcUrl { get; private set; } = new("http://127.0.0.1:0");

    public Uri PubSubUrl { get; private set; } = new("ws://127.0.0.1:0");

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("The local chain is not running.");

    /// <summary>Returns when the chain answers.</summary>
    /// <exception cref="InvalidOperationException">It is not installed, or does not start.</exception>
    public static async Task<Localnet> StartAsync(
        LocalnetOptions? options = null, CancellationToken cancellationToken = default)
    {
        var localnet = new Localnet(FindFolder(), options ?? new LocalnetOptions());
        await localnet.StartAgainAsync(cancellationToken);
        return localnet;
    }

    /// <summary>Starts it after <see cref="StopAsync"/> or <see cref="KillAsync"/>, at the same addresses.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        if (_process is not null)
        {
            throw new InvalidOperationException("The local chain is already running.");
        }

        var process = new Process { StartInfo = StartInfo() };
        var ready = new TaskCompletionSource<Match>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) => KeepError(line.Data);
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                ready.TrySetException(new InvalidOperationException("it ended."));
            }
            else if (ReadyLine().Match(line.Data) is { Success: true } match)
            {
                ready.TrySetResult(match);
            }
        };
        _ = process.Start();
        _process = process;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        try
        {
            var match = await ready.Task.WaitAsync(timeout.Token);
            RpcUrl = new Uri(match.Groups["rpc"].Value);
            PubSubUrl = new Uri(match.Groups["pubsub"].Value);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
        {
            await KillAsync();
            throw new InvalidOperationException($"The local chain did not start: {e.Message}\n{Errors()}", e);
        }
    }

    /// <summary>Asks it to end (SIGTERM), and waits until it has.</summary>
    public async Task StopAsync()
    {
        if (_process is not { } process)
        {
            return;
        }

        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        using var timeout = new CancellationTokenSource(StopTimeout);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException e)
        {
            await KillAsync();
            throw new InvalidOperationException($"The local chain did not end when asked to.\n{Errors()}", e);
        }

        Forget();
    }

    /// <summary>Ends it without asking (SIGKILL), as a crash would.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
        {
            return;
        }

        process.Kill();
        await process.WaitForExitAsync();
        Forget();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        if (Directory.Exists(_state))
        {
            Directory.Delete(_state, recursive: true);
        }
    }

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = _folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Port 0 lets the system choose the first time.
        string[] arguments =
        [
            "server.mjs", "--state", _state,
            "--rpc-port", RpcUrl.Port.ToString(CultureInfo.InvariantCulture),
            "--ws-port", PubSubUrl.Port.ToString(CultureInfo.InvariantCulture),
            .. _options.Arguments(),
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    private void KeepError(string? line)
    {
        lock (_lastErrors)
        {
            if (line is null)
            {
                return;
            }

            _lastErrors.Enqueue(line);
            if (_lastErrors.Count > 50)
            {
                _ = _lastErrors.Dequeue();
            }
        }
    }

    private string Errors()
    {
        lock (_lastErrors)
        {
            return string.Join('\n', _lastErrors);
        }
    }

    private void Forget()
    {
        _process?.Dispose();
        _process = null;
    }

    private void KillAtExit(object? sender, EventArgs e) => _process?.Kill();

    private static string FindFolder()
    {
        var folder = RepositoryFiles.PathOf("programs", "localnet");
        return Directory.Exists(Path.Combine(folder, "node_modules"))
            ? folder
            : throw new InvalidOperationException(
                $"The local chain is not installed: run 'npm ci' in {folder} first (./gridtokenx test does).");
    }

    [GeneratedRegex(@"ready: (?<rpc>http://\S+) (?<pubsub>ws://\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ReadyLine();
}
