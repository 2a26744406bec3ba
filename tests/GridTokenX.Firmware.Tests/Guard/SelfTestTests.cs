using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mono.Cecil;
using Xunit.Abstractions;

namespace GridTokenX.Firmware.Tests.Guard;

public sealed class SelfTestTests(ITestOutputHelper output)
{
    /// <summary>What of nanoFramework's mscorlib the listed files need; everything else would be another library.
    /// </summary>
    private static readonly string[] Mscorlib =
    [
        "System.ArgumentException", "System.Array", "System.Byte", "System.Char", "System.DateTime",
        "System.Diagnostics.Debug", "System.Exception", "System.Int32", "System.Int64",
        "System.InvalidOperationException", "System.Object", "System.Reflection.DefaultMemberAttribute",
        "System.Runtime.CompilerServices", "System.RuntimeFieldHandle", "System.String", "System.TimeSpan",
        "System.UInt32", "System.UInt64", "System.ValueType",
    ];

    [Fact]
    public void Listed_files_are_enough_and_need_mscorlib_alone()
    {
        using var image = Compile();
        using var module = ModuleDefinition.ReadModule(image);

        module.GetTypeReferences().Select(type => type.FullName)
            .Where(name => !Mscorlib.Any(known => name.StartsWith(known, StringComparison.Ordinal)))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Self_test_succeeds() => SelfTest.Run().ShouldBeTrue();

    [Fact]
    public void Interval_of_the_self_test_is_within_the_budget()
    {
        var counter = new OperationCounter();
        var selfTest = counter.Assembly.GetType("GridTokenX.Firmware.SelfTest", throwOnError: true)!;
        var run = selfTest.GetMethod("RunIntervals")!;

        var ten = counter.Count(() => run.Invoke(null, [10]));
        var twenty = counter.Count(() => run.Invoke(null, [20]));

        output.WriteLine($"interval with everything: {(twenty - ten) / 10} operations");
        ((twenty - ten) / 10).ShouldBeInRange(647_845, 647_845 + 300_000);
    }

    [Fact]
    public void Agreement_takes_about_two_million_operations()
    {
        var counter = new OperationCounter();
        var selfTest = counter.Assembly.GetType("GridTokenX.Firmware.SelfTest", throwOnError: true)!;

        var operations = counter.Count(() => selfTest.GetMethod("RunX25519")!.Invoke(null, null));

        output.WriteLine($"X25519: {operations} operations");
        operations.ShouldBeInRange(1_000_000, 2_000_000);
    }

    private static MemoryStream Compile()
    {
        var parse = new CSharpParseOptions(LanguageVersion.CSharp9);
        var files = File.ReadLines(Path.Combine(FirmwareSources.Root, "firmware-esp32", "selftest.files"));
        var compilation = CSharpCompilation.Create(
            "SelfTest",
            files.Select(file => CSharpSyntaxTree.ParseText(
                File.ReadAllText(Path.Combine(FirmwareSources.Root, file)), parse, file)),
            FirmwareSources.Platform,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release));
        var image = new MemoryStream();
        var result = compilation.Emit(image);
        result.Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).ShouldBeEmpty();
        image.Position = 0;
        return image;
    }
}
