using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Chain;

/// <summary>The same 32 bytes as our key and as Solana's address.</summary>
internal static class Addresses
{
    public static PublicKey ToPublicKey(this Key32 key)
    {
        Span<byte> bytes = stackalloc byte[Key32.Length];
        key.CopyTo(bytes);
        return new PublicKey(bytes);
    }

    public static Key32 ToKey32(this PublicKey key) => new(key.Span);
}
