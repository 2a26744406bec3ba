using System.Text;
using System.Text.Json;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Tests;

public sealed class MessageSignatureTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1764550802);

    public static TheoryData<string> Rows => Vectors.Names("requests");

    [Theory]
    [MemberData(nameof(Rows))]
    public void Request_is_signed_as_in_the_vector(string name)
    {
        var row = Vectors.Row("requests", name);
        using var key = SigningKey.FromSeed(row.Hex("seed"));
        var created = DateTimeOffset.FromUnixTimeSeconds(row.GetProperty("created").GetInt64());

        var headers = MessageSignature.Sign(PartsOf(row), key, created);

        headers.SignatureInput.ShouldBe(row.Text("signature_input"));
        headers.Signature.ShouldBe(row.Text("signature"));
        headers.ContentDigest.ShouldBe(row.GetProperty("content_digest").GetString());
        MessageSignature.Verify(PartsOf(row), headers, Now, MessageSignature.DefaultTolerance, out var signer)
            .ShouldBe(SignatureOutcome.Valid);
        signer.ShouldBe(key.PublicKey);
    }

    [Fact]
    public void Every_changed_part_is_noticed()
    {
        var parts = PartsOf(Vectors.Load("requests")[2]);
        var headers = Signed(parts);
        OutcomeOf(parts with { Method = "PUT" }, headers).ShouldBe(SignatureOutcome.BadSignature);
        OutcomeOf(parts with { Path = "/api/other" }, headers).ShouldBe(SignatureOutcome.BadSignature);
        OutcomeOf(parts with { Query = "?all=1" }, headers).ShouldBe(SignatureOutcome.BadSignature);
        OutcomeOf(parts with { Body = "{}"u8.ToArray() }, headers).ShouldBe(SignatureOutcome.DigestMismatch);
        OutcomeOf(parts with { IdempotencyKey = "other" }, headers).ShouldBe(SignatureOutcome.BadSignature);
        OutcomeOf(parts with { IdempotencyKey = null }, headers).ShouldBe(SignatureOutcome.Malformed);
        OutcomeOf(parts with { Body = ReadOnlyMemory<byte>.Empty }, headers).ShouldBe(SignatureOutcome.Malformed);
    }

    [Fact]
    public void Body_must_be_covered()
    {
        var parts = PartsOf(Vectors.Load("requests")[0]);
        OutcomeOf(parts with { Body = "{}"u8.ToArray() }, Signed(parts)).ShouldBe(SignatureOutcome.Malformed);
    }

    [Theory]
    [InlineData(-301, SignatureOutcome.NotFresh)]
    [InlineData(-300, SignatureOutcome.Valid)]
    [InlineData(300, SignatureOutcome.Valid)]
    [InlineData(301, SignatureOutcome.NotFresh)]
    public void Signature_is_fresh_for_five_minutes(int seconds, SignatureOutcome expected)
    {
        var parts = PartsOf(Vectors.Load("requests")[2]);
        using var key = Some.Key(7);
        var headers = MessageSignature.Sign(parts, key, Now.AddSeconds(seconds));
        OutcomeOf(parts, headers).ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sig=")]
    [InlineData("sig=();created=1;keyid=\"x\";alg=\"ed25519\"")]
    [InlineData("sig=(\"@method\");created=1;keyid=\"11111111111111111111111111111111\";alg=\"hmac-sha256\"")]
    [InlineData(
        "sig=(\"@method\" \"@path\" \"@query\");created=99999999999999;"
        + "keyid=\"11111111111111111111111111111111\";alg=\"ed25519\"")]
    public void Nonsense_in_the_header_is_malformed(string input)
    {
        var parts = PartsOf(Vectors.Load("requests")[0]);
        OutcomeOf(parts, Signed(parts) with { SignatureInput = input }).ShouldBe(SignatureOutcome.Malformed);
    }

    [Theory]
    [InlineData("\"@query\" \"@path\" \"@method\"", SignatureOutcome.BadSignature)]
    [InlineData("\"@method\" \"@path\"", SignatureOutcome.Malformed)]
    [InlineData("\"@method\" \"@path\" \"@query\" \"date\"", SignatureOutcome.Malformed)]
    [InlineData("\"@method\"  \"@path\" \"@query\"", SignatureOutcome.Malformed)]
    [InlineData("\"@method\" \"@path\" \"@query\" ", SignatureOutcome.Malformed)]
    [InlineData("@method @path @query", SignatureOutcome.Malformed)]
    public void Components_are_all_the_known_ones_in_any_order(string components, SignatureOutcome expected)
    {
        var parts = PartsOf(Vectors.Load("requests")[0]);
        var headers = Signed(parts);
        var other = headers.SignatureInput.Replace(
            "\"@method\" \"@path\" \"@query\"", components, StringComparison.Ordinal);
        OutcomeOf(parts, headers with { SignatureInput = other }).ShouldBe(expected);
    }

    [Theory]
    [InlineData("created=1764550802", "created=+1764550802")]
    [InlineData("created=1764550802", "created= 1764550802")]
    [InlineData("created=1764550802", "created=")]
    [InlineData("created=1764550802", "created=0001764550802")]
    [InlineData("alg=\"ed25519\"", "alg=\"ed25519\";nonce=\"x\"")]
    [InlineData("sig=", "sig2=")]
    [InlineData("keyid=\"", "keyid=\"1")]
    public void Another_form_of_the_header_is_malformed(string from, string to)
    {
        var parts = PartsOf(Vectors.Load("requests")[0]);
        var headers = Signed(parts);
        var other = headers.SignatureInput.Replace(from, to, StringComparison.Ordinal);
        other.ShouldNotBe(headers.SignatureInput);
        OutcomeOf(parts, headers with { SignatureInput = other }).ShouldBe(SignatureOutcome.Malformed);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    [InlineData(8_000)]
    public void Long_paths_and_letters_of_other_alphabets_are_covered_as_they_stand(int length)
    {
        var path = "/api/" + new string('x', length) + "/\u0E01";
        var parts = new SignedParts("GET", path, "?q=" + new string('y', length), default, null);
        var headers = Signed(parts);
        OutcomeOf(parts, headers).ShouldBe(SignatureOutcome.Valid);
        OutcomeOf(parts with { Path = path[..^1] + "\u0E02" }, headers).ShouldBe(SignatureOutcome.BadSignature);
    }

    [Fact]
    public void Component_covered_twice_is_malformed()
    {
        var parts = PartsOf(Vectors.Load("requests")[0]);
        var headers = Signed(parts);
        var twice = headers.SignatureInput.Replace("\"@query\"", "\"@path\"", StringComparison.Ordinal);
        OutcomeOf(parts, headers with { SignatureInput = twice }).ShouldBe(SignatureOutcome.Malformed);
    }

    [Fact]
    public void Unsigned_request_is_missing_its_signature() =>
        OutcomeOf(PartsOf(Vectors.Load("requests")[0]), null).ShouldBe(SignatureOutcome.Missing);

    private static SignatureHeaders Signed(SignedParts parts)
    {
        using var key = Some.Key(7);
        return MessageSignature.Sign(parts, key, Now);
    }

    private static SignatureOutcome OutcomeOf(SignedParts parts, SignatureHeaders? headers) =>
        MessageSignature.Verify(parts, headers, Now, MessageSignature.DefaultTolerance, out _);

    private static SignedParts PartsOf(JsonElement row) => new(
        row.Text("method"),
        row.Text("path"),
        row.Text("query"),
        Encoding.UTF8.GetBytes(row.Text("body")),
        row.GetProperty("idempotency_key").GetString());
}
