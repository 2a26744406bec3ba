namespace GridTokenX.Simulator.Profiles;

/// <summary>
/// The files of <c>--profiles DIR</c>: <c>load/*.csv</c> and <c>pv/*.csv</c>, and from when on all of them speak.
/// </summary>
internal sealed class ProfileFolder
{
    private readonly IReadOnlyList<CsvProfile> _loads;
    private readonly IReadOnlyList<CsvProfile> _pvs;
    private readonly int _quarters;

    private ProfileFolder(
        IReadOnlyList<CsvProfile> loads, IReadOnlyList<CsvProfile> pvs, DateTimeOffset start, int quarters)
    {
        _loads = loads;
        _pvs = pvs;
        _quarters = quarters;
        Start = start;
    }

    /// <summary>The first quarter hour at which every file has an interval.</summary>
    public DateTimeOffset Start { get; }

    /// <exception cref="ProfileException">A file is not as it must be, or they do not fit together.</exception>
    public static ProfileFolder Load(string folder, int quarters, decimal pvScale)
    {
        var loads = LoadAll(folder, "load", 1);
        var pvs = LoadAll(folder, "pv", pvScale);
        var start = FirstCommonQuarter([.. loads, .. pvs], folder);
        var end = start + (Quarter.Length * quarters);
        if (loads.Concat(pvs).FirstOrDefault(file => file.End < end) is { } tooShort)
        {
            throw new ProfileException(
                $"{tooShort.Name}: ends at {tooShort.End:u}, but the run goes from {start:u} to {end:u}.");
        }

        return new ProfileFolder(loads, pvs, start, quarters);
    }

    /// <summary>
    /// A load for each home and a roof for each prosumer, in an order that the seed decides; every file is used once
    /// before one is used again.
    /// </summary>
    public (IReadOnlyList<IPowerProfile> Loads, IReadOnlyList<IPowerProfile> Pvs) Assign(
        long seed, int homes, int prosumers) =>
        (Deal(SeededRandom.For(seed, "load files"), _loads, homes),
            Deal(SeededRandom.For(seed, "pv files"), _pvs, prosumers));

    private List<IPowerProfile> Deal(SeededRandom random, IReadOnlyList<CsvProfile> files, int count)
    {
        var dealt = new List<IPowerProfile>(count);
        while (dealt.Count < count)
        {
            var next = random.Shuffled(files).Take(count - dealt.Count);
            dealt.AddRange(next.Select(file => file.From(Start, _quarters)));
        }

        return dealt;
    }

    private static List<CsvProfile> LoadAll(string folder, string kind, decimal scale)
    {
        var path = Path.Combine(folder, kind);
        var files = Directory.Exists(path) ? Directory.GetFiles(path, "*.csv") : [];
        Array.Sort(files, StringComparer.Ordinal);
        return files.Length > 0
            ? [.. files.Select(file => CsvProfile.Load(file, $"{kind}/{Path.GetFileName(file)}", scale))]
            : throw new ProfileException($"{path}: no *.csv files.");
    }

    private static DateTimeOffset FirstCommonQuarter(IReadOnlyList<CsvProfile> files, string folder)
    {
        var latest = files.Max(static file => file.First);
        var end = files.Min(static file => file.End);
        var pastQuarter = latest.Ticks % Quarter.Length.Ticks;
        var start = pastQuarter == 0 ? latest : latest.AddTicks(Quarter.Length.Ticks - pastQuarter);
        while (start < end && files.Any(file => !file.HasIntervalAt(start)))
        {
            start += Quarter.Length;
        }

        return start < end
            ? start
            : throw new ProfileException($"{folder}: there is no quarter hour at which all files have a value.");
    }
}
