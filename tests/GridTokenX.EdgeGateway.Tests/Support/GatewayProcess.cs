using System.Diagnostics;
using System.Text;
using GridTokenX.EdgeGateway.Hosting;

namespace GridTokenX.EdgeGateway.Tests.Support;

/// <summary>The gateway as a process of its own, so that it can be killed as a power cut kills it.</summary>
internal sealed class GatewayProcess : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _log = new();

    private GatewayProcess(string[] settings, (string Name, string Value)? variable = null)
    {
        var program = typeof(GatewayApplication).Assembly.Location;
        string[] arguments = ["exec", program, .. settings, "--Logging:LogLevel:Default", "Information"];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (variable is { } set)
        {
            start.Environment[set.Name] = set.Value;
        }

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.Exited += (_, _) =>
            _ready.TrySetException(new InvalidOperationException($"The gateway ended:\n{_log}"));
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        _ = _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Does not wait for it to be ready.</summary>
    internal static GatewayProcess Begin(string[] settings) => new(settings);

    internal static async Task<GatewayProcess> StartAsync(
        string[] settings, (string Name, string Value)? variable = null)
    {
        var gateway = new GatewayProcess(settings, variable);
        await gateway._ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return gateway;
    }

    internal void Kill9()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        Kill9();
        _process.Dispose();
    }

    private void OnProcessExit(object? sender, EventArgs arguments) => Kill9();

    private void OnLine(string? line)
    {
        lock (_log)
        {
            _ = _log.AppendLine(line);
        }

        if (line?.Contains(" is ready on ", StringComparison.Ordinal) == true)
        {
            _ = _ready.TrySetResult();
        }
    }
}
