using System.Globalization;
using System.Text.Json;

namespace GridTokenX.Protocol.Keys;

/// <summary>Solana's key file: a JSON array of 64 numbers, 32 of the seed and 32 of the public key.</summary>
internal static class KeyFile
{
    internal static string Format(ReadOnlySpan<byte> secretKey)
    {
        var numbers = new List<string>(secretKey.Length);
        foreach (var value in secretKey)
        {
            numbers.Add(value.ToString(CultureInfo.InvariantCulture));
        }

        return $"[{string.Join(',', numbers)}]\n";
    }

    internal static byte[] Parse(string text, string path)
    {
        try
        {
            var numbers = JsonSerializer.Deserialize<int[]>(text) ?? [];
            var bytes = Array.ConvertAll(numbers, static number => checked((byte)number));
            return bytes.Length == 64 ? bytes : throw new FormatException($"{path}: not a key file of 64 numbers.");
        }
        catch (Exception exception) when (exception is JsonException or OverflowException)
        {
            throw new FormatException($"{path}: not a key file of 64 numbers.", exception);
        }
    }
}
