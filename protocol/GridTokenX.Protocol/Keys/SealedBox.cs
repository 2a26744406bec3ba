using System.Security.Cryptography;
using GridTokenX.Protocol.Interop;

namespace GridTokenX.Protocol.Keys;

/// <summary>
/// Anonymous encryption to the holder of an Ed25519 key, through its X25519 form (libsodium's <c>crypto_box_seal</c>):
/// 32 bytes of an ephemeral key, the ciphertext, 16 bytes of tag.
/// </summary>
public static class SealedBox
{
    public const int Overhead = 48;

    private const int X25519Length = 32;

    /// <exception cref="CryptographicException">The key is no point that can be encrypted to.</exception>
    public static byte[] Seal(Key32 recipient, ReadOnlySpan<byte> message)
    {
        Span<byte> x25519 = stackalloc byte[X25519Length];
        PublicX25519(recipient, x25519);
        var box = new byte[message.Length + Overhead];
        return Sodium.crypto_box_seal(box, message, (ulong)message.Length, x25519) == 0
            ? box
            : throw new CryptographicException("libsodium could not seal.");
    }

    /// <exception cref="CryptographicException">Not sealed to this key, or changed since.</exception>
    public static byte[] Open(SigningKey recipient, ReadOnlySpan<byte> box)
    {
        if (box.Length < Overhead)
        {
            throw new CryptographicException("The box is too short.");
        }

        Span<byte> publicKey = stackalloc byte[X25519Length];
        Span<byte> secretKey = stackalloc byte[X25519Length];
        PublicX25519(recipient.PublicKey, publicKey);
        recipient.WriteX25519(secretKey);
        var message = new byte[box.Length - Overhead];
        var fault = Sodium.crypto_box_seal_open(message, box, (ulong)box.Length, publicKey, secretKey);
        CryptographicOperations.ZeroMemory(secretKey);
        return fault == 0 ? message : throw new CryptographicException("The box does not open with this key.");
    }

    private static void PublicX25519(Key32 key, Span<byte> x25519)
    {
        Span<byte> ed25519 = stackalloc byte[Key32.Length];
        key.CopyTo(ed25519);
        if (Sodium.crypto_sign_ed25519_pk_to_curve25519(x25519, ed25519) != 0)
        {
            throw new CryptographicException("The key is no point that can be encrypted to.");
        }
    }
}
