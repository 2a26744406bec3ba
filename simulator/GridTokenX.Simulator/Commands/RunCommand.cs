using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GridTokenX.Community.Profiles;
using GridTokenX.Community.Scenarios;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Reporting;
using GridTokenX.Simulator.Running;
using GridTokenX.Simulator.Scenarios;
using GridTokenX.Simulator.Simulate;
using Spectre.Console;

namespace GridTokenX.Simulator.Commands;

/// <summary>
/// The command <c>run</c>: reads the options, plays the neighbourhood, and says by its exit code how it went.
/// </summary>
internal sealed class RunCommand(WallTime time, IAnsiConsole console)
{
    private const int Held = 0;
    private const int DidNotHold = 1;
    private const int WrongInput = 2;
    private const int Interrupted = 130;

    private const int SecondsOfAMinute = 60;

    private const int PlainWidth = 1_000;

    private static readonly string Continuous = FieldName.Of(MarketRule.Continuous);
    private static readonly string CallAuction = FieldName.Of(MarketRule.CallAuction);

    private readonly Option<int> _homes = NumberOption.Create(
        "--homes", "Homes; every other one is a prosumer.", 20, 1, NeighbourhoodOptions.MaxHomes);

    private readonly Option<int> _days = NumberOption.Create(
        "--days", "Simulated days.", 1, 1, NeighbourhoodOptions.MaxDays);

    private readonly Option<long> _seed = NumberOption.Create(
        "--seed", "The same seed gives the same run.", 1, long.MinValue, long.MaxValue);

    private readonly Option<int> _tradeEvery = new("--trade-every")
    {
        Description = "Minutes from one trading session to the next: whole quarter hours that divide a day.",
        DefaultValueFactory = static _ => Quarter.Seconds / SecondsOfAMinute,
    };

    private readonly Option<string?> _scenario = new("--scenario")
    {
        Description = "File or ready scenario: its homes, agents, market, days, seed and faults.",
    };

    private readonly Option<string?> _market = new("--market")
    {
        Description = $"With --scenario: {Continuous} or {CallAuction} in place of its own rule.",
    };

    private readonly Option<string?> _coreSettings = new("--core-settings")
    {
        Description = "With --check and --scenario: file for what the cloud core has to be set to, NAME=VALUE.",
    };

    private readonly Option<bool> _withoutFaults = new("--without-faults")
    {
        Description = "Leaves the scenario's meters sound, to compare with; who has a fault does not trade either.",
    };

    private readonly Option<string?> _compare = new("--compare")
    {
        Description = "Report of that run: nobody's account may differ but of those who have a fault.",
    };

    private readonly Option<string?> _profiles = new("--profiles")
    {
        Description = "Folder of load/*.csv and pv/*.csv; built-in models without it.",
    };

    private readonly Option<decimal> _pvScale = NumberOption.Create(
        "--pv-scale", "Factor on the powers of the PV files.", 1m, 0m, 1_000m);

    private readonly Option<string?> _report = new("--report") { Description = "File for the report as JSON." };

    private readonly Option<string?> _out = new("--out")
    {
        Description = "Folder for the report as a page (report.html), as tables (CSV) and as report.json.",
    };

    private readonly Option<string?> _measurements = new("--measurements")
    {
        Description = "File for the figures of a benchmark, a JSON line each.",
    };

    private readonly Option<bool> _check = new("--check") { Description = "Only checks options and profiles." };

    private readonly Option<Uri?> _cloud = AddressOption.Create("--cloud", "Address of the cloud core.");

    private readonly Option<Uri?> _gateway = AddressOption.Create("--gateway", "Address of the gateway.");

    private readonly Option<Uri?> _rpc = AddressOption.Create("--rpc", "Solana RPC.");

    private readonly Option<string> _broker = new("--broker")
    {
        Description = "The home's broker: HOST:PORT, or the path of its local socket.",
        DefaultValueFactory = _ => "127.0.0.1:1883",
    };

    private readonly Option<string?> _gatewayKey = new("--gateway-key") { Description = "Public key of the gateway." };

    private readonly Option<string[]> _processes = new("--process")
    {
        Description = "NAME=PID of a part whose processor time is to be told.",
    };

    private readonly Option<string?> _operatorKey = new("--operator-key") { Description = "Key file of the operator." };

    private readonly Option<string?> _played = new("--live-on")
    {
        Description = "Goes on living after the report; the file is written then, with the run's exit code in it.",
    };

    private readonly Option<string?> _guests = new("--guests")
    {
        Description = "With --live-on: folder for the key files of visitors.",
    };

    private readonly Option<int> _speed = NumberOption.Create(
        "--speed", "With --live-on: market time against the real clock.", 30, 1, 900);

    public static Command Create(WallTime time) => Create(time, Output());

    internal static Command Create(WallTime time, IAnsiConsole console)
    {
        var self = new RunCommand(time, console);
        _ = self._market.AcceptOnlyFromAmong(Continuous, CallAuction);
        var command = new Command("run", "Plays a neighbourhood against running parts.")
        {
            self._homes, self._days, self._seed, self._tradeEvery, self._scenario, self._market, self._coreSettings,
            self._withoutFaults, self._compare,
            self._profiles, self._pvScale, self._report, self._out,
            self._measurements, self._check, self._cloud, self._gateway, self._gatewayKey, self._broker, self._rpc,
            self._operatorKey, self._processes, self._played, self._guests, self._speed,
        };
        command.SetAction((parsed, cancellationToken) => self.InvokeAsync(parsed, cancellationToken));
        return command;
    }

    private async Task<int> InvokeAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            var options = Options(parsed);
            var neighbourhood = Neighbourhood.Plan(options);
            var report = ReportFile(parsed);
            var accounts = parsed.GetValue(_compare) is { } file ? Accounts.Read(file) : null;
            if (parsed.GetValue(_check))
            {
                await WriteSettingsAsync(parsed.GetValue(_coreSettings), options.Scenario, cancellationToken);
                return Held;
            }

            var play = new Play(
                console, time, options, AddressesOf(parsed), report, parsed.GetValue(_measurements), LiveOnOf(parsed))
            {
                Undisturbed = accounts,
                ReportFolder = parsed.GetValue(_out),
            };
            return await play.RunAsync(neighbourhood, cancellationToken) ? Held : DidNotHold;
        }
        catch (ProfileException exception)
        {
            console.MarkupLineInterpolated($"[red]The profiles cannot be used:[/] {exception.Message}");
            return WrongInput;
        }
        catch (ScenarioException exception)
        {
            console.MarkupLineInterpolated($"[red]{string.Join('\n', exception.Problems)}[/]");
            return WrongInput;
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException
            or ProfileFormatException or JsonException)
        {
            console.MarkupLineInterpolated($"[red]{exception.Message}[/]");
            return WrongInput;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            console.MarkupLine("[yellow]Stopped before the end.[/]");
            return Interrupted;
        }
        catch (Exception exception)
            when (exception is StuckException or Cloud.ApiException or Solana.Rpc.SolanaException)
        {
            console.MarkupLineInterpolated($"[red]The run cannot go on:[/] {exception.Message}");
            return DidNotHold;
        }
    }

    /// <summary>In a terminal as it can; in a file or a pipe plain.</summary>
    internal static IAnsiConsole Output() =>
        Console.IsOutputRedirected ? Plain(Console.Out) : AnsiConsole.Console;

    /// <summary>Text that is not broken into short lines.</summary>
    internal static IAnsiConsole Plain(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = PlainWidth;
        return console;
    }

    /// <summary>Looked at before the run, not after it.</summary>
    private string? ReportFile(ParseResult parsed)
    {
        var folder = parsed.GetValue(_out);
        if (folder is not null && !parsed.GetValue(_check))
        {
            _ = Directory.CreateDirectory(folder);
        }

        if (parsed.GetValue(_report) is not { } file)
        {
            return folder is null ? null : Path.Combine(Path.GetFullPath(folder), SimulationFolder.ReportFile);
        }

        var path = Path.GetFullPath(file);
        return Directory.Exists(Path.GetDirectoryName(path))
            ? path
            : throw new DirectoryNotFoundException($"{file}: there is no such folder for the report.");
    }

    private LiveOnOptions? LiveOnOf(ParseResult parsed) => parsed.GetValue(_played) is { } played
        ? new LiveOnOptions(parsed.GetValue(_speed), played, Needed(parsed, _guests))
        : null;

    private NeighbourhoodOptions Options(ParseResult parsed)
    {
        var played = ScenarioOf(parsed);
        return new NeighbourhoodOptions
        {
            Homes = played?.Scenario.Homes ?? parsed.GetValue(_homes),
            Days = played?.Scenario.Days ?? parsed.GetValue(_days),
            Seed = played?.Scenario.Seed ?? parsed.GetValue(_seed),
            Scenario = played,
            Profiles = parsed.GetValue(_profiles),
            PvScale = parsed.GetValue(_pvScale),
            SessionQuarters = SessionQuarters(parsed.GetValue(_tradeEvery)),
            Command = CommandOf(parsed, played),
        };
    }

    private string CommandOf(ParseResult parsed, PlayedScenario? played)
    {
        var market = parsed.GetValue(_market) is { } rule ? $" --market {rule}" : string.Empty;
        var which = played is null
            ? string.Create(CultureInfo.InvariantCulture, $"--homes {parsed.GetValue(_homes)}")
            : $"--scenario {ShellText.Quoted(parsed.GetValue(_scenario)!)}";
        var profiles = parsed.GetValue(_profiles) is { } folder
            ? string.Create(
                CultureInfo.InvariantCulture,
                $" --profiles {ShellText.Quoted(folder)} --pv-scale {parsed.GetValue(_pvScale)}")
            : string.Empty;
        var faults = parsed.GetValue(_withoutFaults) ? " --without-faults" : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"./gridtokenx demo {which} --days {played?.Scenario.Days ?? parsed.GetValue(_days)} "
            + $"--seed {played?.Scenario.Seed ?? parsed.GetValue(_seed)} "
            + $"--trade-every {parsed.GetValue(_tradeEvery)}{market}{profiles}{faults}");
    }

    /// <summary>With the days and the seed of the options, where they are given.</summary>
    private PlayedScenario? ScenarioOf(ParseResult parsed)
    {
        if (parsed.GetValue(_scenario) is not { } name)
        {
            return !parsed.GetValue(_withoutFaults)
                ? null
                : throw new FormatException($"{_withoutFaults.Name} needs a {_scenario.Name}.");
        }

        if (Array.Find<Option>([_homes, _profiles, _pvScale], option => IsGiven(parsed, option)) is { } besides)
        {
            throw new FormatException(
                $"{besides.Name} does not go with a {_scenario.Name}: its groups say how many homes there are, and "
                + "what they draw and give.");
        }

        var path = ScenarioFiles.PathOf(name);
        var input = ScenarioInput.Read(path);
        var scenario = input.Scenario;
        var days = IsGiven(parsed, _days) ? parsed.GetValue(_days) : scenario.Days;
        var rule = scenario.Market.Rule;
        if (parsed.GetValue(_market) is { } market)
        {
            rule = market == CallAuction ? MarketRule.CallAuction : MarketRule.Continuous;
        }

        return new PlayedScenario(
            scenario with
            {
                Days = days,
                Seed = IsGiven(parsed, _seed) ? parsed.GetValue(_seed) : scenario.Seed,
                Market = scenario.Market with { Rule = rule },
            },
            path,
            input.Sha256,
            !parsed.GetValue(_withoutFaults));
    }

    /// <summary>Empty without a scenario: then the launcher's own hold.</summary>
    private static async Task WriteSettingsAsync(
        string? file, PlayedScenario? played, CancellationToken cancellationToken)
    {
        if (file is not null)
        {
            var settings = played is null ? [] : CoreRules.Of(played.Scenario).Settings;
            await File.WriteAllLinesAsync(file, settings, cancellationToken);
        }
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static int SessionQuarters(int minutes)
    {
        var seconds = (long)minutes * SecondsOfAMinute;
        return seconds > 0 && seconds % Quarter.Seconds == 0 && Quarter.PerDay * (long)Quarter.Seconds % seconds == 0
            ? (int)(seconds / Quarter.Seconds)
            : throw new FormatException("--trade-every must be whole quarter hours that divide a day: 15, 30, 60 …");
    }

    /// <summary>Needed to play, but not to check.</summary>
    private static T Needed<T>(ParseResult parsed, Option<T?> option)
        where T : class =>
        parsed.GetValue(option) ?? throw new FormatException($"{option.Name} is needed.");

    private Addresses AddressesOf(ParseResult parsed)
    {
        var (brokerHost, brokerPort) = BrokerAddress.ParseLocal(parsed.GetRequiredValue(_broker));
        return new Addresses
        {
            Cloud = Needed(parsed, _cloud),
            Gateway = Needed(parsed, _gateway),
            GatewayKey = Key32.Parse(Needed(parsed, _gatewayKey)),
            BrokerHost = brokerHost,
            BrokerPort = brokerPort,
            Rpc = Needed(parsed, _rpc),
            OperatorKeyFile = Needed(parsed, _operatorKey),
            Processes = (parsed.GetValue(_processes) ?? []).Select(static part => part.Split('=')).ToDictionary(
                static part => part[0],
                static part => int.Parse(part[^1], System.Globalization.CultureInfo.InvariantCulture),
                StringComparer.Ordinal),
        };
    }
}
