using System.Globalization;
using System.Numerics;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace GridTokenX.Solana.Tests;

public sealed class PublicKeyTests
{
    private static readonly BigInteger Prime = BigInteger.Pow(2, 255) - 19;

    private static readonly BigInteger D = BigInteger.Parse(
        "37095705934669439343138083508754565189542113879843219016388785533085940283555", CultureInfo.InvariantCulture);

    /// <summary>The same question asked by Euler's criterion in plain integers.</summary>
    private static bool HasPoint(byte[] bytes)
    {
        var y = new BigInteger([.. bytes[..31], (byte)(bytes[31] & 0x7f)], isUnsigned: true);
        var y2 = y * y % Prime;
        var uv = (y2 - 1 + Prime) * ((D * y2) + 1) % Prime;
        return BigInteger.ModPow(uv, (Prime - 1) / 2, Prime) <= 1;
    }

    [Fact]
    public void The_curve_test_agrees_with_plain_integers_on_random_bytes() =>
        Prop.ForAll(
            Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value), 32).ToArbitrary(),
            bytes => new PublicKey(bytes).IsOnCurve == HasPoint(bytes)).QuickCheckThrowOnFailure();

    [Fact]
    public void The_curve_test_agrees_with_plain_integers_at_the_edges()
    {
        BigInteger[] edges = [0, 1, 2, Prime - 2, Prime - 1, Prime, Prime + 1, Prime + 18, BigInteger.Pow(2, 51) - 1,
            BigInteger.Pow(2, 51), BigInteger.Pow(2, 204) - 1, BigInteger.Pow(2, 255) - 1];
        foreach (var y in edges)
        {
            foreach (var sign in (byte[])[0, 0x80])
            {
                var bytes = new byte[32];
                y.ToByteArray(isUnsigned: true).CopyTo(bytes, 0);
                bytes[31] |= sign;
                new PublicKey(bytes).IsOnCurve.ShouldBe(HasPoint(bytes), $"{y} sign {sign}");
            }
        }
    }

    [Fact]
    public void Small_order_points_are_on_the_curve_for_the_chain_though_no_signature_verifies_under_them()
    {
        var identity = new byte[32];
        identity[0] = 1;
        new PublicKey(identity).IsOnCurve.ShouldBeTrue();
        var forged = new byte[64];
        forged[0] = 1;
        new PublicKey(identity).Verify("anything"u8, new Signature(forged)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1111111111111111111111111111111")]
    [InlineData("111111111111111111111111111111111")]
    [InlineData("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5D0")]
    [InlineData("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5D ")]
    [InlineData("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DAA")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("ไฟฟ้า")]
    public void Text_that_is_no_address_is_refused(string text)
    {
        PublicKey.TryParse(text, out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => PublicKey.Parse(text));
    }

    [Fact]
    public void Very_long_text_is_refused_at_once()
    {
        var text = new string('z', 1_000_000);
        PublicKey.TryParse(text, out _).ShouldBeFalse();
        Signature.TryParse(text, out _).ShouldBeFalse();
        Blockhash.TryParse(text, out _).ShouldBeFalse();
    }

    [Fact]
    public void Every_32_bytes_survive_their_text() =>
        Prop.ForAll(
            Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value), 32).ToArbitrary(),
            bytes => PublicKey.Parse(new PublicKey(bytes).ToString()).ToArray().SequenceEqual(bytes))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Equality_order_and_json_follow_the_bytes()
    {
        var (a, b) = (Some.Address("a"), Some.Address("b"));
        (a == Some.Address("a")).ShouldBeTrue();
        (a != b).ShouldBeTrue();
        a.GetHashCode().ShouldBe(Some.Address("a").GetHashCode());
        a.CompareTo(b).ShouldBe(a.ToArray().AsSpan().SequenceCompareTo(b.ToArray()));
        JsonSerializer.Serialize(a).ShouldBe($"\"{a}\"");
        JsonSerializer.Deserialize<PublicKey>($"\"{a}\"").ShouldBe(a);
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<PublicKey>("\"0\""));
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<PublicKey>("7"));
    }

    [Fact]
    public void An_address_is_found_again_whatever_was_found_between()
    {
        var program = Some.Address("program");
        var found = Enumerable.Range(0, 2 * FoundAddresses.Slots)
            .Select(i => (Seed: BitConverter.GetBytes(i), Pda.Find(program, BitConverter.GetBytes(i)))).ToList();
        foreach (var (seed, address) in found.Concat(found.AsEnumerable().Reverse()))
        {
            Pda.Find(program, seed).ShouldBe(address);
            byte[] bump = [address.Bump];
            Pda.Create(program, seed, bump).ShouldBe(address.Address);
        }

        // The seeds' bytes and the program's, not where one ends and the next begins.
        byte[] whole = [1, 2, 3];
        Pda.Find(program, whole[..2], whole[2..]).ShouldBe(Pda.Find(program, whole[..1], whole[1..]));
        Pda.Find(Some.Address("another"), whole).ShouldNotBe(Pda.Find(program, whole));
    }

    [Fact]
    public void Too_many_or_too_long_seeds_are_refused()
    {
        var program = Some.Address("program");
        Should.Throw<ArgumentException>(() => Pda.Find(program, new byte[33]));
        Should.Throw<ArgumentException>(() => Pda.Find(program, [.. Enumerable.Repeat(new byte[1], 16)]));
        Should.Throw<ArgumentException>(() => Pda.Create(program, [.. Enumerable.Repeat(new byte[1], 17)]));
    }
}
