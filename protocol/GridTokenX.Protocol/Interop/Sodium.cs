// libsodium (Debian libsodium23): the few functions used, under the C library's own names.
// https://doc.libsodium.org/public-key_cryptography/public-key_signatures
// https://doc.libsodium.org/public-key_cryptography/sealed_boxes
// https://doc.libsodium.org/secret-key_cryptography/aead/chacha20-poly1305/xchacha20-poly1305_construction

using System.Runtime.InteropServices;

namespace GridTokenX.Protocol.Interop;

internal static partial class Sodium
{
    private const string Library = "libsodium.so.23";

    // A static constructor, so that sodium_init has run before any other call of this class.
    static Sodium()
    {
        Initialised = sodium_init();
    }

    /// <summary>Below zero when the library could not be initialised; it does not happen on a sane system.</summary>
    internal static int Initialised { get; }

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_seed_keypair(
        Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_detached(
        Span<byte> signature,
        IntPtr signatureLength,
        ReadOnlySpan<byte> message,
        ulong messageLength,
        ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_verify_detached(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ulong messageLength, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_pk_to_curve25519(Span<byte> x25519, ReadOnlySpan<byte> ed25519);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_sk_to_curve25519(Span<byte> x25519, ReadOnlySpan<byte> ed25519);

    [LibraryImport(Library)]
    internal static partial int crypto_box_seal(
        Span<byte> sealedBox, ReadOnlySpan<byte> message, ulong messageLength, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library)]
    internal static partial int crypto_box_seal_open(
        Span<byte> message,
        ReadOnlySpan<byte> sealedBox,
        ulong sealedLength,
        ReadOnlySpan<byte> publicKey,
        ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    internal static partial int crypto_aead_xchacha20poly1305_ietf_encrypt(
        Span<byte> ciphertext,
        out ulong ciphertextLength,
        ReadOnlySpan<byte> message,
        ulong messageLength,
        ReadOnlySpan<byte> associated,
        ulong associatedLength,
        IntPtr secretNonce,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    internal static partial int crypto_aead_xchacha20poly1305_ietf_decrypt(
        Span<byte> message,
        out ulong messageLength,
        IntPtr secretNonce,
        ReadOnlySpan<byte> ciphertext,
        ulong ciphertextLength,
        ReadOnlySpan<byte> associated,
        ulong associatedLength,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> key);

    [LibraryImport(Library)]
    internal static partial int crypto_pwhash_str(
        Span<byte> hash, ReadOnlySpan<byte> password, ulong passwordLength, ulong operations, nuint memoryBytes);

    [LibraryImport(Library)]
    internal static partial int crypto_pwhash_str_verify(
        ReadOnlySpan<byte> hash, ReadOnlySpan<byte> password, ulong passwordLength);

    [LibraryImport(Library)]
    private static partial int sodium_init();
}
