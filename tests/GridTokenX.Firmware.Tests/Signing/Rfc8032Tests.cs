using System.Text;
using GridTokenX.Firmware.Signing;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Firmware.Tests.Signing;

/// <summary>The five Ed25519 vectors of RFC 8032, section 7.1.</summary>
public sealed class Rfc8032Tests
{
    public static TheoryData<string, string, string, string> Vectors => new()
    {
        {
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246551"
                + "41438e7a100b"
        },
        {
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d"
                + "291612bb0c00"
        },
        {
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027"
                + "beceea1ec40a"
        },
        {
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9a"
                + "c94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9be"
                + "f1177331a704"
        },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Seed_gives_the_public_key_and_message_the_signature(
        string seed, string publicKey, string message, string signature)
    {
        var key = new DeviceKey(Convert.FromHexString(seed));
        var signed = new byte[DeviceKey.SignatureLength];
        var bytes = Convert.FromHexString(message);

        key.Sign(bytes, bytes.Length, signed, 0);

        Convert.ToHexStringLower(key.PublicKey).ShouldBe(publicKey);
        Convert.ToHexStringLower(signed).ShouldBe(signature);
    }

    [Fact]
    public void Ten_thousand_random_messages_are_signed_as_libsodium_signs_them()
    {
        var random = new Random(8032);
        var seed = new byte[DeviceKey.SeedLength];
        var signature = new byte[DeviceKey.SignatureLength];
        for (var i = 0; i < 10_000; i++)
        {
            random.NextBytes(seed);
            var message = new byte[random.Next(300)];
            random.NextBytes(message);
            using var reference = SigningKey.FromSeed(seed);
            var key = new DeviceKey(seed);

            key.Sign(message, message.Length, signature, 0);

            key.PublicKey.ShouldBe(reference.PublicKey.ToArray());
            signature.ShouldBe(reference.Sign(message));
        }
    }

    [Fact]
    public void Signature_lands_at_its_offset_and_covers_only_the_given_length()
    {
        var seed = Encoding.ASCII.GetBytes("a seed of thirty-two bytes, so..");
        using var reference = SigningKey.FromSeed(seed);
        var message = Encoding.ASCII.GetBytes("signed part|rest");
        var output = new byte[80];

        new DeviceKey(seed).Sign(message, 11, output, 16);

        output[..16].ShouldAllBe(value => value == 0);
        output[16..].ShouldBe(reference.Sign(message.AsSpan(0, 11)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(64)]
    public void Seed_of_another_length_is_refused(int length) =>
        Should.Throw<ArgumentException>(() => new DeviceKey(new byte[length]));
}
