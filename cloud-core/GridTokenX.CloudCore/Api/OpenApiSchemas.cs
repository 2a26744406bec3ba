// JSON Schema 2020-12, as OpenAPI 3.1 uses it.

using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.CloudCore.Api;

/// <summary>
/// The schemas of the messages, made from the same description by which they are read and written, so that they cannot
/// say anything else. What our own converters write is added by hand.
/// </summary>
internal sealed class OpenApiSchemas
{
    private const string KeyPattern = "^[1-9A-HJ-NP-Za-km-z]{32,44}$";
    private const string SignaturePattern = "^[1-9A-HJ-NP-Za-km-z]{64,88}$";
    private const string Prefix = "#/components/schemas/";

    private static readonly JsonSchemaExporterOptions Exporter = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Transform,
    };

    private readonly SortedDictionary<string, JsonNode> _schemas = new(StringComparer.Ordinal);

    /// <summary>A reference to the type's schema, which is in <see cref="All"/> from now on.</summary>
    internal JsonObject Reference(Type type)
    {
        var name = NameOf(type);
        if (!_schemas.ContainsKey(name))
        {
            var schema = ProtocolJson.Default.Options.GetJsonSchemaAsNode(type, Exporter);
            Relocate(schema, Prefix + name);
            if (schema is JsonObject body && OpenApiSamples.Of(type) is { } sample)
            {
                body["examples"] = new JsonArray(JsonSerializer.SerializeToNode(
                    sample, ProtocolJson.Default.GetTypeInfo(type)!));
            }

            _schemas.Add(name, schema);
        }

        return new JsonObject { ["$ref"] = Prefix + name };
    }

    internal JsonObject All() => new(_schemas.Select(
        static schema => KeyValuePair.Create<string, JsonNode?>(schema.Key, schema.Value.DeepClone())));

    /// <summary>Of a parameter in the address; null when it is none of a simple type.</summary>
    internal static JsonObject? OfParameter(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(string) => new JsonObject { ["type"] = "string" },
        var t when t == typeof(int) => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        var t when t == typeof(long) => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
        var t when t == typeof(bool) => new JsonObject { ["type"] = "boolean" },
        var t when t == typeof(Guid) => new JsonObject { ["type"] = "string", ["format"] = "uuid" },
        var t when t == typeof(DateTimeOffset) => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        var t when t == typeof(string[]) => new JsonObject
        {
            ["type"] = "array",
            ["items"] = new JsonObject { ["type"] = "string" },
        },
        _ => null,
    };

    /// <summary>
    /// The exporter points to a type's first place from the root of its own schema, not of the document.
    /// </summary>
    private static void Relocate(JsonNode? node, string root)
    {
        switch (node)
        {
            case JsonObject body:
                if (body["$ref"]?.GetValue<string>() is { } reference)
                {
                    body["$ref"] = root + reference.TrimStart('#');
                }

                foreach (var (_, member) in body)
                {
                    Relocate(member, root);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Relocate(item, root);
                }

                break;
        }
    }

    private static string NameOf(Type type) =>
        type.IsGenericType ? $"{NameOf(type.GetGenericArguments()[0])}List" : type.Name;

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode schema)
    {
        var type = context.TypeInfo.Type;
        if (type == typeof(SignedReading))
        {
            return Reading();
        }

        var underlying = Nullable.GetUnderlyingType(type);
        if ((underlying ?? type) == typeof(Key32))
        {
            return Text(underlying is not null, "pattern", KeyPattern);
        }

        if (IsSignature(context.PropertyInfo?.AttributeProvider))
        {
            return Text(false, "pattern", SignaturePattern);
        }

        // What a converter of ours writes is unknown to the exporter: a time.
        return (underlying ?? type) == typeof(DateTimeOffset)
            ? Text(underlying is not null, "format", "date-time")
            : schema;
    }

    /// <summary>What <see cref="SignedReadingJsonConverter"/> reads and writes.</summary>
    private static JsonObject Reading()
    {
        var members = new JsonObject
        {
            ["device"] = Text(false, "pattern", KeyPattern),
            ["sequence"] = Whole(long.MaxValue),
            ["timestamp"] = Text(false, "format", "date-time"),
            ["production_wh"] = Whole(long.MaxValue),
            ["consumption_wh"] = Whole(long.MaxValue),
            ["soc_permille"] = Whole(ushort.MaxValue),
            ["flags"] = Whole(ushort.MaxValue),
            ["interval_s"] = Whole(uint.MaxValue),
            ["signature"] = Text(false, "pattern", SignaturePattern),
        };
        return new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray([.. members.Select(static member => JsonValue.Create(member.Key))]),
            ["properties"] = members,
        };
    }

    private static JsonObject Whole(long most) =>
        new() { ["type"] = "integer", ["minimum"] = 0, ["maximum"] = most };

    private static JsonObject Text(bool isNullable, string keyword, string rule) => new()
    {
        ["type"] = isNullable ? new JsonArray("string", "null") : "string",
        [keyword] = rule,
    };

    private static bool IsSignature(ICustomAttributeProvider? property) =>
        property?.GetCustomAttributes(typeof(JsonConverterAttribute), inherit: false)
            .OfType<JsonConverterAttribute>()
            .Any(static attribute => attribute.ConverterType == typeof(Base58SignatureJsonConverter)) == true;
}
