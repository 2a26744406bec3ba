using System.Security.Cryptography;
using System.Text;
using GridTokenX.Firmware.Signing;

namespace GridTokenX.Firmware.Tests.Signing;

/// <summary>
/// NIST's example values for SHA-512, and every length around the block borders against the platform's own.
/// </summary>
public sealed class Sha512Tests
{
    [Theory]
    [InlineData("", "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e")]
    [InlineData("abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")]
    [InlineData(
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
            + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
            + "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96"
        + "e55b874be909")]
    public void Nist_examples(string message, string hash) =>
        Convert.ToHexStringLower(Hash(Encoding.ASCII.GetBytes(message), 200)).ShouldBe(hash);

    [Fact]
    public void A_million_times_a() =>
        Convert.ToHexStringLower(Hash([.. Enumerable.Repeat((byte)'a', 1_000_000)], 1000)).ShouldBe(
            "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
                + "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4ead"
            + "b217ad8cc09b");

    [Fact]
    public void Every_length_in_every_portion_is_as_the_platform_hashes_it()
    {
        var random = new Random(512);
        for (var length = 0; length < 400; length++)
        {
            var message = new byte[length];
            random.NextBytes(message);

            Hash(message, 1 + random.Next(150)).ShouldBe(SHA512.HashData(message));
        }
    }

    private static byte[] Hash(byte[] message, int portion)
    {
        var sha = new Sha512();
        var hash = new byte[Sha512.HashLength];
        sha.Reset();
        for (var at = 0; at < message.Length; at += portion)
        {
            sha.Update(message, at, Math.Min(portion, message.Length - at));
        }

        sha.Finish(hash);
        return hash;
    }
}
