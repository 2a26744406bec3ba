using System.Text.RegularExpressions;
using System.Xml.Linq;
using GridTokenX.Testing;

namespace GridTokenX.Tidy.Tests;

public sealed partial class LayoutTests
{
    /// <summary>What each part may use. Dependencies point one way, and nothing uses the two services.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["GridTokenX.Protocol"] = [],
        ["GridTokenX.Mqtt"] = [],
        ["GridTokenX.Solana"] = [],
        ["GridTokenX.Programs"] = ["GridTokenX.Solana"],
        ["GridTokenX.Linker"] = [],
        ["GridTokenX.Market"] = ["GridTokenX.Protocol"],
        ["GridTokenX.CloudCore"] =
        [
            "GridTokenX.Protocol", "GridTokenX.Mqtt", "GridTokenX.Market", "GridTokenX.Solana", "GridTokenX.Programs",
        ],
        // Measures the product's own parts, as its tests test them.
        ["GridTokenX.Benchmarks"] =
        [
            "GridTokenX.EdgeGateway", "GridTokenX.Market", "GridTokenX.Programs", "GridTokenX.Solana",
            "GridTokenX.Testing", "GridTokenX.Community", "GridTokenX.CloudCore", "GridTokenX.Firmware.Board",
        ],
        ["GridTokenX.EdgeGateway"] = ["GridTokenX.Protocol", "GridTokenX.Mqtt"],
        ["GridTokenX.Firmware.Board"] = ["GridTokenX.Protocol", "GridTokenX.Mqtt"],
        // Simulates markets with the product's own books; see decision 30.
        ["GridTokenX.Community"] = ["GridTokenX.Protocol", "GridTokenX.Market"],
        ["GridTokenX.Simulator"] =
        [
            "GridTokenX.Protocol", "GridTokenX.Mqtt", "GridTokenX.Firmware.Board", "GridTokenX.Solana",
            "GridTokenX.Programs", "GridTokenX.Community",
        ],
    };

    [Fact]
    public void Dependencies_point_one_way()
    {
        foreach (var file in TrackedFiles.WithEnding(".csproj").Where(
            static f => !f.StartsWith("tests/", StringComparison.Ordinal)))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            Allowed.ShouldContainKey(name, $"{file}: say here what it may use");
            ReferencesOf(file).Except(Allowed[name]).ShouldBeEmpty(file);
        }
    }

    [Fact]
    public void Root_holds_only_what_the_readme_explains()
    {
        var readme = RepositoryFiles.Read("README.md");
        var entries = TrackedFiles.All.Select(static file => file.Split('/')[0]).Distinct();
        entries.Where(entry => !readme.Contains($"`{entry}", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = RepositoryFiles.Read("GridTokenX.sln").Replace('\\', '/');
        TrackedFiles.WithEnding(".csproj", ".nfproj")
            .Where(file => !solution.Contains(file, StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Firmware_project_has_no_build_configuration_in_the_solution()
    {
        var solution = RepositoryFiles.Read("GridTokenX.sln");
        foreach (Match project in FirmwareProject().Matches(solution))
        {
            solution.ShouldNotContain($"{project.Groups["id"].Value}.Debug", Case.Insensitive);
            solution.ShouldNotContain($"{project.Groups["id"].Value}.Release", Case.Insensitive);
        }
    }

    [Fact]
    public void Links_in_documents_lead_somewhere()
    {
        var broken = new List<string>();
        foreach (var file in TrackedFiles.WithEnding(".md"))
        {
            var folder = Path.GetDirectoryName(RepositoryFiles.PathOf(file)) ?? RepositoryFiles.Root;
            broken.AddRange(Link().Matches(RepositoryFiles.Read(file))
                .Select(static match => match.Groups["target"].Value)
                .Where(static target => !target.Contains("://", StringComparison.Ordinal))
                .Select(static target => target.Split('#')[0])
                .Where(target => target.Length > 0 && !Path.Exists(Path.Combine(folder, target)))
                .Select(target => $"{file}: {target}"));
        }

        broken.ShouldBeEmpty();
    }

    private static IEnumerable<string> ReferencesOf(string project) =>
        XDocument.Load(RepositoryFiles.PathOf(project)).Descendants("ProjectReference")
            .Select(static reference => reference.Attribute("Include")?.Value ?? string.Empty)
            .Select(static include => Path.GetFileNameWithoutExtension(include.Replace('\\', '/')));

    [GeneratedRegex("""^Project\("[^"]+"\) = "[^"]+", "[^"]+\.nfproj", "(?<id>[^"]+)"$""", RegexOptions.Multiline | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex FirmwareProject();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.NonBacktracking)]
    private static partial Regex Link();
}
