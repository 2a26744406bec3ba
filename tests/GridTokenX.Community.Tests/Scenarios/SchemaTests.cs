using System.Text.Json.Nodes;
using GridTokenX.Community.Scenarios;
using GridTokenX.Testing;

namespace GridTokenX.Community.Tests.Scenarios;

public sealed class SchemaTests
{
    [Fact]
    public void Published_schema_is_what_the_reader_checks_by() =>
        RepositoryFiles.Read("simulator/scenarios/schema.json").ShouldBe(
            ScenarioSchema.Text(), "write it anew: ./gridtokenx simulate --schema >simulator/scenarios/schema.json");

    [Fact]
    public void Every_field_is_described_and_every_reference_leads_somewhere()
    {
        var schema = JsonNode.Parse(ScenarioSchema.Text())!;
        var definitions = schema["$defs"]!.AsObject();
        definitions.Count.ShouldBeGreaterThan(10);
        foreach (var shape in definitions.Select(static definition => definition.Value!).Append(schema))
        {
            shape["additionalProperties"]!.GetValue<bool>().ShouldBeFalse();
            foreach (var (name, property) in shape["properties"]!.AsObject())
            {
                property!["description"]!.GetValue<string>().Length.ShouldBeGreaterThan(2, name);
                if (property["$ref"] is { } reference)
                {
                    definitions.ContainsKey(reference.GetValue<string>()["#/$defs/".Length..]).ShouldBeTrue();
                }
            }
        }
    }
}
