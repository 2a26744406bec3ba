using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GridTokenX.Protocol.Json;

/// <summary>ISO 8601 in UTC with whole seconds (<c>2026-01-31T12:15:00Z</c>): what canonical bytes can hold.</summary>
public sealed class IsoSecondsJsonConverter : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String
            && reader.TryGetDateTimeOffset(out var time)
            && time.Ticks % TimeSpan.TicksPerSecond == 0)
        {
            return time.ToUniversalTime();
        }

        throw new JsonException("Not an ISO 8601 time with whole seconds.");
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
}
