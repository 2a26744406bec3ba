using System.Globalization;

namespace GridTokenX.EndToEnd.Tests;

/// <summary>A folder of one day's load and PV files, and what they sum up to.</summary>
internal sealed class ProfileFiles : IDisposable
{
    private const int QuartersADay = 96;

    private readonly Dictionary<string, decimal> _wattHours = [];

    internal string Folder { get; } = Directory.CreateTempSubdirectory("gridtokenx-profiles-").FullName;

    /// <param name="kind"><c>load</c> or <c>pv</c>.</param>
    /// <param name="name">File name without its ending.</param>
    /// <param name="watts">Mean power of each quarter hour.</param>
    internal void Write(string kind, string name, Func<int, decimal> watts)
    {
        var path = Path.Combine(Folder, kind, name + ".csv");
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var start = new DateTime(2023, 5, 6, 0, 0, 0, DateTimeKind.Utc);
        var rows = Enumerable.Range(0, QuartersADay).Select(quarter => string.Create(
            CultureInfo.InvariantCulture, $"{start.AddMinutes(15 * quarter):yyyy-MM-dd'T'HH:mm},{watts(quarter)}"));
        File.WriteAllLines(path, rows.Prepend("Time,power"));
        _wattHours[Path.GetFileName(path)] = Enumerable.Range(0, QuartersADay).Sum(watts) / 4;
    }

    /// <summary>The energy of a file, named with or without its folder and ending.</summary>
    internal decimal WattHours(string file) => _wattHours[Path.GetFileNameWithoutExtension(file) + ".csv"];

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
