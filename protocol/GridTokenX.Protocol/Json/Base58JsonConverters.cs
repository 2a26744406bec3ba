using System.Text.Json;
using System.Text.Json.Serialization;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Protocol.Json;

/// <summary>A byte array of one exact length, as Base58.</summary>
public abstract class Base58JsonConverter(int length) : JsonConverter<byte[]>
{
    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var bytes = new byte[length];
        return reader.TokenType == JsonTokenType.String && Base58.TryDecode(reader.GetString(), bytes, length)
            ? bytes
            : throw new JsonException($"Not the Base58 form of {length} bytes.");
    }

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Base58.Encode(value));
}

public sealed class Base58SignatureJsonConverter() : Base58JsonConverter(64);

public sealed class Base58MacJsonConverter() : Base58JsonConverter(CommandBytes.MacLength);
