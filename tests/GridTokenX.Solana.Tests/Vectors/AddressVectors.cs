using System.Text.Json;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Solana.Tests.Vectors;

public sealed class AddressVectors
{
    [Fact]
    public void Base58_of_addresses_is_the_reference_clients()
    {
        foreach (var row in VectorFile.Read("addresses.json"))
        {
            var key = new PublicKey(row.Hex("bytes"));
            key.ToString().ShouldBe(row.Text("address"));
            row.Key("address").ShouldBe(key);
            row.Key("address").ToArray().ShouldBe(row.Hex("bytes"));
        }
    }

    [Fact]
    public void The_curve_test_agrees_with_the_reference_client()
    {
        foreach (var row in VectorFile.Read("addresses.json"))
        {
            row.Key("address").IsOnCurve.ShouldBe(row.GetProperty("onCurve").GetBoolean(), row.Text("address"));
        }
    }

    [Fact]
    public void Keys_and_signatures_are_the_reference_clients()
    {
        foreach (var row in VectorFile.Read("keys.json"))
        {
            using var keypair = Keypair.FromSeed(row.Hex("seed"));
            keypair.PublicKey.ShouldBe(row.Key("address"));
            keypair.PublicKey.IsOnCurve.ShouldBeTrue();
            var signature = keypair.Sign(row.Hex("message"));
            signature.ToString().ShouldBe(row.Text("signature"));
            keypair.PublicKey.Verify(row.Hex("message"), signature).ShouldBeTrue();
        }
    }

    [Fact]
    public void Program_derived_addresses_and_bumps_are_the_reference_clients()
    {
        foreach (var row in VectorFile.Read("pdas.json"))
        {
            var seeds = Seeds(row);
            var expected = new ProgramAddress(row.Key("address"), (byte)row.U64("bump"));
            Pda.Find(row.Key("program"), seeds).ShouldBe(expected);
            Pda.Create(row.Key("program"), [.. seeds, [expected.Bump]]).ShouldBe(expected.Address);
            expected.Address.IsOnCurve.ShouldBeFalse();
        }
    }

    [Fact]
    public void Every_bump_above_the_found_one_is_on_the_curve()
    {
        foreach (var row in VectorFile.Read("pdas.json"))
        {
            for (var bump = 255; bump > (int)row.U64("bump"); bump--)
            {
                Should.Throw<ArgumentException>(() => Pda.Create(row.Key("program"), [.. Seeds(row), [(byte)bump]]));
            }
        }
    }

    [Fact]
    public void Associated_token_addresses_are_the_reference_clients()
    {
        foreach (var row in VectorFile.Read("associated-token-addresses.json"))
        {
            AssociatedTokenProgram.Find(row.Key("owner"), row.Key("mint"))
                .ShouldBe(new ProgramAddress(row.Key("address"), (byte)row.U64("bump")));
        }
    }

    private static byte[][] Seeds(JsonElement row) =>
        [.. row.GetProperty("seeds").EnumerateArray().Select(seed => Convert.FromHexString(seed.GetString()!))];
}
