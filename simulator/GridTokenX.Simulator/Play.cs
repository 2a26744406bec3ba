using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Chain;
using GridTokenX.Simulator.Cloud;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Reporting;
using GridTokenX.Simulator.Running;
using GridTokenX.Simulator.Scenarios;
using Spectre.Console;

namespace GridTokenX.Simulator;

/// <summary>A whole run: the homes are made, live their days, and the books are compared.</summary>
/// <param name="console">Where it is told.</param>
/// <param name="time">The real clock.</param>
/// <param name="options">Which neighbourhood.</param>
/// <param name="addresses">Of the parts.</param>
/// <param name="reportFile">For the report as JSON; null for none.</param>
/// <param name="liveOn">How life goes on after the report; null for not at all.</param>
internal sealed class Play(
    IAnsiConsole console,
    WallTime time,
    NeighbourhoodOptions options,
    Addresses addresses,
    string? reportFile,
    string? measurementFile = null,
    LiveOnOptions? liveOn = null)
{
    private const int QuartersPerLine = 4;

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    private readonly List<IReadOnlyDictionary<string, decimal>> _processors = [];
    private readonly long _started = time.Clock.GetTimestamp();

    /// <summary>Of a run of the same scenario without its faults; null when there is nothing to compare.</summary>
    public Accounts? Undisturbed { get; init; }

    /// <summary>For the report as a page and tables; null for none.</summary>
    public string? ReportFolder { get; init; }

    /// <summary>True when every check held.</summary>
    public async Task<bool> RunAsync(Neighbourhood neighbourhood, CancellationToken cancellationToken)
    {
        using var parts = new Parts(addresses, neighbourhood.Start, time);
        var network = new HomeNetwork(addresses.BrokerHost, addresses.BrokerPort, time.Clock, static (_, _) => { });
        await using var homes = new LiveHomes(neighbourhood, options.Seed, network);
        Announce(neighbourhood);
        await using var installer = new Installer(network);
        var opening = new HomeOpening(parts, installer, addresses.GatewayKey, options.Days);
        var times = new PartTimes(addresses.Processes);
        var pace = new Pace(time.Clock, neighbourhood.Quarters);
        var run = new DemoRun(neighbourhood, options.SessionQuarters, homes.All, parts, opening)
        {
            Opened = () =>
            {
                pace.Begin();
                _processors.Add(times.Seconds());
            },
            Played = quarter =>
            {
                pace.Played(quarter);
                if (quarter % Quarter.PerDay == 0)
                {
                    _processors.Add(times.Seconds());
                }

                Tell(neighbourhood, homes.All, pace);
            },
        };
        RunOutcome outcome;
        try
        {
            outcome = await run.PlayAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await LeaveAsync(parts, homes.All, run.Phases, pace.Quarters);
            throw;
        }

        run.Phases.Begin("comparing the books");
        var epochs = ReportFolder is not null || neighbourhood.Zones.Count > 1
            ? await EpochsAsync(parts, neighbourhood.Zones, cancellationToken)
            : [];
        var compared = await CompareAsync(parts, homes.All, outcome, epochs, cancellationToken);
        var report = compared with
        {
            Problems = [.. compared.Problems, .. Undisturbed?.Differences(compared) ?? []],
            Phases = run.Phases.Seconds(),
            ProcessorSeconds = [.. _processors, times.Seconds()],
        };
        if (reportFile is not null)
        {
            await WriteAsync(reportFile, report, ReportJson.Default.DemoReport, cancellationToken);
        }

        if (ReportFolder is not null)
        {
            StackFolder.Write(ReportFolder, report, StackSeries.Of(neighbourhood, epochs));
        }

        if (measurementFile is not null)
        {
            await File.WriteAllLinesAsync(
                measurementFile, Measurements.Of(report, options.SessionQuarters), cancellationToken);
        }

        Summary.Write(console, report);
        var held = report.Problems.Count == 0;
        if (liveOn is not null)
        {
            SayPlayed(liveOn.PlayedFile, held);
            await new LiveOn(run, neighbourhood, homes.All, parts, liveOn, line => Say($"{line}\n"))
                .LiveAsync(outcome.Chain, cancellationToken);
        }

        return held;
    }

    private static async Task WriteAsync<T>(
        string file, T report, JsonTypeInfo<T> form, CancellationToken cancellationToken)
    {
        await using var stream = File.Create(file);
        await JsonSerializer.SerializeAsync(stream, report, form, cancellationToken);
    }

    private static async Task<List<EpochView>> EpochsAsync(
        Parts parts, IReadOnlyList<string> zones, CancellationToken cancellationToken)
    {
        var epochs = new List<EpochView>();
        foreach (var zone in zones)
        {
            string? cursor = null;
            do
            {
                var page = await parts.Cloud.EpochsAsync(zone, cursor, cancellationToken);
                epochs.AddRange(page.Epochs);
                cursor = page.Next;
            }
            while (cursor is not null);
        }

        return epochs;
    }

    /// <summary>Whoever stops a run does not wait long: what the cloud core has not said by then is left out.</summary>
    private async Task LeaveAsync(Parts parts, IReadOnlyList<Home> homes, Phases phases, int quarters)
    {
        if (reportFile is null)
        {
            return;
        }

        using var limit = new CancellationTokenSource(LastWords);
        OperatorReport? cloud = null;
        try
        {
            cloud = await parts.Cloud.ReportAsync(parts.Operator, limit.Token);
        }
        catch (Exception silence) when (silence is ApiException or OperationCanceledException)
        {
            Say($"The cloud core does not answer any more; its figures are not in the report.\n");
        }

        var report = StoppedReport.Of(
            options,
            [.. homes.Where(static home => home.IsOn).Select(static home => home.Books)],
            quarters,
            time.Clock.GetElapsedTime(_started),
            phases.Seconds(),
            cloud);
        await WriteAsync(reportFile, report, ReportJson.Default.StoppedReport, CancellationToken.None);
        Say($"Stopped after {quarters} of {options.Quarters} quarter hours; the report says so: {reportFile}\n");
    }

    /// <summary>Whoever waits for the file finds it whole.</summary>
    private static void SayPlayed(string file, bool held)
    {
        File.WriteAllText($"{file}.new", held ? "0\n" : "1\n");
        File.Move($"{file}.new", file, overwrite: true);
    }

    /// <summary>Puts our own books beside the cloud core's and the chain's.</summary>
    private async Task<DemoReport> CompareAsync(
        Parts parts,
        IReadOnlyList<Home> homes,
        RunOutcome outcome,
        IReadOnlyList<EpochView> epochs,
        CancellationToken cancellationToken)
    {
        var wallets = homes.Select(static home => home.Wallet).ToList();
        var payers = homes.Where(static home => !home.Plan.IsManaged).ToList();
        return ReportBuilder.Build(new Books(
            options,
            [.. homes.Select(static home => home.Books)],
            outcome,
            await parts.Cloud.ReportAsync(parts.Operator, cancellationToken),
            await parts.Cloud.ReconcileAsync(parts.Operator, cancellationToken),
            await ChainLedger.ReadAsync(
                parts.Rpc, outcome.Chain, wallets, payers.ConvertAll(static home => home.Wallet), cancellationToken),
            await new Wallets(parts.Rpc, outcome.Chain, homes).ReadAsync(cancellationToken),
            payers.Aggregate(Int128.Zero, static (sum, home) => sum + home.LamportsAtFirst),
            await ComputeUnits.ReadAsync(parts.Rpc, outcome.Chain, cancellationToken),
            time.Clock.GetElapsedTime(_started))
        {
            Epochs = epochs,
            Links = (await parts.Cloud.LinksAsync(parts.Operator, cancellationToken)).Links,
        });
    }

    private void Announce(Neighbourhood neighbourhood)
    {
        var prosumers = neighbourhood.Homes.Count(static home => home.IsProsumer);
        Say($"{neighbourhood.Homes.Count} homes, {prosumers} of them prosumers, ");
        Say($"live {options.Days} d from {neighbourhood.Start:yyyy-MM-dd HH:mm}\n");
        if (options.Scenario is { } played)
        {
            foreach (var note in StackNotes.Of(played.Scenario, options.SessionQuarters))
            {
                Say($"{note.Text} ({note.Code})\n");
            }
        }
    }

    /// <summary>A line an hour: readable in a terminal and in a log.</summary>
    private void Tell(Neighbourhood neighbourhood, IReadOnlyList<Home> homes, Pace pace)
    {
        var quarter = pace.Quarters;
        if (quarter % QuartersPerLine != 0)
        {
            return;
        }

        var now = neighbourhood.Start + (Quarter.Length * quarter);
        var produced = homes.Sum(static home => home.Books.ProducedWh) / 1_000m;
        var minted = homes.Sum(static home => home.MintedWh) / 1_000m;
        var wall = time.Clock.GetElapsedTime(_started).TotalSeconds;
        Say($"{now:yyyy-MM-dd HH:mm}  {produced,9:0.000} kWh produced  {minted,9:0.000} kWh minted  ");
        Say($"after {wall:0.0} s, {pace.Left.TotalSeconds:0} s left\n");
    }

    private void Say(FormattableString text) => console.Write(text.ToString(CultureInfo.InvariantCulture));
}
