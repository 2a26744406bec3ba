using System.Text.Json;
using System.Text.Json.Serialization;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.Protocol.Json;

/// <summary>
/// The JSON of a reading by hand, because gateway and cloud do little else: the same rules as
/// <see cref="ProtocolJson"/> (nothing missing, nothing twice, no numbers in strings, unknown members passed over) in a
/// tenth of the time.
/// </summary>
public sealed class SignedReadingJsonConverter : JsonConverter<SignedReading>
{
    private const int SignatureLength = Ed25519.SignatureLength;

    /// <summary>In the order in which they are written.</summary>
    private static readonly JsonEncodedText[] Names =
    [
        JsonEncodedText.Encode("device"u8),
        JsonEncodedText.Encode("sequence"u8),
        JsonEncodedText.Encode("timestamp"u8),
        JsonEncodedText.Encode("production_wh"u8),
        JsonEncodedText.Encode("consumption_wh"u8),
        JsonEncodedText.Encode("soc_permille"u8),
        JsonEncodedText.Encode("flags"u8),
        JsonEncodedText.Encode("interval_s"u8),
        JsonEncodedText.Encode("signature"u8),
    ];

    public override SignedReading Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Not an object.");
        }

        var found = 0;
        Span<byte> device = stackalloc byte[Key32.Length];
        var signature = new byte[SignatureLength];
        DateTimeOffset timestamp = default;
        long sequence = 0, production = 0, consumption = 0, soc = 0, flags = 0, interval = 0;
        var expected = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = MemberAt(ref reader, expected);
            expected++;
            _ = reader.Read();
            if (member < 0)
            {
                reader.Skip();
                continue;
            }

            var isRead = (found & (1 << member)) == 0 && member switch
            {
                0 => Base58Json.TryRead(ref reader, device),
                1 => TryRead(ref reader, long.MaxValue, out sequence),
                2 => IsoSecondsJsonConverter.TryRead(ref reader, out timestamp),
                3 => TryRead(ref reader, long.MaxValue, out production),
                4 => TryRead(ref reader, long.MaxValue, out consumption),
                5 => TryReadUnsigned(ref reader, ushort.MaxValue, out soc),
                6 => TryReadUnsigned(ref reader, ushort.MaxValue, out flags),
                7 => TryReadUnsigned(ref reader, uint.MaxValue, out interval),
                _ => Base58Json.TryRead(ref reader, signature),
            };
            if (!isRead)
            {
                throw new JsonException($"{Names[member]} is there twice, or nothing that it can be.");
            }

            found |= 1 << member;
        }

        if (found != (1 << Names.Length) - 1)
        {
            throw new JsonException("A member is missing.");
        }

        return new SignedReading
        {
            Device = new Key32(device),
            Sequence = sequence,
            Timestamp = timestamp,
            ProductionWh = production,
            ConsumptionWh = consumption,
            SocPermille = (ushort)soc,
            Flags = (ushort)flags,
            IntervalSeconds = (uint)interval,
            Signature = signature,
        };
    }

    public override void Write(Utf8JsonWriter writer, SignedReading value, JsonSerializerOptions options)
    {
        Span<byte> device = stackalloc byte[Key32.Length];
        value.Device.CopyTo(device);
        writer.WriteStartObject();
        writer.WritePropertyName(Names[0]);
        Base58Json.Write(writer, device);
        writer.WriteNumber(Names[1], value.Sequence);
        writer.WritePropertyName(Names[2]);
        IsoSecondsJsonConverter.Write(writer, value.Timestamp);
        writer.WriteNumber(Names[3], value.ProductionWh);
        writer.WriteNumber(Names[4], value.ConsumptionWh);
        writer.WriteNumber(Names[5], value.SocPermille);
        writer.WriteNumber(Names[6], value.Flags);
        writer.WriteNumber(Names[7], value.IntervalSeconds);
        writer.WritePropertyName(Names[8]);
        Base58Json.Write(writer, value.Signature);
        writer.WriteEndObject();
    }

    /// <summary>The member that is named; looked for first where it is expected. -1 for none of ours.</summary>
    private static int MemberAt(ref Utf8JsonReader reader, int expected)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            var member = (expected + i) % Names.Length;
            if (reader.ValueTextEquals(Names[member].EncodedUtf8Bytes))
            {
                return member;
            }
        }

        return -1;
    }

    private static bool TryRead(ref Utf8JsonReader reader, long most, out long value)
    {
        value = 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out value) && value <= most;
    }

    private static bool TryReadUnsigned(ref Utf8JsonReader reader, long most, out long value) =>
        TryRead(ref reader, most, out value) && value >= 0;
}
