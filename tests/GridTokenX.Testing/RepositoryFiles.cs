using System.Runtime.CompilerServices;

namespace GridTokenX.Testing;

/// <summary>Paths inside the repository, found from where this source file stood when it was compiled.</summary>
public static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    private static string FindRoot([CallerFilePath] string here = "")
    {
        for (var folder = new FileInfo(here).Directory; folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GridTokenX.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No GridTokenX.sln above {here}.");
    }
}
