using System.CommandLine;
using GridTokenX.Simulator.Commands;

namespace GridTokenX.Simulator.Tests.Commands;

/// <summary>What of a demo's options is looked at before any part starts.</summary>
public sealed class RunCommandTests : IDisposable
{
    private readonly StringWriter _said = new();

    public void Dispose() => _said.Dispose();

    [Theory]
    [InlineData("--homes does not go with a --scenario", "--scenario", "attack", "--homes", "10")]
    [InlineData("--profiles does not go with a --scenario", "--scenario", "attack", "--profiles", "/tmp")]
    [InlineData("--pv-scale does not go with a --scenario", "--scenario", "attack", "--pv-scale", "1")]
    [InlineData("--without-faults needs a --scenario", "--without-faults")]
    [InlineData("There is no scenario nowhere", "--scenario", "nowhere")]
    [InlineData("whole quarter hours that divide a day", "--trade-every", "50")]
    [InlineData("there is no such folder for the report", "--report", "/nowhere/at/all.json")]
    public async Task What_contradicts_itself_is_refused_before_anything_starts(string message, params string[] words)
    {
        (await CheckAsync(words)).ShouldBe(2);
        _said.ToString().ShouldContain(message);
    }

    [Theory]
    [InlineData("--homes", "3", "--days", "2")]
    [InlineData("--scenario", "attack", "--days", "1", "--seed", "7", "--market", "call_auction")]
    [InlineData("--scenario", "outage_week", "--trade-every", "60")]
    [InlineData("--scenario", "village")]
    [InlineData("--scenario", "two_zones", "--without-faults")]
    public async Task What_can_be_played_is_said_by_the_code_alone(params string[] words)
    {
        (await CheckAsync(words)).ShouldBe(0, _said.ToString());
        _said.ToString().ShouldBeEmpty();
    }

    private Task<int> CheckAsync(string[] words)
    {
        var root = new RootCommand { RunCommand.Create(StoppedTime.Wall, RunCommand.Plain(_said)) };
        return root.Parse(["run", .. words, "--check"]).InvokeAsync();
    }
}
