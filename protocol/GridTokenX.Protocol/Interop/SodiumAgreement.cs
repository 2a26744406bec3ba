// https://doc.libsodium.org/advanced/scalar_multiplication

using System.Runtime.InteropServices;

namespace GridTokenX.Protocol.Interop;

internal static partial class Sodium
{
    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult_curve25519_base(Span<byte> publicKey, ReadOnlySpan<byte> secret);

    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult_curve25519(
        Span<byte> shared, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey);
}
