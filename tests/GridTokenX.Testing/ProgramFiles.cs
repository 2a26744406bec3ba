namespace GridTokenX.Testing;

/// <summary>The built on-chain programs: those of programs/bin, or of the folder that GRIDTOKENX_PROGRAMS names (the
/// launcher names the one that it has just built from source).</summary>
public static class ProgramFiles
{
    public const string FolderVariable = "GRIDTOKENX_PROGRAMS";

    public static string EnergyToken => "94G1r674LmRDmLN2UPjDFD8Eh7zT8JaSaxv9v68GyEur";

    public static string Registry => "2XPQmFYMdXjP7ffoBB3mXeCdboSFg5Yeb6QmTSGbW8a7";

    public static string Trading => "GZnqNTJsre6qB4pWCQRE9FiJU2GUeBtBDPp6s7zosctk";

    public static string Folder =>
        Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder
            ? Path.GetFullPath(folder, RepositoryFiles.Root)
            : RepositoryFiles.PathOf("programs", "bin");

    /// <param name="name">Of the program, such as "registry".</param>
    /// <exception cref="FileNotFoundException">It is not built.</exception>
    public static string PathOf(string name) => Existing(Path.Combine(Folder, $"{name}.so"));

    /// <summary>A program of tests/programs, which is never deployed.</summary>
    /// <param name="name">Such as "attacker".</param>
    /// <exception cref="FileNotFoundException">It is not built.</exception>
    public static string PathOfTestProgram(string name) =>
        Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 }
            ? PathOf(name)
            : Existing(RepositoryFiles.PathOf("tests", "programs", "bin", $"{name}.so"));

    public static IReadOnlyDictionary<string, string> ByAddress() =>
        new Dictionary<string, string>
        {
            [EnergyToken] = PathOf("energy_token"),
            [Registry] = PathOf("registry"),
            [Trading] = PathOf("trading"),
        };

    private static string Existing(string path) =>
        File.Exists(path)
            ? path
            : throw new FileNotFoundException($"{path} is missing: ./gridtokenx programs builds it.", path);
}
