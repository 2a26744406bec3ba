using System.Buffers;
using System.Buffers.Binary;

namespace GridTokenX.Solana;

/// <summary>Little-endian fields and compact-u16 lengths, one after the other, as Solana's wire format has them.
/// </summary>
internal static class ByteWriter
{
    public static void WriteByte(this ArrayBufferWriter<byte> to, byte value)
    {
        to.GetSpan(1)[0] = value;
        to.Advance(1);
    }

    public static void WriteU32(this ArrayBufferWriter<byte> to, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to.GetSpan(4), value);
        to.Advance(4);
    }

    public static void WriteU64(this ArrayBufferWriter<byte> to, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to.GetSpan(8), value);
        to.Advance(8);
    }

    /// <summary>Seven bits a byte, lowest first, the top bit saying that more follow: one to three bytes.</summary>
    public static void WriteCompactU16(this ArrayBufferWriter<byte> to, int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, ushort.MaxValue);
        while (value > 0x7f)
        {
            to.WriteByte((byte)((value & 0x7f) | 0x80));
            value >>= 7;
        }

        to.WriteByte((byte)value);
    }
}

/// <summary>Reads what <see cref="ByteWriter"/> writes. Every read checks what is left.</summary>
/// <exception cref="FormatException">The bytes end too early, or a length is not written in its shortest form.
/// </exception>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly int Remaining => _rest.Length;

    public readonly byte Peek() => _rest.IsEmpty ? throw TooShort() : _rest[0];

    public byte ReadByte() => ReadBytes(1)[0];

    public PublicKey ReadPublicKey() => new(ReadBytes(PublicKey.Length));

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count > _rest.Length)
        {
            throw TooShort();
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public int ReadCompactU16()
    {
        var value = 0;
        for (var i = 0; i < 3; i++)
        {
            var next = ReadByte();
            value |= (next & 0x7f) << (7 * i);
            if ((next & 0x80) == 0)
            {
                return (next != 0 || i == 0) && value <= ushort.MaxValue
                    ? value
                    : throw new FormatException("A compact-u16 is not in its shortest form, or above 65,535.");
            }
        }

        throw new FormatException("A compact-u16 has more than three bytes.");
    }

    private static FormatException TooShort() => new("The transaction's bytes end too early.");
}
