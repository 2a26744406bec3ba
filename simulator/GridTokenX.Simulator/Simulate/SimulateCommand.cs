using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Profiles;
using GridTokenX.Community.Reports;
using GridTokenX.Community.Scenarios;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Commands;
using Spectre.Console;

namespace GridTokenX.Simulator.Simulate;

/// <summary>The command <c>simulate</c>: a neighbourhood in market mode, and what to do with its reports.</summary>
internal sealed class SimulateCommand
{
    private const int Done = 0;
    private const int NotHeld = 1;
    private const int WrongInput = 2;
    private const int Interrupted = 130;

    private const string Help = """
        Simulates a neighbourhood: agents and market in one process, no chain, no network; thousands of homes, years.

          simulate --list                     the ready scenarios
          simulate village                    one of them; the report is a folder with report.html
          simulate my.yaml --seed 2           your own (docs/SIMULATION.md; --schema prints what may stand in it)
          simulate compare A B                two reports side by side
          simulate mixes village --seeds 10   all kinds of agents under both market rules, as a table

        Or every part for real, down to the meters' firmware and the chain:

          simulate --mode stack village --days 1 --out report

        Or tests an installation, in real time, with meters that sign what they would measure:

          simulate --mode live --cloud https://cloud.example --operator-key operator.json --meters 1000
          simulate --mode live --cloud https://cloud.example --broker 192.168.1.7:1883 --gateway-key KEY \
              --broker-devices passwords
        """;

    private readonly Argument<string?> _scenario = new("scenario")
    {
        Description = "A file (YAML or JSON), or the name of a ready scenario.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _mode = new("--mode")
    {
        Description = "market: agents and engine in one process; stack: every part for real, which ./gridtokenx "
            + "starts, with the options of its command demo; live: signed readings against a running installation.",
        DefaultValueFactory = static _ => "market",
    };

    private readonly Option<long?> _seed = new("--seed") { Description = "In place of the scenario's." };

    private readonly Option<int?> _days = new("--days") { Description = "In place of the scenario's." };

    private readonly Option<string?> _out = new("--out")
    {
        Description = "Folder of the report; .gridtokenx/simulations/SCENARIO-SEED without it.",
    };

    private readonly Option<bool> _trades = new("--trades")
    {
        Description = "Writes trades.csv beside the report: a line a trade, which may be gigabytes.",
    };

    private readonly Option<bool> _list = new("--list") { Description = "Lists the ready scenarios." };

    private readonly Option<bool> _schema = new("--schema") { Description = "Prints the JSON schema of scenarios." };

    private readonly WallTime _time;
    private readonly IAnsiConsole _console;
    private readonly LiveCommand _live;

    private SimulateCommand(WallTime time, IAnsiConsole console, string? brokerPassword)
    {
        _time = time;
        _console = console;
        _live = new LiveCommand(time, console, brokerPassword);
        _mode.AcceptOnlyFromAmong("market", "stack", "live");
    }

    /// <param name="time">For progress, and the real time of live mode.</param>
    /// <param name="brokerPassword">What the environment holds of it, for live mode.</param>
    public static Command Create(WallTime time, string? brokerPassword) =>
        Create(time, RunCommand.Output(), brokerPassword);

    /// <param name="console">Where a person reads.</param>
    internal static Command Create(WallTime time, IAnsiConsole console, string? brokerPassword = null)
    {
        var self = new SimulateCommand(time, console, brokerPassword);
        var command = new Command("simulate", Help)
        {
            self._scenario, self._mode, self._seed, self._days, self._out, self._trades, self._list, self._schema,
            self.Compare(), self.Mixes(),
        };
        foreach (var option in self._live.Options)
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => parsed.GetValue(self._mode) switch
        {
            "live" => self.LiveAsync(parsed, cancellationToken),
            "stack" => Task.FromResult(self.RefuseStack()),
            _ => Task.FromResult(self.Guard(() => self.Simulate(parsed, cancellationToken))),
        });
        return command;
    }

    /// <summary>Real parts are processes that the launcher starts: it takes this mode for itself.</summary>
    private int RefuseStack()
    {
        _console.WriteLine("Mode stack needs its parts started: ./gridtokenx simulate --mode stack does it.");
        return WrongInput;
    }

    private Command Compare()
    {
        var first = new Argument<string>("a") { Description = "A run's folder, or its report.json." };
        var second = new Argument<string>("b") { Description = "Another one." };
        var file = new Option<string?>("--out") { Description = "The HTML page; beside the runs without it." };
        var command = new Command(
            "compare", "Two runs side by side, both of market mode or both of real parts: a table, and a page.")
        {
            first, second, file,
        };
        command.SetAction(parsed => Guard(() =>
        {
            var runs = ComparedRuns.Read(parsed.GetRequiredValue(first), parsed.GetRequiredValue(second));
            _console.Write(SimulationTables.Compared(runs.Figures));
            foreach (var difference in runs.Inputs)
            {
                _console.MarkupLineInterpolated($"[yellow]{difference}[/]");
            }

            var page = parsed.GetValue(file) ?? SimulationFolder.Standard("comparison.html");
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(page))!);
            File.WriteAllText(page, runs.Page);
            _console.MarkupLineInterpolated($"page: {page}");
            return Done;
        }));
        return command;
    }

    private Command Mixes()
    {
        var scenario = new Argument<string>("scenario") { Description = "Whose homes; agents are replaced." };
        var days = new Option<int?>("--days") { Description = "In place of the scenario's." };
        var seed = new Option<long?>("--seed") { Description = "In place of the scenario's." };
        var seeds = new Option<string?>("--seeds")
        {
            Description = "10: ten seeds, from the scenario's on; 1,5,9: these. Figures are means ± deviations.",
        };
        var command = new Command("mixes", "Welfare and volume of all kinds of agents under both market rules.")
        {
            scenario, days, seed, seeds,
        };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Guard(() =>
        {
            var path = ScenarioFiles.PathOf(parsed.GetRequiredValue(scenario));
            var input = ScenarioInput.Read(path);
            var loaded = Changed(input.Scenario, parsed.GetValue(seed), parsed.GetValue(days));
            var played = SeedList.Read(parsed.GetValue(seeds), loaded.Seed);
            var table = WithProgress("mixes", tell => MixTable.Of(
                loaded, played, input.ReaderFor(loaded), (done, all) => tell((double)done / all),
                cancellationToken));
            parsed.InvocationConfiguration.Output.Write(table);
            return Done;
        })));
        return command;
    }

    private int Simulate(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_schema))
        {
            parsed.InvocationConfiguration.Output.Write(ScenarioSchema.Text());
            return Done;
        }

        if (parsed.GetValue(_list))
        {
            _console.Write(SimulationTables.Ready());
            return Done;
        }

        if (parsed.GetValue(_scenario) is not { } name)
        {
            _console.WriteLine("Which scenario? Give a file or a name; simulate --list names the ready ones.");
            return WrongInput;
        }

        return Play(name, parsed, cancellationToken);
    }

    private int Play(string name, ParseResult parsed, CancellationToken cancellationToken)
    {
        var path = ScenarioFiles.PathOf(name);
        var input = ScenarioInput.Read(path);
        var scenario = Changed(input.Scenario, parsed.GetValue(_seed), parsed.GetValue(_days));
        Warn(scenario);
        var start = _time.Clock.GetTimestamp();
        var run = new MarketRun(scenario, input.ReaderFor(scenario));
        var folder = parsed.GetValue(_out) ?? SimulationFolder.Standard(string.Create(
            CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(path)}-{scenario.Seed}"));
        using var trades = parsed.GetValue(_trades) ? SimulationFolder.Trades(folder) : null;
        var finished = WithProgress(scenario.Name, tell => StepAll(run, trades, tell, cancellationToken));
        var elapsed = _time.Clock.GetElapsedTime(start);
        var origin = new RunOrigin(Version(), CommandOf(name, scenario))
        {
            ScenarioSha256 = input.Sha256,
            Profiles = input.Profiles,
        };
        var report = SimulationFolder.Write(folder, run, origin, input);
        _console.Write(SimulationTables.Summary(report));
        _console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture, $"{run.Epoch} quarter hours in {elapsed.TotalSeconds:0.00} s");
        _console.MarkupLineInterpolated($"report: {Path.Combine(folder, "report.html")}");
        if (!finished)
        {
            _console.MarkupLine("[yellow]Stopped before the end: the report covers what was played.[/]");
        }

        return finished ? Done : Interrupted;
    }

    private void Warn(Scenario scenario)
    {
        foreach (var ignored in scenario.Faults.Where(static fault => !fault.IsOfMarketMode))
        {
            _console.MarkupLineInterpolated($"[yellow]market mode ignores the fault {ignored.Kind}[/]");
        }

        foreach (var late in scenario.Faults.Where(fault => fault.FromEpoch >= scenario.Epochs))
        {
            _console.MarkupLineInterpolated($"[yellow]the run ends before the fault {late.Kind}[/]");
        }

        foreach (var group in scenario.Groups)
        {
            foreach (var file in group.SharedFiles())
            {
                _console.MarkupLineInterpolated(
                    $"[yellow]{group.Name}: {group.Count} homes alike in {file}; columns: each tells them apart[/]");
            }
        }
    }

    private static bool StepAll(
        MarketRun run, TextWriter? trades, Action<double> tell, CancellationToken cancellationToken)
    {
        while (!run.IsFinished && !cancellationToken.IsCancellationRequested)
        {
            run.Step();
            trades?.Write(ReportText.TradeLines(run));
            tell((double)run.Epoch / run.Scenario.Epochs);
        }

        return run.IsFinished;
    }

    private T WithProgress<T>(string name, Func<Action<double>, T> work) => _console.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
            new RemainingTimeColumn())
        .Start(context =>
        {
            var task = context.AddTask(Markup.Escape(name), maxValue: 1);
            return work(done => task.Value = done);
        });

    private static Scenario Changed(Scenario scenario, long? seed, int? days)
    {
        if (days is < 1 or > ScenarioShapes.MaxDays)
        {
            throw new ScenarioException([$"--days must be from 1 to {ScenarioShapes.MaxDays}."]);
        }

        return scenario with { Seed = seed ?? scenario.Seed, Days = days ?? scenario.Days };
    }

    private static string CommandOf(string name, Scenario scenario) => string.Create(
        CultureInfo.InvariantCulture,
        $"./gridtokenx simulate {ShellText.Quoted(name)} --mode market --seed {scenario.Seed} --days {scenario.Days}");

    private static string Version() =>
        typeof(SimulateCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion ?? "unknown";

    private async Task<int> LiveAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            return await _live.RunAsync(
                parsed, parsed.GetValue(_seed) ?? 1, parsed.GetValue(_out), cancellationToken);
        }
        catch (Exception exception) when (exception is FormatException or IOException
            or UnauthorizedAccessException)
        {
            _console.MarkupLineInterpolated($"[red]{exception.Message}[/]");
            return WrongInput;
        }
        catch (Cloud.ApiException exception)
        {
            _console.MarkupLineInterpolated($"[red]The cloud core does not let the meters in:[/] {exception.Message}");
            return NotHeld;
        }
        catch (Live.UplinkAwayException exception)
        {
            _console.MarkupLineInterpolated($"[red]The broker does not let the meters in:[/] {exception.Message}");
            return NotHeld;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _console.MarkupLine("[yellow]Stopped before it began.[/]");
            return Interrupted;
        }
    }

    private int Guard(Func<int> work)
    {
        try
        {
            return work();
        }
        catch (ScenarioException exception)
        {
            foreach (var problem in exception.Problems)
            {
                _console.MarkupLineInterpolated($"[red]{problem}[/]");
            }
        }
        catch (Exception exception) when (exception is ProfileFormatException or IOException
            or FormatException or UnauthorizedAccessException or JsonException)
        {
            _console.MarkupLineInterpolated($"[red]{exception.Message}[/]");
        }
        catch (OperationCanceledException)
        {
            _console.MarkupLine("[yellow]Stopped before the end.[/]");
            return Interrupted;
        }

        return WrongInput;
    }
}
