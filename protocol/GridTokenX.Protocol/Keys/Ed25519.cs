using GridTokenX.Protocol.Interop;

namespace GridTokenX.Protocol.Keys;

/// <summary>Ed25519 (RFC 8032) by libsodium.</summary>
public static class Ed25519
{
    public const int SignatureLength = 64;
    public const int SeedLength = 32;

    /// <summary>False for a wrong signature, a key that is no curve point, or a signature of another length.</summary>
    public static bool Verify(Key32 key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureLength)
        {
            return false;
        }

        Span<byte> publicKey = stackalloc byte[Key32.Length];
        key.CopyTo(publicKey);
        return Sodium.crypto_sign_ed25519_verify_detached(signature, message, (ulong)message.Length, publicKey) == 0;
    }
}
