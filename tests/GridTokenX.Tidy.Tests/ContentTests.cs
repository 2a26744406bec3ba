using System.Text.RegularExpressions;
using GridTokenX.Testing;

namespace GridTokenX.Tidy.Tests;

public sealed partial class ContentTests
{
    private const int MaxColumns = 120;
    private const int MaxLines = 400;

    private static readonly string[] Code = [".cs", ".mjs", ".js", ".rs", ".sql", ".sh"];

    private static readonly string[] Scripts =
        ["gridtokenx", ".ci/run", "programs/build", "programs/compare", "programs/test"];

    [Fact]
    public void Lines_end_before_column_121()
    {
        var wide =
            from file in TrackedFiles.WithEnding(Code).Concat(Scripts).Where(static file => !IsData(file))
            from line in TrackedFiles.Lines(file).Select(static (text, index) => (Text: text, Number: index + 1))
            where line.Text.Length > MaxColumns && !LongLiteral().IsMatch(line.Text)
            select $"{file}:{line.Number} has {line.Text.Length} columns";
        wide.ShouldBeEmpty();
    }

    [Fact]
    public void Files_stay_small_enough_to_see()
    {
        var long_ =
            from file in TrackedFiles.WithEnding(Code).Where(static file => !IsData(file))
            let lines = TrackedFiles.Lines(file).Length
            where lines > MaxLines
            select $"{file} has {lines} lines: look for the second noun";
        long_.ShouldBeEmpty();
    }

    [Fact]
    public void No_secret_is_tracked()
    {
        TrackedFiles.WithEnding(".pem", ".key", ".env", ".pfx", "-wallet.json", "keypair.json", "id.json")
            .ShouldBeEmpty();
        foreach (var file in TrackedFiles.WithEnding(".json", ".md", ".sh", ".conf", ".yml").Append("gridtokenx"))
        {
            var text = RepositoryFiles.Read(file);
            text.ShouldNotContain("PRIVATE KEY-----", Case.Sensitive, file);
            KeyFile().IsMatch(text).ShouldBeFalse($"{file} holds what looks like a key file");
        }
    }

    [Fact]
    public void Lock_files_name_no_registry()
    {
        foreach (var file in TrackedFiles.WithEnding("package-lock.json"))
        {
            RepositoryFiles.Read(file).ShouldNotContain("\"resolved\": \"http", Case.Sensitive, file);
        }
    }

    [Fact]
    public void Scripts_can_be_run()
    {
        foreach (var script in Scripts)
        {
            File.GetUnixFileMode(RepositoryFiles.PathOf(script)).HasFlag(UnixFileMode.UserExecute).ShouldBeTrue(script);
        }
    }

    /// <summary>Data that stands in a source file's form: no person reads it line by line.</summary>
    private static bool IsData(string file) => file.StartsWith("tests/vectors/", StringComparison.Ordinal);

    /// <summary>An address or a published test vector cannot be broken without losing it.</summary>
    [GeneratedRegex("""https?://|"[0-9a-fA-F]{64,}"|"[1-9A-HJ-NP-Za-km-z]{80,}"|GeneratedRegex|\^sig=""", RegexOptions.NonBacktracking)]
    private static partial Regex LongLiteral();

    [GeneratedRegex(@"\[\s*(\d{1,3}\s*,\s*){63}\d{1,3}\s*\]", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex KeyFile();
}
