// https://doc.libsodium.org/advanced/scalar_multiplication and .../advanced/ed25519-curve25519

using System.Runtime.InteropServices;

namespace GridTokenX.Protocol.Interop;

internal static partial class Sodium
{
    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_pk_to_curve25519(
        Span<byte> curve25519Key, ReadOnlySpan<byte> ed25519Key);

    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult_curve25519_base(Span<byte> publicKey, ReadOnlySpan<byte> secret);

    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult_curve25519(
        Span<byte> shared, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey);
}
