using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Scenarios;
using GridTokenX.Testing;

namespace GridTokenX.Community.Tests;

/// <summary>Valid values, of which a test changes what it is about.</summary>
internal static class Some
{
    /// <summary>Every kind of device, agent and forecast, two zones, a tariff and faults; one day.</summary>
    public const string Everything = """
        name: Everything
        start: 2026-04-06
        days: 1
        seed: 7
        site: bangkok
        market: { rule: continuous, rounds: 3 }
        prices: { feed_in: 2.2, retail: { on_peak: 5.8, off_peak: 2.64 }, base: 3 }
        zones: [ { name: a }, { name: b } ]
        links:
          - { from: a, to: b, wheeling: 0.1, loss: 0.05, capacity_kw: 20 }
          - { from: b, to: a, wheeling: 0.1, loss: 0.05, capacity_kw: 20 }
        homes:
          - name: full
            count: 12
            zone: a
            load: { annual_kwh: 4000 }
            pv: { peak_kw: 6 }
            wind: { rated_kw: 3 }
            battery: { capacity_kwh: 8, power_kw: 4, strategy: arbitrage }
            vehicle: { charging: surplus, daily_km: 30 }
            climate: { mode: both }
            agent: arbitrage
            forecast: exponential_smoothing
          - name: roofs
            count: 10
            zone: b
            pv: { peak_kw: 9, tilt: 30, azimuth: 90 }
            battery: { capacity_kwh: 5 }
            agent: { time_pressure: 1, zero_intelligence: 1 }
            forecast: naive
          - name: consumers
            count: 18
            zone: b
            load: { preset: european_household, occupancy: working }
            vehicle: { charging: night }
            agent: { truthful: 1, price_taker: 1 }
            forecast: perfect
        faults:
          - { kind: offline_meter, homes: 2, from_hour: 2, hours: 10 }
          - { kind: cheating_meter, group: roofs, homes: 1, from_hour: 6, hours: 8, factor: 3 }
        """;

    public static Scenario Scenario(string yaml = Everything) => ScenarioReader.Read(yaml, "some.yaml");

    public static string ReadyScenario(string name) => RepositoryFiles.Read($"simulator/scenarios/{name}.yaml");

    public static MarketRun Run(Scenario scenario) =>
        new(scenario, static file => throw new InvalidOperationException(file.Path));

    public static MarketRun Finished(Scenario scenario)
    {
        var run = Run(scenario);
        while (!run.IsFinished)
        {
            run.Step();
        }

        return run;
    }
}
