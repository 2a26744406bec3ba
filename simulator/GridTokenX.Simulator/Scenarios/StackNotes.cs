using System.Globalization;
using GridTokenX.Community.Agents;
using GridTokenX.Community.Scenarios;

namespace GridTokenX.Simulator.Scenarios;

/// <summary>Something that is otherwise on real parts than in market mode; the code is stable.</summary>
internal sealed record PlayNote(string Code, string Text);

/// <summary>What of a scenario real parts play otherwise, said beforehand and in the report.</summary>
internal static class StackNotes
{
    public static IEnumerable<PlayNote> Of(Scenario scenario, int sessionQuarters)
    {
        yield return new PlayNote(
            "utility_not_played", "What the market leaves is not billed: real parts have no utility.");
        if (sessionQuarters > 1)
        {
            yield return Note(
                "not_every_quarter_traded",
                $"A session each {sessionQuarters} quarter hours: only the one after it is traded for.");
        }

        if (scenario.Market is { Rule: MarketRule.Continuous, Rounds: > 1 })
        {
            yield return Note(
                "one_turn_an_epoch",
                $"Agents have one turn a session, the last of their {scenario.Market.Rounds}.");
        }

        foreach (var group in scenario.Groups.Where(static group => group.Generates && group.Battery is null))
        {
            yield return Note(
                "lock_refused", $"{group.Name}: without a battery the devices refuse to lock what is sold.");
        }

        if (scenario.Groups.Any(static group => group.Agents.Any(static agent => agent.Kind == AgentKind.Arbitrage)))
        {
            yield return new PlayNote(
                "battery_not_in_registers",
                "Meters register roof and household: what a battery draws of the grid is in its gauge alone.");
        }

        foreach (var (own, name) in scenario.Zones.Zip(StackZones.NamesOf(scenario))
            .Where(static zone => zone.First != zone.Second))
        {
            yield return Note("zone_renamed", $"The zone {own} is called {name}.");
        }

        if (scenario.Links.Count > 0)
        {
            yield return new PlayNote(
                "traded_where_fed_in",
                "Energy of another zone changes hands where it is fed in: a bid is filled by what was sent for it.");
            yield return new PlayNote(
                "wheeling_is_owed",
                "Buyers owe the wheeling charge to the grid: no program collects it, and it stays in their wallets.");
        }

        foreach (var late in scenario.Faults.Where(fault => fault.FromEpoch >= scenario.Epochs))
        {
            yield return Note("fault_after_end", $"The run ends before the fault {late.Kind}.");
        }
    }

    private static PlayNote Note(string code, FormattableString text) =>
        new(code, text.ToString(CultureInfo.InvariantCulture));
}
