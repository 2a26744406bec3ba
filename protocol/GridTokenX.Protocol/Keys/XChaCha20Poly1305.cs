using System.Security.Cryptography;
using GridTokenX.Protocol.Interop;

namespace GridTokenX.Protocol.Keys;

/// <summary>
/// Authenticated encryption with associated data, by libsodium (draft-irtf-cfrg-xchacha). The nonce is random, which 24
/// bytes allow for as many messages as anybody writes.
/// <code>
/// nonce 24 · ciphertext n · tag 16
/// </code>
/// </summary>
public static class XChaCha20Poly1305
{
    public const int KeyLength = 32;
    public const int Overhead = NonceLength + TagLength;

    private const int NonceLength = 24;
    private const int TagLength = 16;

    /// <exception cref="ArgumentException">The key has another length.</exception>
    public static byte[] Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> associated)
    {
        RequireKey(key);
        var box = new byte[message.Length + Overhead];
        var nonce = box.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        var fault = Sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
            box.AsSpan(NonceLength),
            out var written,
            message,
            (ulong)message.Length,
            associated,
            (ulong)associated.Length,
            IntPtr.Zero,
            nonce,
            key);
        return fault == 0 && written == (ulong)(message.Length + TagLength)
            ? box
            : throw new CryptographicException("libsodium could not encrypt.");
    }

    /// <summary>Writes the message, which has <see cref="Overhead"/> bytes less than the box.</summary>
    /// <exception cref="ArgumentException">The key or the room for the message has another length.</exception>
    /// <exception cref="CryptographicException">Another key or other associated data, or the box was changed; nothing
    /// of the message is written.</exception>
    public static void Decrypt(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, ReadOnlySpan<byte> associated, Span<byte> message)
    {
        RequireKey(key);
        if (box.Length < Overhead)
        {
            throw new CryptographicException("The box is too short.");
        }

        if (message.Length != box.Length - Overhead)
        {
            throw new ArgumentException($"The message has {box.Length - Overhead} bytes.", nameof(message));
        }

        var fault = Sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            message,
            out _,
            IntPtr.Zero,
            box[NonceLength..],
            (ulong)(box.Length - NonceLength),
            associated,
            (ulong)associated.Length,
            box[..NonceLength],
            key);
        if (fault != 0)
        {
            CryptographicOperations.ZeroMemory(message);
            throw new CryptographicException("The box does not open with this key and these associated data.");
        }
    }

    private static void RequireKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyLength)
        {
            throw new ArgumentException($"A key has {KeyLength} bytes, not {key.Length}.", nameof(key));
        }
    }
}
