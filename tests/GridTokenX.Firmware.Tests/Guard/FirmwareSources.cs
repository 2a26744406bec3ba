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

    internal static IEnumerable<MetadataReference> Platform { get; } =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path))];

    internal static string Folder => Path.Combine(Root, "firmware-esp32", "GridTokenX.Firmware");

    internal static IReadOnlyList<string> Files { get; } =
        [.. XDocument.Load(Path.Combine(Folder, "GridTokenX.Firmware.nfproj"))
            .Descendants()
            .Where(element => element.Name.LocalName is "Compile")
            .Select(element => element.Attribute("Include")!.Value.Replace('\\', Path.DirectorySeparatorChar))
            .Select(path => Path.GetFullPath(Path.Combine(Folder, path)))];

    /// <summary>nanoFramework's device APIs as the simulated board plays them, without the firmware.</summary>
    internal static byte[] DeviceApis { get; } = EmitDeviceApis();

    internal static CSharpCompilation Compilation { get; } = Compile();

    internal static byte[] Assembly { get; } = Emit(Compilation);

    private static CSharpCompilation Compile()
    {
        var parse = new CSharpParseOptions(LanguageVersion.CSharp9);
        return CSharpCompilation.Create(
            "GridTokenX.Firmware",
            Files.Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), parse, path)),
            [.. Platform, MetadataReference.CreateFromImage(DeviceApis)],
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release,
                checkOverflow: false,
                nullableContextOptions: NullableContextOptions.Disable,
                specificDiagnosticOptions: [new("SYSLIB0057", ReportDiagnostic.Suppress)]));
    }

    private static byte[] EmitDeviceApis()
    {
        var board = Path.Combine(Root, "firmware-esp32", "GridTokenX.Firmware.Board");
        var files = Directory.EnumerateFiles(Path.Combine(board, "Nano"), "*.cs")
            .Concat(Directory.EnumerateFiles(Path.Combine(board, "Bench"), "*.cs"));
        return Emit(CSharpCompilation.Create(
            "GridTokenX.Firmware.DeviceApis",
            files.Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), path: path)),
            [.. Platform, MetadataReference.CreateFromFile(typeof(Mqtt.IMqttConnection).Assembly.Location)],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)));
    }

    private static byte[] Emit(CSharpCompilation compilation)
    {
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
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
