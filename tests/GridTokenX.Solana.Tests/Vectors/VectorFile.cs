using System.Globalization;
using System.Text.Json;
using GridTokenX.Testing;

namespace GridTokenX.Solana.Tests.Vectors;

/// <summary>The golden vectors of tests/vectors/solana, made by the reference client.</summary>
internal static class VectorFile
{
    public static IReadOnlyList<JsonElement> Read(string name)
    {
        using var document = JsonDocument.Parse(RepositoryFiles.Read("tests", "vectors", "solana", name));
        JsonElement[] rows = [.. document.RootElement.EnumerateArray().Select(row => row.Clone())];
        rows.ShouldNotBeEmpty();
        return rows;
    }

    public static string Text(this JsonElement row, string name) => row.GetProperty(name).GetString()!;

    public static byte[] Hex(this JsonElement row, string name) => Convert.FromHexString(row.Text(name));

    public static PublicKey Key(this JsonElement row, string name) => PublicKey.Parse(row.Text(name));

    public static PublicKey? OptionalKey(this JsonElement row, string name) =>
        row.GetProperty(name).ValueKind == JsonValueKind.Null ? null : row.Key(name);

    /// <summary>A 64-bit number: the generator writes BigInts as text and small ones as numbers.</summary>
    public static ulong U64(this JsonElement row, string name)
    {
        var value = row.GetProperty(name);
        return value.ValueKind == JsonValueKind.String
            ? ulong.Parse(value.GetString()!, CultureInfo.InvariantCulture)
            : value.GetUInt64();
    }
}
