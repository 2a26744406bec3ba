using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using GridTokenX.Testing;

namespace GridTokenX.EndToEnd.Tests;

/// <summary>
/// One <c>./gridtokenx demo</c> as a user runs it, in a folder of its own, with every part real. Its parts can be
/// killed and started again while it runs. Disposing it ends whatever of it is left.
/// </summary>
internal sealed partial class DemoRun : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-demo-").FullName;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _output = [];
    private readonly Process _process;
    private int _hoursTold;

    private DemoRun(IEnumerable<string> command, IEnumerable<string> options)
    {
        _process = Launch([.. command, "--home", Home, "--report", ReportFile, .. options], home: null);
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal string Home => Path.Combine(_folder, "home");

    internal string ReportFile => Path.Combine(_folder, "report.json");

    internal static DemoRun Start(params string[] options) => new(["demo"], options);

    /// <summary>A scenario's demo by its other name.</summary>
    internal static DemoRun StartSimulation(params string[] options) => new(["simulate", "--mode", "stack"], options);

    /// <summary>A benchmark that is a demo.</summary>
    internal static DemoRun StartMonth(params string[] options) => new(["bench", "month"], options);

    /// <summary>What it has printed so far.</summary>
    internal IReadOnlyList<string> Output
    {
        get
        {
            lock (_output)
            {
                return [.. _output];
            }
        }
    }

    /// <summary>Where the cloud core of this run answers.</summary>
    internal Uri Core => new("http://127.0.0.1:" + File.ReadLines(Path.Combine(Home, "ports"))
        .Single(static line => line.StartsWith("port_core=", StringComparison.Ordinal))["port_core=".Length..]);

    /// <summary>Runs to the end and returns the report of a run whose checks all held.</summary>
    internal static async Task<JsonElement> ReportOfAsync(params string[] options)
    {
        await using var run = Start(options);
        return await run.FinishAsync();
    }

    /// <summary>Waits until the simulator has told of that simulated hour's end.</summary>
    internal async Task ReachHourAsync(int hour)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (_hoursTold < hour)
        {
            _hoursTold += HourTold().IsMatch(await NextLineAsync(limit.Token)) ? 1 : 0;
        }
    }

    /// <summary>kill -9, then a start on the same ports and data.</summary>
    internal async Task KillAndStartAsync(string part)
    {
        await DoAsync("kill", part);
        await DoAsync("start", part);
    }

    /// <summary>Ends what <c>--keep</c> has left running.</summary>
    internal Task DownAsync() => DoAsync("down");

    internal async Task<JsonElement> FinishAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
        _process.ExitCode.ShouldBe(0, string.Join('\n', _output.TakeLast(60)));
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(ReportFile, limit.Token));
        return document.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // The launcher ends its parts when it is asked to end.
            using var terminate = Process.Start("kill", ["-s", "TERM", $"{_process.Id}"]);
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            await _process.WaitForExitAsync(limit.Token);
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task DoAsync(params string[] arguments)
    {
        using var process = Launch(arguments, Home);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        await process.WaitForExitAsync(limit.Token);
        process.ExitCode.ShouldBe(0, $"{string.Join(' ', arguments)}: {await output} {await error}");
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d \d\d:00 ", RegexOptions.NonBacktracking)]
    private static partial Regex HourTold();

    private static Process Launch(IEnumerable<string> arguments, string? home)
    {
        var start = new ProcessStartInfo(RepositoryFiles.PathOf("gridtokenx"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (home is not null)
        {
            start.Environment["GRIDTOKENX_HOME"] = home;
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The launcher did not start.");
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.Add(line);
        }

        _ = _lines.Writer.TryWrite(line);
    }

    private async Task<string> NextLineAsync(CancellationToken cancellationToken)
    {
        var ended = _process.WaitForExitAsync(cancellationToken);
        var line = _lines.Reader.ReadAsync(cancellationToken).AsTask();
        if (await Task.WhenAny(line, ended) == line)
        {
            return await line;
        }

        throw new InvalidOperationException($"The demo ended early:\n{string.Join('\n', _output.TakeLast(60))}");
    }
}
