using System.Globalization;

namespace GridTokenX.Benchmarks.Market;

/// <summary>Processor time of a cluster: the postmaster and all its children that live.</summary>
internal sealed class PostgresCpu(string folder)
{
    private const double TicksPerSecond = 100; // USER_HZ: the kernel's interface to programs counts in hundredths

    internal TimeSpan Total()
    {
        var postmaster = File.ReadLines($"{folder}/data/postmaster.pid").First();
        var ticks = 0L;
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (Path.GetFileName(process).All(char.IsAsciiDigit) && Read(process) is { } fields
                && (fields[1] == postmaster || Path.GetFileName(process) == postmaster))
            {
                ticks += long.Parse(fields[11], CultureInfo.InvariantCulture)
                    + long.Parse(fields[12], CultureInfo.InvariantCulture);
            }
        }

        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    /// <summary>The fields of <c>/proc/PID/stat</c> from the state on; null when the process has gone.</summary>
    private static string[]? Read(string process)
    {
        try
        {
            var text = File.ReadAllText($"{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
