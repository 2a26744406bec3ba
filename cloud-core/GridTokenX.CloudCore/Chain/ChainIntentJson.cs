using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// How an intent stands in the outbox. PostgreSQL's jsonb does not keep the order of members, so the kind may stand
/// anywhere.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectRequiredConstructorParameters = true,
    AllowOutOfOrderMetadataProperties = true,
    Converters =
    [
        typeof(WattHoursJsonConverter),
        typeof(MicroGrxJsonConverter),
        typeof(PricePerKwhJsonConverter),
        typeof(ChainNumberJsonConverter),
    ])]
[JsonSerializable(typeof(ChainIntent))]
internal sealed partial class ChainIntentJson : JsonSerializerContext
{
    public static string Write(ChainIntent intent) => JsonSerializer.Serialize(intent, Default.ChainIntent);

    /// <exception cref="JsonException">No intent of a known kind.</exception>
    public static ChainIntent Read(string json) =>
        JsonSerializer.Deserialize(json, Default.ChainIntent) ?? throw new JsonException("An intent is not null.");
}

internal sealed class WattHoursJsonConverter : JsonConverter<WattHours>
{
    public override WattHours Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, WattHours value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}

internal sealed class MicroGrxJsonConverter : JsonConverter<MicroGrx>
{
    public override MicroGrx Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, MicroGrx value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}

internal sealed class PricePerKwhJsonConverter : JsonConverter<PricePerKwh>
{
    public override PricePerKwh Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, PricePerKwh value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}

/// <summary>A number of 64 bits is a text: many readers of JSON would round it.</summary>
internal sealed class ChainNumberJsonConverter : JsonConverter<ulong>
{
    public override ulong Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ulong.TryParse(reader.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new JsonException("Not a number of 64 bits.");

    public override void Write(Utf8JsonWriter writer, ulong value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
}
