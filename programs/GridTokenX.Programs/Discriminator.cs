using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace GridTokenX.Programs;

/// <summary>The eight bytes by which Anchor's clients tell instructions, accounts and events apart: the first of the
/// SHA-256 of a namespace and a name. Read as a little-endian number, they are compared and switched on.</summary>
public static class Discriminator
{
    public const int Length = 8;

    /// <param name="name">In snake case, such as `settle_match`.</param>
    public static ulong OfInstruction(string name) => Of("global", name);

    /// <param name="name">In Pascal case, such as `MeterAccount`.</param>
    public static ulong OfAccount(string name) => Of("account", name);

    /// <param name="name">In Pascal case, such as `TradeExecuted`.</param>
    public static ulong OfEvent(string name) => Of("event", name);

    /// <exception cref="ArgumentException">Fewer than eight bytes.</exception>
    public static ulong Read(ReadOnlySpan<byte> data) => data.Length >= Length
        ? BinaryPrimitives.ReadUInt64LittleEndian(data)
        : throw new ArgumentException($"A discriminator has {Length} bytes, not {data.Length}.", nameof(data));

    /// <summary>The eight bytes in lower-case hexadecimal.</summary>
    public static string ToHex(ulong discriminator)
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, discriminator);
        return Convert.ToHexStringLower(bytes);
    }

    private static ulong Of(string space, string name) =>
        Read(SHA256.HashData(Encoding.ASCII.GetBytes($"{space}:{name}")));
}
