using Mono.Cecil;

namespace GridTokenX.Firmware.Tests.Guard;

/// <summary>The public members that nanoFramework has, by documentation-comment id.</summary>
internal static class NanoApi
{
    private static readonly HashSet<string> Ids =
        [.. File.ReadLines(Path.Combine(FirmwareSources.Root, "firmware-esp32", "nano-api.txt"))];

    /// <summary>Some members are declared on another type than in .NET; they are called the same way.</summary>
    internal static bool Has(string id) =>
        Ids.Contains(id)
        || Ids.Contains(id.Replace(
            "System.Threading.EventWaitHandle", "System.Threading.AutoResetEvent", StringComparison.Ordinal));

    internal static string IdOf(MethodReference method)
    {
        var parameters = string.Join(',', method.Parameters.Select(parameter => NameOf(parameter.ParameterType)));
        var name = method.Name.Replace('.', '#');
        return $"M:{NameOf(method.DeclaringType)}.{name}{(parameters.Length == 0 ? "" : $"({parameters})")}";
    }

    internal static string IdOf(FieldReference field) => $"F:{NameOf(field.DeclaringType)}.{field.Name}";

    internal static string IdOf(TypeReference type) => $"T:{NameOf(type)}";

    private static string NameOf(TypeReference type) => type switch
    {
        ByReferenceType reference => NameOf(reference.ElementType) + "@",
        ArrayType array => NameOf(array.ElementType) + "[]",
        _ => type.FullName.Replace('/', '.'),
    };
}
