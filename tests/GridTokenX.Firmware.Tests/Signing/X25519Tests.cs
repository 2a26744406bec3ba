using System.Security.Cryptography;
using GridTokenX.Firmware.Signing;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Firmware.Tests.Signing;

/// <summary>RFC 7748, sections 5.2 and 6.1; and libsodium on what comes along.</summary>
public sealed class X25519Tests
{
    [Theory]
    [InlineData(
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")]
    [InlineData(
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")]
    public void Vectors_of_the_rfc(string scalar, string key, string expected) =>
        Convert.ToHexStringLower(Multiply(Convert.FromHexString(scalar), Convert.FromHexString(key)))
            .ShouldBe(expected);

    [Theory]
    [InlineData(1, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")]
    [InlineData(1000, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51")]
    public void Iterated_vectors_of_the_rfc(int times, string expected)
    {
        var scalar = new byte[32];
        scalar[0] = 9;
        var key = (byte[])scalar.Clone();
        for (var i = 0; i < times; i++)
        {
            (scalar, key) = (Multiply(scalar, key), scalar);
        }

        Convert.ToHexStringLower(scalar).ShouldBe(expected);
    }

    [Fact]
    public void Random_secrets_and_keys_agree_with_libsodium()
    {
        for (var i = 0; i < 1000; i++)
        {
            var cloudSecret = RandomNumberGenerator.GetBytes(32);
            var seed = RandomNumberGenerator.GetBytes(32);
            using var device = SigningKey.FromSeed(seed);
            var expected = Protocol.Keys.Pairing.Of(cloudSecret, device.PublicKey);

            var secret = new byte[32];
            new DeviceKey(seed).TryAgree(expected.CloudKey.ToArray(), secret).ShouldBeTrue();

            var material = new byte[112];
            Protocol.Wire.PairingBytes.WriteKey(
                material, secret, device.PublicKey.ToArray(), expected.CloudKey.ToArray());
            SHA512.HashData(material)[..32].ShouldBe(expected.CommandKey);
        }
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void Key_of_small_order_is_refused(string key) =>
        new X25519().TryMultiply(RandomNumberGenerator.GetBytes(32), Convert.FromHexString(key), new byte[32])
            .ShouldBeFalse();

    private static byte[] Multiply(byte[] scalar, byte[] key)
    {
        var output = new byte[32];
        new X25519().TryMultiply(scalar, key, output).ShouldBeTrue();
        return output;
    }
}
