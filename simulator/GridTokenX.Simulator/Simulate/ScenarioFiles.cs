using GridTokenX.Community.Profiles;
using GridTokenX.Community.Scenarios;

namespace GridTokenX.Simulator.Simulate;

/// <summary>Where scenarios and their files of measured power lie: a path, or the name of a ready one.</summary>
internal static class ScenarioFiles
{
    private const string Ending = ".yaml";

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "scenarios");

    public static IReadOnlyList<string> Ready() =>
    [
        .. Directory.GetFiles(Folder, $"*{Ending}")
            .Select(static file => Path.GetFileNameWithoutExtension(file))
            .Order(StringComparer.Ordinal),
    ];

    /// <exception cref="FileNotFoundException">There is neither such a file nor such a scenario.</exception>
    public static string PathOf(string scenario)
    {
        if (File.Exists(scenario))
        {
            return Path.GetFullPath(scenario);
        }

        var ready = Path.Combine(Folder, scenario + Ending);
        return File.Exists(ready) && Path.GetFileName(scenario) == scenario
            ? ready
            : throw new FileNotFoundException(
                $"There is no scenario {scenario}: give a file's path, or one of {string.Join(", ", Ready())}.");
    }

    /// <exception cref="ScenarioException">Says all that is wrong.</exception>
    public static Scenario Load(string path) => ScenarioInput.Read(path).Scenario;

    /// <summary>Reads a scenario's files, found from the scenario's own folder.</summary>
    public static Func<ProfileFile, EnergyProfile> ProfilesOf(Scenario scenario, string path) =>
        ScenarioInput.Read(path).ReaderFor(scenario);
}
