using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GridTokenX.Firmware.Tests.Guard;

/// <summary>
/// The sources that the .nfproj names, compiled as nanoFramework would: C# 9, Release, nothing checked.
/// </summary>
internal static class FirmwareSources
{
    internal static string Root { get; } = FindRoot();

    internal static string Folder => Path.Combine(Root, "firmware-esp32", "GridTokenX.Firmware");

    internal static IReadOnlyList<string> Files { get; } =
        [.. XDocument.Load(Path.Combine(Folder, "GridTokenX.Firmware.nfproj"))
            .Descendants()
            .Where(element => element.Name.LocalName is "Compile")
            .Select(element => element.Attribute("Include")!.Value.Replace('\\', Path.DirectorySeparatorChar))
            .Select(path => Path.GetFullPath(Path.Combine(Folder, path)))];

    internal static CSharpCompilation Compilation { get; } = Compile();

    internal static byte[] Assembly { get; } = Emit();

    private static CSharpCompilation Compile()
    {
        var parse = new CSharpParseOptions(LanguageVersion.CSharp9);
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create(
            "GridTokenX.Firmware",
            Files.Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), parse, path)),
            platform,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release,
                checkOverflow: false,
                nullableContextOptions: NullableContextOptions.Disable));
    }

    private static byte[] Emit()
    {
        using var image = new MemoryStream();
        var result = Compilation.Emit(image);
        return result.Success
            ? image.ToArray()
            : throw new InvalidOperationException(string.Join('\n', result.Diagnostics.Take(10)));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GridTokenX.sln")))
        {
            folder = folder.Parent
                ?? throw new DirectoryNotFoundException("GridTokenX.sln is nowhere above the tests.");
        }

        return folder.FullName;
    }
}
