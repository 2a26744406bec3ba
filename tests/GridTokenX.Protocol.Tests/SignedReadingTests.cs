using System.Text.Json;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.Protocol.Tests;

public sealed class SignedReadingTests
{
    public static TheoryData<string> Rows => Vectors.Names("readings");

    [Theory]
    [MemberData(nameof(Rows))]
    public void Canonical_bytes_are_those_of_the_vector(string name)
    {
        var row = Vectors.Row("readings", name);
        row.Parse(ProtocolJson.Default.SignedReading).CanonicalBytes().ShouldBe(row.Hex("canonical"));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Signature_of_the_vector_verifies_and_ours_is_the_same(string name)
    {
        var row = Vectors.Row("readings", name);
        var reading = row.Parse(ProtocolJson.Default.SignedReading);
        using var key = SigningKey.FromSeed(row.Hex("seed"));

        reading.HasValidSignature().ShouldBeTrue();
        key.PublicKey.ShouldBe(reading.Device);
        key.Sign(reading.CanonicalBytes()).ShouldBe(reading.Signature);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Json_form_is_written_as_it_was_read(string name)
    {
        var json = Vectors.Row("readings", name).GetProperty("json");
        var reading = json.Deserialize(ProtocolJson.Default.SignedReading).ShouldNotBeNull();
        JsonElement.DeepEquals(JsonSerializer.SerializeToElement(reading, ProtocolJson.Default.SignedReading), json)
            .ShouldBeTrue();
    }

    [Fact]
    public void Every_changed_field_breaks_the_signature()
    {
        var reading = Vectors.Load("readings")[1].Parse(ProtocolJson.Default.SignedReading);
        SignedReading[] changed =
        [
            reading with { Device = Some.Key(1).PublicKey },
            reading with { Sequence = reading.Sequence + 1 },
            reading with { Timestamp = reading.Timestamp.AddSeconds(1) },
            reading with { ProductionWh = reading.ProductionWh + 1 },
            reading with { ConsumptionWh = reading.ConsumptionWh - 1 },
            reading with { SocPermille = 1 },
            reading with { Flags = 0 },
            reading with { IntervalSeconds = 300 },
            reading with { Signature = new byte[64] },
            reading with { Signature = [] },
        ];
        changed.ShouldAllBe(static r => !r.HasValidSignature());
    }

    [Theory]
    [InlineData("sequence", "0")]
    [InlineData("production_wh", "-1")]
    [InlineData("consumption_wh", "-9223372036854775808")]
    [InlineData("soc_permille", "1001")]
    [InlineData("flags", "16")]
    [InlineData("interval_s", "0")]
    [InlineData("interval_s", "86401")]
    [InlineData("timestamp", "\"1969-12-31T23:59:59Z\"")]
    public void Value_out_of_its_range_is_not_well_formed(string property, string value)
    {
        JsonSerializer.Deserialize(With(property, value), ProtocolJson.Default.SignedReading)
            .ShouldNotBeNull().IsWellFormed.ShouldBeFalse();
    }

    [Theory]
    [InlineData("sequence", "1.5")]
    [InlineData("sequence", "\"1\"")]
    [InlineData("sequence", "9223372036854775808")]
    [InlineData("soc_permille", "70000")]
    [InlineData("soc_permille", "-1")]
    [InlineData("device", "\"O0Il\"")]
    [InlineData("device", "null")]
    [InlineData("signature", "\"11\"")]
    [InlineData("timestamp", "\"2026-01-01T00:00:00.5Z\"")]
    [InlineData("timestamp", "1700000000")]
    public void Value_of_a_wrong_type_is_refused(string property, string value) =>
        Should.Throw<JsonException>(
            () => JsonSerializer.Deserialize(With(property, value), ProtocolJson.Default.SignedReading));

    [Fact]
    public void Missing_field_is_refused()
    {
        foreach (var property in Vectors.Load("readings")[0].GetProperty("json").EnumerateObject())
        {
            _ = Should.Throw<JsonException>(
                () => JsonSerializer.Deserialize(With(property.Name, null), ProtocolJson.Default.SignedReading));
        }
    }

    /// <summary>The JSON of a good reading with one property set to raw JSON, or left out.</summary>
    private static string With(string property, string? value)
    {
        var members = Vectors.Load("readings")[1].GetProperty("json").EnumerateObject()
            .Select(p => p.Name == property ? (p.Name, Value: value) : (p.Name, Value: p.Value.GetRawText()))
            .Where(static p => p.Value is not null)
            .Select(static p => $"\"{p.Name}\":{p.Value}");
        return $"{{{string.Join(',', members)}}}";
    }
}
