using System.Security.Cryptography;
using GridTokenX.Community.Profiles;
using GridTokenX.Community.Reports;
using GridTokenX.Community.Scenarios;

namespace GridTokenX.Simulator.Simulate;

/// <summary>A scenario's file and its files of measured power, as they were when they were read.</summary>
internal sealed class ScenarioInput
{
    private static readonly EnumerationOptions AnyCase = new() { MatchCasing = MatchCasing.CaseInsensitive };

    private readonly SortedDictionary<string, string> _profiles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _folders = new(StringComparer.Ordinal);
    private (string Path, byte[] Content)? _last;

    private ScenarioInput(string path, byte[] content, Scenario scenario)
    {
        Path = path;
        Content = content;
        Scenario = scenario;
    }

    public string Path { get; }

    public byte[] Content { get; }

    /// <summary>As the file says.</summary>
    public Scenario Scenario { get; }

    public string Sha256 => HashOf(Content);

    /// <summary>Those that were read.</summary>
    public IReadOnlyList<FileHash> Profiles => [.. _profiles.Select(static file => new FileHash(file.Key, file.Value))];

    /// <exception cref="ScenarioException">Says all that is wrong.</exception>
    public static ScenarioInput Read(string path)
    {
        var content = File.ReadAllBytes(path);
        using var reader = new StreamReader(new MemoryStream(content));
        var name = System.IO.Path.GetRelativePath(Environment.CurrentDirectory, path);
        return new ScenarioInput(path, content, ScenarioReader.Read(reader.ReadToEnd(), name));
    }

    /// <summary>For a run of the scenario, which may be longer or shorter than the file's.</summary>
    public Func<ProfileFile, EnergyProfile> ReaderFor(Scenario scenario) => profile =>
    {
        var name = NameOf(profile);
        using var reader = new StreamReader(new MemoryStream(ContentOf(name)));
        return CsvImport.Read(reader, name, profile.Options, scenario.Site.UtcOffsetHours)
            .ForRun(scenario.Start, scenario.Epochs, profile.Options.Repeat);
    };

    private string NameOf(ProfileFile profile)
    {
        if (!profile.IsFolder)
        {
            return !Directory.Exists(FullPath(profile.Path))
                ? profile.Path
                : throw new ProfileFormatException(
                    $"{profile.Path} is a folder: written {profile.Path}/, each home takes one of its files.");
        }

        if (!_folders.TryGetValue(profile.Path, out var files))
        {
            _folders[profile.Path] = files =
            [
                .. Directory.GetFiles(FullPath(profile.Path), "*.csv", AnyCase)
                    .Select(static file => System.IO.Path.GetFileName(file))
                    .Order(StringComparer.Ordinal),
            ];
        }

        return profile.Place < files.Length
            ? profile.Path + files[profile.Place]
            : throw new ProfileFormatException(
                $"{profile.Path} has {files.Length} CSV files, and the group's home {profile.Place + 1} would have the "
                + "next one.");
    }

    private string FullPath(string profile) =>
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, profile);

    /// <summary>The last one is kept: homes that take a column each ask for it one after the other.</summary>
    private byte[] ContentOf(string profile)
    {
        if (_last is not { } last || last.Path != profile)
        {
            _last = last = (profile, File.ReadAllBytes(FullPath(profile)));
            _profiles[profile] = HashOf(last.Content);
        }

        return last.Content;
    }

    private static string HashOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
