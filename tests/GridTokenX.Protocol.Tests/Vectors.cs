using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GridTokenX.Testing;

namespace GridTokenX.Protocol.Tests;

/// <summary>The golden vectors that an independent implementation made (tests/vectors/protocol/generate.mjs).</summary>
internal static class Vectors
{
    internal static IReadOnlyList<JsonElement> Load(string name)
    {
        using var document = JsonDocument.Parse(RepositoryFiles.Read("tests", "vectors", "protocol", name + ".json"));
        return [.. document.RootElement.EnumerateArray().Select(static row => row.Clone())];
    }

    /// <summary>Rows for a theory: the vectors' names.</summary>
    internal static TheoryData<string> Names(string name) => [.. Load(name).Select(static row => row.Text("name"))];

    internal static JsonElement Row(string name, string row) => Load(name).Single(r => r.Text("name") == row);

    internal static string Text(this JsonElement row, string property) =>
        row.GetProperty(property).GetString() ?? throw new InvalidDataException($"{property} is null.");

    internal static byte[] Hex(this JsonElement row, string property) => Convert.FromHexString(row.Text(property));

    internal static T Parse<T>(this JsonElement row, JsonTypeInfo<T> type) =>
        row.GetProperty("json").Deserialize(type) ?? throw new InvalidDataException("The JSON form is null.");
}
