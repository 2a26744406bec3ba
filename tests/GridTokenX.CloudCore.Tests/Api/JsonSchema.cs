// The part of JSON Schema 2020-12 that the API's document uses.

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

#pragma warning disable CA5394 // Chance with a seed, so that a failure can be seen again.

namespace GridTokenX.CloudCore.Tests.Api;

/// <summary>Validates and makes values by the schemas of a document.</summary>
internal sealed class JsonSchema(JsonObject document)
{
    private const int MaxDepth = 12;

    /// <summary>What is wrong, with where; null for nothing. A keyword that it does not know is a fault too.</summary>
    internal string? Fault(JsonNode? schema, JsonNode? value, string at = "$")
    {
        schema = Resolve(schema);
        if (schema is null || (schema is JsonValue constant && constant.GetValue<bool>()))
        {
            return null;
        }

        foreach (var (keyword, rule) in schema.AsObject())
        {
            var fault = keyword switch
            {
                "type" => IsOf(rule!, value) ? null : $"{at} is not {rule!.ToJsonString()}",
                "enum" => rule!.AsArray().Any(other => JsonNode.DeepEquals(other, value))
                    ? null
                    : $"{at} is not listed",
                "pattern" => PatternFault(rule!.GetValue<string>(), value, at),
                "format" => FormatFault(rule!.GetValue<string>(), value, at),
                "required" => value is JsonObject body
                    ? rule!.AsArray().Select(static name => name!.GetValue<string>())
                        .Where(name => !body.ContainsKey(name))
                        .Select(name => $"{at}.{name} is missing")
                        .FirstOrDefault()
                    : null,
                "properties" => value is JsonObject members
                    ? rule!.AsObject().Where(member => members.ContainsKey(member.Key))
                        .Select(member => Fault(member.Value, members[member.Key], $"{at}.{member.Key}"))
                        .FirstOrDefault(static found => found is not null)
                    : null,
                "additionalProperties" => value is JsonObject map && rule is JsonObject
                    ? map.Select(member => Fault(rule, member.Value, $"{at}.{member.Key}"))
                        .FirstOrDefault(static found => found is not null)
                    : null,
                "items" => value is JsonArray list
                    ? list.Select((item, i) => Fault(rule, item, $"{at}[{i}]"))
                        .FirstOrDefault(static found => found is not null)
                    : null,
                "allOf" => rule!.AsArray().Select(part => Fault(part, value, at))
                    .FirstOrDefault(static found => found is not null),
                "minLength" or "maxLength" or "minimum" or "maximum" => RangeFault(keyword, rule!, value, at),
                "examples" or "default" or "description" or "title" => null,
                _ => throw new NotSupportedException($"{at}: keyword {keyword}"),
            };
            if (fault is not null)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>A value that fits; the optional parts are there or not as chance has it.</summary>
    internal JsonNode? Make(JsonNode? schema, Random random, int depth = 0)
    {
        schema = Resolve(schema);
        if (schema is not JsonObject rules)
        {
            return JsonValue.Create("anything");
        }

        if (rules["enum"] is JsonArray listed)
        {
            return listed[random.Next(listed.Count)]?.DeepClone();
        }

        // Keys, signatures and formats: the example knows how they look.
        var types = rules["type"] is JsonArray several
            ? several.Select(static type => type!.GetValue<string>()).ToArray()
            : [rules["type"]?.GetValue<string>() ?? "object"];
        return types[random.Next(types.Length)] switch
        {
            "null" => null,
            "boolean" => random.Next(2) == 0,
            "integer" => JsonValue.Create(random.Next(4) switch
            {
                0 => 0L,
                1 => random.Next(1, 100),
                2 => random.NextInt64(),
                _ => -random.Next(1, 100),
            }),
            "number" => JsonValue.Create(random.Next(100_000) / 1_000m),
            "array" => new JsonArray([.. Enumerable.Range(0, depth > MaxDepth ? 0 : random.Next(3))
                .Select(_ => Make(rules["items"], random, depth + 1))]),
            "string" => JsonValue.Create(MakeText(rules, random)),
            _ => MakeObject(rules, random, depth),
        };
    }

    private JsonObject MakeObject(JsonObject rules, Random random, int depth)
    {
        var required = rules["required"]?.AsArray().Select(static name => name!.GetValue<string>()).ToHashSet() ?? [];
        var made = new JsonObject();
        foreach (var (name, schema) in rules["properties"]?.AsObject() ?? new JsonObject())
        {
            if (required.Contains(name) || random.Next(2) == 0)
            {
                made[name] = Make(schema, random, depth + 1);
            }
        }

        return made;
    }

    private static string MakeText(JsonObject rules, Random random) => rules["format"]?.GetValue<string>() switch
    {
        "uuid" => Guid.NewGuid().ToString(),
        "date-time" => new DateTimeOffset(2026, 6, 1, 12, random.Next(60), 0, TimeSpan.Zero)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        _ => rules["pattern"]?.GetValue<string>() switch
        {
            null => new string([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => (char)random.Next(32, 0x250))]),
            var pattern when pattern.Contains("{64,", StringComparison.Ordinal) => Base58(random, 64),
            _ => Base58(random, 32),
        },
    };

    private static string Base58(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return GridTokenX.Protocol.Wire.Base58.Encode(bytes);
    }

    internal JsonNode? Resolve(JsonNode? schema)
    {
        while (schema is JsonObject body && body["$ref"]?.GetValue<string>() is { } reference)
        {
            schema = reference.TrimStart('#', '/').Split('/').Aggregate<string, JsonNode?>(
                document, static (node, name) => node![name]);
        }

        return schema;
    }

    private static bool IsOf(JsonNode type, JsonNode? value) => type is JsonArray several
        ? several.Any(one => IsOf(one!, value))
        : type.GetValue<string>() switch
        {
            "null" => value is null,
            "object" => value is JsonObject,
            "array" => value is JsonArray,
            "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            "string" => value?.GetValueKind() == JsonValueKind.String,
            "number" => value?.GetValueKind() == JsonValueKind.Number,
            "integer" => value?.GetValueKind() == JsonValueKind.Number
                && long.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out _),
            var other => throw new NotSupportedException(other),
        };

    private static string? PatternFault(string pattern, JsonNode? value, string at) =>
        value?.GetValueKind() != JsonValueKind.String
        || Regex.IsMatch(value.GetValue<string>(), pattern, RegexOptions.None, TimeSpan.FromSeconds(1))
            ? null
            : $"{at} does not fit {pattern}";

    private static string? FormatFault(string format, JsonNode? value, string at)
    {
        if (value?.GetValueKind() != JsonValueKind.String)
        {
            return null;
        }

        var text = value.GetValue<string>();
        var fits = format switch
        {
            "uuid" => Guid.TryParseExact(text, "D", out _),
            "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
            _ => true,
        };
        return fits ? null : $"{at} is no {format}";
    }

    private static string? RangeFault(string keyword, JsonNode rule, JsonNode? value, string at)
    {
        if (value is not JsonValue single)
        {
            return null;
        }

        var size = single.GetValueKind() switch
        {
            JsonValueKind.String => single.GetValue<string>().Length,
            JsonValueKind.Number => decimal.Parse(
                single.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture),
            _ => (decimal?)null,
        };
        var bound = decimal.Parse(rule.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
        var isLeast = keyword.StartsWith("min", StringComparison.Ordinal);
        var fits = size is null || (isLeast && size >= bound) || (!isLeast && size <= bound);
        return fits ? null : $"{at} is out of {keyword}";
    }
}
