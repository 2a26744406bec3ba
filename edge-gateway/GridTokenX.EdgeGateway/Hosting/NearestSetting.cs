namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>What somebody may have meant who misspelt a setting.</summary>
internal static class NearestSetting
{
    /// <summary>
    /// The known one whose own name, and then whose path, takes the fewest changes of a letter; null when even its name
    /// is another word.
    /// </summary>
    internal static string? To(string unknown, IEnumerable<string> known)
    {
        var name = Name(unknown);
        var most = Math.Max(1, name.Length / 3);
        return known
            .Select(setting => (
                Setting: setting, OfName: Distance(name, Name(setting)), OfPath: Distance(unknown, setting)))
            .Where(one => one.OfName <= most)
            .OrderBy(static one => one.OfName)
            .ThenBy(static one => one.OfPath)
            .ThenBy(static one => one.Setting, StringComparer.Ordinal)
            .Select(static one => one.Setting)
            .FirstOrDefault();
    }

    private static string Name(string path) => path[(path.LastIndexOf(':') + 1)..];

    /// <summary>Letters to be put in, left out or exchanged (Levenshtein), whatever their case.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var isSame = char.ToUpperInvariant(one[i - 1]) == char.ToUpperInvariant(other[j - 1]);
                var change = diagonal + (isSame ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
