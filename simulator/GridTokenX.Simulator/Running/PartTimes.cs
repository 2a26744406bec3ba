using System.Globalization;

namespace GridTokenX.Simulator.Running;

/// <summary>
/// Processor time that the parts have used: each with the processes of its session and its children, since PostgreSQL's
/// have sessions of their own. Linux alone tells it; elsewhere there are no figures.
/// </summary>
/// <param name="leaders">Process ids by the part's name.</param>
internal sealed class PartTimes(IReadOnlyDictionary<string, int> leaders)
{
    private const string Processes = "/proc";

    // USER_HZ, which Linux has fixed for programs.
    private const decimal TicksPerSecond = 100;

    // Of /proc/PID/stat behind the command's name, which may hold anything.
    private const int ParentField = 1;
    private const int SessionField = 3;
    private const int FirstTimeField = 11;
    private const int TimeFields = 4;

    /// <summary>Seconds so far, by part, and this process's own as <c>simulator</c>.</summary>
    public IReadOnlyDictionary<string, decimal> Seconds()
    {
        var spent = leaders.Keys.ToDictionary(static name => name, static _ => 0L, StringComparer.Ordinal);
        var names = leaders.ToDictionary(static part => part.Value, static part => part.Key);
        foreach (var fields in Directory.Exists(Processes) ? Stats() : [])
        {
            if (names.TryGetValue(Number(fields[SessionField]), out var name)
                || names.TryGetValue(Number(fields[ParentField]), out name))
            {
                spent[name] += fields.Skip(FirstTimeField).Take(TimeFields)
                    .Sum(static field => long.Parse(field, CultureInfo.InvariantCulture));
            }
        }

        var seconds = spent.ToDictionary(
            static part => part.Key, static part => part.Value / TicksPerSecond, StringComparer.Ordinal);
        seconds["simulator"] = decimal.Round((decimal)Environment.CpuUsage.TotalTime.TotalSeconds, 2);
        return seconds;
    }

    private static int Number(string field) => int.Parse(field, CultureInfo.InvariantCulture);

    private static IEnumerable<string[]> Stats()
    {
        foreach (var folder in Directory.EnumerateDirectories(Processes))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                continue;
            }

            string stat;
            try
            {
                stat = File.ReadAllText(Path.Combine(folder, "stat"));
            }
            catch (IOException)
            {
                // It has ended meanwhile.
                continue;
            }

            yield return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
    }
}
