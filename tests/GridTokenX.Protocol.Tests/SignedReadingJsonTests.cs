using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.Protocol.Tests;

/// <summary>The reading's JSON by hand against the serializer's own, member for member.</summary>
public sealed partial class SignedReadingJsonTests
{
    private const int Rounds = 30_000;

    private static readonly string[] Pieces =
    [
        "null", "true", "-1", "0", "1", "65535", "65536", "4294967295", "4294967296", "9223372036854775807",
        "9223372036854775808", "1.0", "1e2", "\"1\"", "\"\"", "{}", "[]", "[[1]]", "{\"a\":1}",
        "\"2026-06-01T12:00:00Z\"",
        "\"2026-06-01T12:00:00.5Z\"", "\"2026-06-01T12:00:00+07:00\"", "\"2026-06-01\"", "\"\\u0031\"", "\"\\ud800\"",
        "\"device\"", "sequence", "\"sequence\":1", "\"flags\":0,", "\"\\u0066lags\":0", ",", ":", "{", "}", " ",
        "\u00e9",
    ];

    [Fact]
    public void It_reads_and_writes_as_the_serializer_does()
    {
#pragma warning disable CA5394
        var random = new Random(1);
        var signature = new byte[64];
        var device = new byte[32];
        for (var round = 0; round < 2000; round++)
        {
            random.NextBytes(signature);
            random.NextBytes(device);
            var reading = new SignedReading
            {
                Device = new Key32(device),
                Sequence = random.NextInt64(),
                Timestamp = DateTimeOffset.FromUnixTimeSeconds(random.NextInt64(253_402_300_799)),
                ProductionWh = random.NextInt64(),
                ConsumptionWh = random.NextInt64() >> random.Next(63),
                SocPermille = (ushort)random.Next(65_536),
                Flags = (ushort)random.Next(16),
                IntervalSeconds = (uint)random.NextInt64(uint.MaxValue),
                Signature = signature,
            };

            var json = JsonSerializer.Serialize(reading, ProtocolJson.Default.SignedReading);

            json.ShouldBe(JsonSerializer.Serialize(Twin.Of(reading), TwinJson.Default.Twin));
            var read = JsonSerializer.Deserialize(json, ProtocolJson.Default.SignedReading).ShouldNotBeNull();
            Same(read, Twin.Of(reading)).ShouldBeTrue();
        }
#pragma warning restore CA5394
    }

    [Fact]
    public void It_takes_and_refuses_what_the_serializer_takes_and_refuses()
    {
        var whole = Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(
            Vectors.Load("readings")[1].Parse(ProtocolJson.Default.SignedReading), ProtocolJson.Default.SignedReading));
        var (taken, refused) = (0, 0);

        // The same texts each time: a failure can be looked at.
#pragma warning disable CA5394
        var random = new Random(2);
        for (var round = 0; round < Rounds; round++)
        {
            var text = Changed(whole, random);
            var twin = Read(text, TwinJson.Default.Twin);
            var reading = Read(text, ProtocolJson.Default.SignedReading);

            (reading is null).ShouldBe(twin is null, text);
            if (reading is not null)
            {
                Same(reading, twin!).ShouldBeTrue(text);
            }

            (taken, refused) = reading is null ? (taken, refused + 1) : (taken + 1, refused);
        }
#pragma warning restore CA5394

        taken.ShouldBeGreaterThan(Rounds / 20);
        refused.ShouldBeGreaterThan(Rounds / 20);
    }

#pragma warning disable CA5394
    private static string Changed(string whole, Random random)
    {
        var members = whole.Trim('{', '}').Split(',').ToList();
        for (var change = random.Next(1, 3); change > 0; change--)
        {
            var at = random.Next(members.Count);
            var name = members[at].Split(':')[0];
            switch (random.Next(7))
            {
                case 0:
                    members.RemoveAt(at);
                    break;
                case 1:
                    members.Add(members[at]);
                    break;
                case 2:
                    members.Insert(at, $"\"unknown{random.Next(3)}\":{Pieces[random.Next(Pieces.Length)]}");
                    break;
                case 3:
                    members[at] = $"{name}:{Pieces[random.Next(Pieces.Length)]}";
                    break;
                case 4:
                    (members[0], members[at]) = (members[at], members[0]);
                    break;
                case 5:
                    var piece = Pieces[random.Next(Pieces.Length)];
                    members[at] = members[at].Insert(random.Next(members[at].Length), piece);
                    break;
                default:
                    members[at] = " " + members[at] + "\r\n\t";
                    break;
            }
        }

        return "{" + string.Join(',', members) + "}";
    }
#pragma warning restore CA5394

    private static T? Read<T>(string text, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> form)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(text), form);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool Same(SignedReading reading, Twin twin) =>
        Twin.Of(reading) with { Signature = twin.Signature } == twin && reading.Signature.SequenceEqual(twin.Signature);

    /// <summary>A reading as the serializer sees it by its members.</summary>
    internal sealed record Twin
    {
        public required Key32 Device { get; init; }

        public required long Sequence { get; init; }

        [JsonConverter(typeof(IsoSecondsJsonConverter))]
        public required DateTimeOffset Timestamp { get; init; }

        public required long ProductionWh { get; init; }

        public required long ConsumptionWh { get; init; }

        public required ushort SocPermille { get; init; }

        public required ushort Flags { get; init; }

        [JsonPropertyName("interval_s")]
        public required uint IntervalSeconds { get; init; }

        [JsonConverter(typeof(Base58SignatureJsonConverter))]
        public required byte[] Signature { get; init; }

        internal static Twin Of(SignedReading reading) =>
            new()
            {
                Device = reading.Device,
                Sequence = reading.Sequence,
                Timestamp = reading.Timestamp,
                ProductionWh = reading.ProductionWh,
                ConsumptionWh = reading.ConsumptionWh,
                SocPermille = reading.SocPermille,
                Flags = reading.Flags,
                IntervalSeconds = reading.IntervalSeconds,
                Signature = reading.Signature,
            };
    }

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        MaxDepth = 16)]
    [JsonSerializable(typeof(Twin))]
    internal sealed partial class TwinJson : JsonSerializerContext;
}
