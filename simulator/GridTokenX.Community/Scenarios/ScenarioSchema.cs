using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GridTokenX.Community.Scenarios;

/// <summary>The published JSON Schema (draft 2020-12), made from what the reader checks by.</summary>
internal static class ScenarioSchema
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Text()
    {
        var definitions = new JsonObject();
        var root = ObjectOf(ScenarioShapes.Root, definitions);
        root.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        root.Insert(1, "title", "GridTokenX scenario");
        root["$defs"] = definitions;
        return root.ToJsonString(Json) + "\n";
    }

    private static JsonObject ObjectOf(Shape shape, JsonObject definitions)
    {
        var properties = new JsonObject();
        foreach (var field in shape.Fields)
        {
            properties[field.Name] = PropertyOf(field, definitions);
        }

        var schema = new JsonObject
        {
            ["description"] = shape.Description,
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
        var required = shape.Fields.Where(static field => field.Required).Select(static field => field.Name).ToArray();
        if (required.Length > 0)
        {
            schema["required"] = Texts(required);
        }

        return schema;
    }

    private static JsonObject PropertyOf(Field field, JsonObject definitions)
    {
        var property = new JsonObject { ["description"] = field.Description };
        switch (field.Kind)
        {
            case FieldKind.Shape:
                property["$ref"] = Reference(field.Of!, definitions);
                break;
            case FieldKind.Shapes:
                property["type"] = "array";
                property["items"] = new JsonObject { ["$ref"] = Reference(field.Of!, definitions) };
                property["minItems"] = (int)field.Least;
                property["maxItems"] = (int)field.Most;
                break;
            case FieldKind.Months:
                property["anyOf"] = new JsonArray(ValueOf(field), new JsonObject
                {
                    ["type"] = "array",
                    ["items"] = ValueOf(field),
                    ["minItems"] = 12,
                    ["maxItems"] = 12,
                });
                break;
            default:
                if (field.OrShape)
                {
                    property["anyOf"] = new JsonArray(
                        ValueOf(field), new JsonObject { ["$ref"] = Reference(field.Of!, definitions) });
                }
                else
                {
                    foreach (var (name, value) in ValueOf(field))
                    {
                        property[name] = value?.DeepClone();
                    }
                }

                break;
        }

        if (field.Default is { Length: > 0 } standard)
        {
            property["default"] = field.Kind switch
            {
                FieldKind.Text or FieldKind.Choice or FieldKind.Date => JsonValue.Create(standard),
                _ => JsonNode.Parse(standard),
            };
        }

        return property;
    }

    private static JsonObject ValueOf(Field field) => field.Kind switch
    {
        FieldKind.Whole => new JsonObject
        {
            ["type"] = "integer",
            ["minimum"] = (long)field.Least,
            ["maximum"] = (long)field.Most,
        },
        FieldKind.Number or FieldKind.Months => new JsonObject
        {
            ["type"] = "number",
            ["minimum"] = field.Least,
            ["maximum"] = field.Most,
        },
        FieldKind.Flag => new JsonObject { ["type"] = "boolean" },
        FieldKind.Date => new JsonObject { ["type"] = "string", ["format"] = "date" },
        FieldKind.Choice => new JsonObject { ["enum"] = Texts(field.Choices) },
        _ => new JsonObject { ["type"] = "string" },
    };

    private static string Reference(Shape shape, JsonObject definitions)
    {
        if (!definitions.ContainsKey(shape.Name))
        {
            definitions[shape.Name] = new JsonObject();
            definitions[shape.Name] = ObjectOf(shape, definitions);
        }

        return $"#/$defs/{shape.Name}";
    }

    private static JsonArray Texts(IEnumerable<string> texts) =>
        new([.. texts.Select(static text => (JsonNode?)JsonValue.Create(text))]);
}
