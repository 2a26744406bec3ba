using System.Security.Cryptography;
using System.Xml.Linq;

namespace GridTokenX.Firmware.Tests.Guard;

/// <summary>
/// The firmware and the wire formats use only what nanoFramework has, and nothing that misleads its interpreter.
/// </summary>
public sealed class NanoFrameworkGuardTests
{
    [Fact]
    public void Project_file_names_every_source_there_is()
    {
        var wire = Path.Combine(FirmwareSources.Root, "protocol", "GridTokenX.Protocol", "Wire");
        var there = Directory.EnumerateFiles(FirmwareSources.Folder, "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(wire, "*.cs"));

        FirmwareSources.Files.Order(StringComparer.Ordinal).ShouldBe(there.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("LangVersion", "9.0")]
    [InlineData("Nullable", "disable")]
    [InlineData("CheckForOverflowUnderflow", "false")]
    [InlineData("Optimize", "true")]
    public void Project_file_builds_as_the_guard_compiles(string property, string value) =>
        Project().Descendants().Where(element => element.Name.LocalName == property)
            .ShouldHaveSingleItem().Value.ShouldBe(value);

    [Fact]
    public void Project_file_refers_to_the_packages_that_are_named_and_to_no_other()
    {
        var packages = XDocument.Load(Path.Combine(FirmwareSources.Folder, "packages.config")).Descendants("package")
            .Select(package => $"{package.Attribute("id")!.Value}.{package.Attribute("version")!.Value}");
        var references = Project().Descendants().Where(element => element.Name.LocalName == "HintPath")
            .Select(hint => hint.Value.Split('\\')[1]);

        references.Order(StringComparer.Ordinal).ShouldBe(packages.Order(StringComparer.Ordinal));
    }

    /// <summary>A longer list lets more pass: it comes from the libraries, and is not written here.</summary>
    [Fact]
    public void List_of_nanoFrameworks_members_is_the_one_taken_from_its_libraries() =>
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(
            Path.Combine(FirmwareSources.Root, "firmware-esp32", "nano-api.txt"))))
            .ShouldBe("b67001fd825084b4d90b2280dd90406e76b636c57e4e78862f389ec34154489d");

    [Fact]
    public void Nothing_is_used_that_nanoFramework_has_not_or_that_misleads_its_interpreter() =>
        NanoFrameworkGuard.Findings(FirmwareSources.Compilation).ShouldBeEmpty();

    private static XDocument Project() =>
        XDocument.Load(Path.Combine(FirmwareSources.Folder, "GridTokenX.Firmware.nfproj"));
}
