// libsodium (Debian libsodium23): the few functions used, under the C library's own names.
// https://doc.libsodium.org/public-key_cryptography/public-key_signatures

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
    internal static partial int crypto_pwhash_str(
        Span<byte> hash, ReadOnlySpan<byte> password, ulong passwordLength, ulong operations, nuint memoryBytes);

    [LibraryImport(Library)]
    internal static partial int crypto_pwhash_str_verify(
        ReadOnlySpan<byte> hash, ReadOnlySpan<byte> password, ulong passwordLength);

    [LibraryImport(Library)]
    private static partial int sodium_init();
}
