using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Tests;

public sealed class EncryptionTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0x80, 32).Select(static b => (byte)b)];

    // draft-irtf-cfrg-xchacha-03, appendix A.3.1
    [Fact]
    public void Box_of_the_draft_opens()
    {
        var box = Convert.FromHexString(
            "404142434445464748494a4b4c4d4e4f5051525354555657"
            + "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c670"
            + "8c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9"
            + "768812f615c68b13b52ec0875924c1c7987947deafd8780acf49");
        var message = new byte[box.Length - XChaCha20Poly1305.Overhead];
        XChaCha20Poly1305.Decrypt(Key, box, Convert.FromHexString("50515253c0c1c2c3c4c5c6c7"), message);
        Encoding.ASCII.GetString(message).ShouldBe(
            "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
            + "sunscreen would be it.");
    }

    [Fact]
    public void Whatever_is_encrypted_opens_with_its_key_and_associated_data() =>
        Prop.ForAll<byte[], byte[]>(static (message, associated) =>
        {
            var box = XChaCha20Poly1305.Encrypt(Key, message, associated);
            var opened = new byte[message.Length];
            XChaCha20Poly1305.Decrypt(Key, box, associated, opened);
            return opened.SequenceEqual(message) && !box.SequenceEqual(
                XChaCha20Poly1305.Encrypt(Key, message, associated));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Box_that_was_changed_anywhere_does_not_open()
    {
        var box = XChaCha20Poly1305.Encrypt(Key, "secret"u8, "for"u8);
        for (var i = 0; i < box.Length; i++)
        {
            var changed = box.ToArray();
            changed[i] ^= 1;
            Should.Throw<CryptographicException>(() => XChaCha20Poly1305.Decrypt(Key, changed, "for"u8, new byte[6]));
        }

        Should.Throw<CryptographicException>(() => XChaCha20Poly1305.Decrypt(Key, box, "four"u8, new byte[6]));
        Should.Throw<CryptographicException>(() => XChaCha20Poly1305.Decrypt(new byte[32], box, "for"u8, new byte[6]));
        Should.Throw<CryptographicException>(() => XChaCha20Poly1305.Decrypt(Key, box.AsSpan(0, 39), "for"u8, []));
        Should.Throw<ArgumentException>(() => XChaCha20Poly1305.Decrypt(Key, box, "for"u8, new byte[7]));
        Should.Throw<ArgumentException>(() => XChaCha20Poly1305.Encrypt(new byte[31], "secret"u8, "for"u8));
    }

    [Fact]
    public void Sealed_box_opens_with_the_recipients_key_alone()
    {
        using var anna = SigningKey.Generate();
        using var boon = SigningKey.Generate();
        var box = SealedBox.Seal(anna.PublicKey, "secret"u8);
        box.Length.ShouldBe(6 + SealedBox.Overhead);
        SealedBox.Open(anna, box).ShouldBe("secret"u8.ToArray());
        Should.Throw<CryptographicException>(() => SealedBox.Open(boon, box));
        box[^1] ^= 1;
        Should.Throw<CryptographicException>(() => SealedBox.Open(anna, box));
        Should.Throw<CryptographicException>(() => SealedBox.Open(anna, box.AsSpan(0, 47)));
    }

    [Fact]
    public void Nothing_is_sealed_to_what_is_no_point() =>
        Should.Throw<CryptographicException>(() => SealedBox.Seal(default, "secret"u8));
}
