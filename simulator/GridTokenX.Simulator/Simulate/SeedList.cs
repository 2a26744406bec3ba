using System.Globalization;

namespace GridTokenX.Simulator.Simulate;

/// <summary>Seeds as they are given: a number of them, from the scenario's own on, or each by itself.</summary>
internal static class SeedList
{
    public const int Most = 1_000;

    /// <param name="text"><c>10</c> for ten seeds, <c>1,5,9</c> for these; null for the first alone.</param>
    /// <param name="first">The scenario's own.</param>
    /// <exception cref="FormatException">It is neither.</exception>
    public static IReadOnlyList<long> Read(string? text, long first)
    {
        if (text is null)
        {
            return [first];
        }

        if (!text.Contains(',', StringComparison.Ordinal))
        {
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count is >= 1 and <= Most
                ? [.. Enumerable.Range(0, count).Select(place => unchecked(first + place))]
                : throw Wrong();
        }

        var seeds = new List<long>();
        foreach (var part in text.Split(','))
        {
            seeds.Add(long.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed)
                && !seeds.Contains(seed)
                && seeds.Count < Most
                ? seed
                : throw Wrong());
        }

        return seeds;
    }

    private static FormatException Wrong() =>
        new($"--seeds is a number of seeds, from 1 to {Most}, or different seeds with commas between them.");
}
