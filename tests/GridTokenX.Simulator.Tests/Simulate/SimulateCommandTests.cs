using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using GridTokenX.Simulator.Commands;
using GridTokenX.Simulator.Simulate;

namespace GridTokenX.Simulator.Tests.Simulate;

/// <summary>The command as the launcher calls it, in this process, in a folder that a shell would split.</summary>
public sealed class SimulateCommandTests : IDisposable
{
    private readonly string _folder =
        Directory.CreateTempSubdirectory("simulate it's $HOME ").FullName;

    private readonly StringWriter _said = new();

    private string Scenario => Path.Combine(_folder, "my street.yaml");

    public SimulateCommandTests()
    {
        File.WriteAllText(Scenario, """
            name: Street
            start: 2021-07-01
            days: 2
            seed: 3
            homes:
              - { name: roofs, count: 3, pv: { peak_kw: 4 }, agent: zero_intelligence }
              - { name: meters, count: 2, load: { csv: { file: meter.csv, repeat: true } } }
            """);
        File.WriteAllText(
            Path.Combine(_folder, "meter.csv"), "Time,power\n2021-07-01T00:00,400\n2021-07-01T00:15,800\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Printed_command_repeats_the_bytes()
    {
        (await SimulateAsync(Scenario, "--seed", "5", "--days", "1", "--out", In("first"))).ShouldBe(0);
        var words = WordsOf(Report("first").GetProperty("run").GetProperty("command").GetString()!);
        words[0].ShouldBe("./gridtokenx");
        (await SimulateAsync([.. words.Skip(2), "--out", In("again")])).ShouldBe(0);
        string[] files = ["epochs.csv", "homes.csv", "report.html", "report.json", "scenario.yaml"];
        Directory.GetFiles(In("first")).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(files);
        foreach (var file in files)
        {
            BytesOf("again", file).ShouldBe(BytesOf("first", file), file);
        }
    }

    [Fact]
    public async Task Report_holds_what_it_was_made_of()
    {
        (await SimulateAsync(Scenario, "--days", "1", "--out", In("run"))).ShouldBe(0);
        BytesOf("run", "scenario.yaml").ShouldBe(BytesOf(".", "my street.yaml"));
        var run = Report("run").GetProperty("run");
        run.GetProperty("scenario_sha256").GetString().ShouldBe(HashOf(Scenario));
        var profile = run.GetProperty("profiles").EnumerateArray().ShouldHaveSingleItem();
        profile.GetProperty("file").GetString().ShouldBe("meter.csv");
        profile.GetProperty("sha256").GetString().ShouldBe(HashOf(Path.Combine(_folder, "meter.csv")));
        _said.ToString().ShouldContain("meters: 2 homes alike in meter.csv");
    }

    [Fact]
    public async Task Homes_of_a_group_take_a_file_each_of_a_folder()
    {
        var meters = Directory.CreateDirectory(In("meters")).FullName;
        foreach (var (name, watts) in new[] { ("b.csv", 800), ("a.CSV", 400), ("note.txt", 0) })
        {
            await File.WriteAllTextAsync(
                Path.Combine(meters, name), $"Time,power\n2021-07-01T00:00,{watts}\n2021-07-01T00:15,{watts}\n");
        }

        await File.WriteAllTextAsync(Scenario, Meters("meters/", 2));
        (await SimulateAsync(Scenario, "--out", In("run"))).ShouldBe(0);
        _said.ToString().ShouldNotContain("alike");
        var homes = await File.ReadAllLinesAsync(In(Path.Combine("run", "homes.csv")));
        var column = Array.IndexOf(homes[0].Split(','), "consumption_wh");
        homes[1..].Select(home => home.Split(',')[column]).ShouldBe(["9600", "19200"]);
        Report("run").GetProperty("run").GetProperty("profiles").EnumerateArray()
            .Select(static file => file.GetProperty("file").GetString()).ShouldBe(["meters/a.CSV", "meters/b.csv"]);

        await File.WriteAllTextAsync(Scenario, Meters("meters/", 3));
        (await SimulateAsync(Scenario)).ShouldBe(2);
        _said.ToString().ShouldContain("meters/ has 2 CSV files, and the group's home 3 would have the next one.");
        await File.WriteAllTextAsync(Scenario, Meters("meters", 2));
        (await SimulateAsync(Scenario)).ShouldBe(2);
        _said.ToString().ShouldContain("meters is a folder: written meters/, each home takes one of its files.");
        await File.WriteAllTextAsync(Scenario, Meters("nowhere/", 2));
        (await SimulateAsync(Scenario)).ShouldBe(2);
        _said.ToString().ShouldContain("nowhere");

        static string Meters(string file, int count) =>
            "name: Street\nstart: 2021-07-01\ndays: 1\nhomes:\n"
            + $"  - {{ name: meters, count: {count}, load: {{ csv: {{ file: {file}, repeat: true }} }} }}\n";
    }

    [Fact]
    public async Task Comparison_says_what_the_runs_were_not_given_alike()
    {
        (await SimulateAsync(Scenario, "--days", "1", "--out", In("a"))).ShouldBe(0);
        (await SimulateAsync("compare", In("a"), In("a"), "--out", In("same.html"))).ShouldBe(0);
        _said.ToString().ShouldNotContain("differ");
        await File.AppendAllTextAsync(Path.Combine(_folder, "meter.csv"), "2021-07-01T00:30,0\n");
        (await SimulateAsync(Scenario, "--days", "1", "--seed", "4", "--out", In("b"))).ShouldBe(0);
        (await SimulateAsync("compare", In("a"), In("b"), "--out", In("page.html"))).ShouldBe(0);
        _said.ToString().ShouldContain("meter.csv differs: ");
        _said.ToString().ShouldContain("seeds differ: 3 and 4");
        _said.ToString().ShouldNotContain("scenario files differ");
        (await File.ReadAllTextAsync(In("page.html"))).ShouldContain("meter.csv differs: ");
    }

    [Fact]
    public async Task Stopped_run_leaves_a_report_that_says_so()
    {
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        (await RunAsync([Scenario, "--out", In("stopped")], TextWriter.Null, stopped.Token)).ShouldBe(130);
        var run = Report("stopped").GetProperty("run");
        run.GetProperty("complete").GetBoolean().ShouldBeFalse();
        run.GetProperty("epochs").GetInt64().ShouldBe(0);
        _said.ToString().ShouldContain("Stopped before the end: the report covers what was played.");
    }

    [Fact]
    public async Task Mixes_are_a_row_for_every_kind_and_rule()
    {
        var table = new StringWriter();
        (await RunAsync(["mixes", Scenario, "--days", "1"], table, CancellationToken.None)).ShouldBe(0);
        table.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2 + (7 * 2));
        table.ToString().ShouldContain("| zero intelligence | continuous |");
    }

    [Theory]
    [InlineData("no_such_scenario", "There is no scenario no_such_scenario")]
    [InlineData("village", "--days must be from 1 to 3660", "--days", "0")]
    public async Task Wrong_input_is_said_and_ends_with_two(string scenario, string message, params string[] options)
    {
        (await SimulateAsync([scenario, .. options])).ShouldBe(2);
        _said.ToString().ShouldContain(message);
    }

    [Fact]
    public async Task Wrong_scenario_and_missing_file_end_with_two()
    {
        await File.WriteAllTextAsync(In("wrong.yaml"), "name: x\n");
        (await SimulateAsync(In("wrong.yaml"))).ShouldBe(2);
        _said.ToString().ShouldContain("line 1: homes is missing");
        File.Delete(Path.Combine(_folder, "meter.csv"));
        (await SimulateAsync(Scenario, "--out", In("none"))).ShouldBe(2);
        _said.ToString().ShouldContain("meter.csv");
        (await SimulateAsync()).ShouldBe(2);
        Directory.Exists(In("none")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("village", "village")]
    [InlineData("a/b-c_1.yaml", "a/b-c_1.yaml")]
    [InlineData("my street", "'my street'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("", "''")]
    [InlineData("$(x)", "'$(x)'")]
    public void Word_is_quoted_where_a_shell_would_read_it_otherwise(string word, string quoted) =>
        ShellText.Quoted(word).ShouldBe(quoted);

    private byte[] BytesOf(string folder, string file) => File.ReadAllBytes(Path.Combine(_folder, folder, file));

    private string In(string name) => Path.Combine(_folder, name);

    private JsonElement Report(string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(In(name), "report.json"))).RootElement;

    private static string HashOf(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    /// <summary>As a real shell splits them.</summary>
    private static string[] WordsOf(string command)
    {
        var shell = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, UseShellExecute = false };
        shell.ArgumentList.Add("-c");
        shell.ArgumentList.Add($"printf '%s\\n' {command}");
        using var process = Process.Start(shell)!;
        var words = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        process.ExitCode.ShouldBe(0);
        return words;
    }

    private Task<int> SimulateAsync(params string[] words) => RunAsync(words, TextWriter.Null, CancellationToken.None);

    private Task<int> RunAsync(string[] words, TextWriter output, CancellationToken cancellationToken)
    {
        var root = new RootCommand { SimulateCommand.Create(StoppedTime.Wall, RunCommand.Plain(_said)) };
        return root.Parse(["simulate", .. words]).InvokeAsync(
            new InvocationConfiguration { Output = output }, cancellationToken);
    }
}
