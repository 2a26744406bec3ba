using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GridTokenX.Protocol.Json;

/// <summary>ISO 8601 in UTC with whole seconds (<c>2026-01-31T12:15:00Z</c>): what canonical bytes can hold.</summary>
public sealed class IsoSecondsJsonConverter : JsonConverter<DateTimeOffset>
{
    private const int Length = 20;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TryRead(ref reader, out var time)
            ? time
            : throw new JsonException("Not an ISO 8601 time with whole seconds.");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        Write(writer, value);

    internal static bool TryRead(ref Utf8JsonReader reader, out DateTimeOffset time)
    {
        time = default;
        if (reader.TokenType != JsonTokenType.String
            || !reader.TryGetDateTimeOffset(out var found)
            || found.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            return false;
        }

        time = found.ToUniversalTime();
        return true;
    }

    internal static void Write(Utf8JsonWriter writer, DateTimeOffset value)
    {
        Span<byte> text = stackalloc byte[Length];
        var isWritten = value.UtcDateTime.TryFormat(text, out var written, "s", CultureInfo.InvariantCulture);
        Debug.Assert(isWritten && written == Length - 1, "The sortable form has always 19 characters.");
        text[written] = (byte)'Z';
        writer.WriteStringValue(text);
    }
}
