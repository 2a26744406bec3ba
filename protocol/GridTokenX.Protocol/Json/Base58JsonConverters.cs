using System.Text.Json;
using System.Text.Json.Serialization;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Protocol.Json;

/// <summary>Base58 straight from and to the JSON's own bytes.</summary>
internal static class Base58Json
{
    /// <summary>False when it is no string of exactly so many bytes.</summary>
    internal static bool TryRead(ref Utf8JsonReader reader, scoped Span<byte> data)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return false;
        }

        // Escapes and buffers in pieces are rare: no sender of ours makes them.
        return reader.HasValueSequence || reader.ValueIsEscaped
            ? QuickBase58.TryDecode(reader.GetString(), data)
            : QuickBase58.TryDecode(reader.ValueSpan, data);
    }

    internal static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> data)
    {
        Span<byte> ascii = stackalloc byte[QuickBase58.MaxLength];
        writer.WriteStringValue(ascii[..QuickBase58.Encode(data, ascii)]);
    }
}

/// <summary>A byte array of one exact length, as Base58.</summary>
public abstract class Base58JsonConverter(int length) : JsonConverter<byte[]>
{
    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var bytes = new byte[length];
        return Base58Json.TryRead(ref reader, bytes)
            ? bytes
            : throw new JsonException($"Not the Base58 form of {length} bytes.");
    }

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) =>
        Base58Json.Write(writer, value);
}

public sealed class Base58SignatureJsonConverter() : Base58JsonConverter(64);

public sealed class Base58MacJsonConverter() : Base58JsonConverter(CommandBytes.MacLength);
