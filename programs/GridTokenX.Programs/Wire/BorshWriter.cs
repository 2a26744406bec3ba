using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Wire;

/// <summary>An instruction's data: its discriminator, then its arguments in Borsh (little-endian fields one after the
/// other; lists and strings with a u32 length before them).</summary>
internal readonly struct BorshWriter
{
    private readonly ArrayBufferWriter<byte> _bytes;

    private BorshWriter(ulong discriminator)
    {
        _bytes = new ArrayBufferWriter<byte>(64);
        U64(discriminator);
    }

    public static BorshWriter Of(string instruction) => new(Discriminator.OfInstruction(instruction));

    public BorshWriter U8(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
        return this;
    }

    public BorshWriter Bool(bool value) => U8(value ? (byte)1 : (byte)0);

    public BorshWriter U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.GetSpan(2), value);
        _bytes.Advance(2);
        return this;
    }

    public BorshWriter U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
        return this;
    }

    public BorshWriter U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
        return this;
    }

    public BorshWriter I64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
        return this;
    }

    public BorshWriter Key(PublicKey key)
    {
        _bytes.Write(key.Span);
        return this;
    }

    public BorshWriter Text(string value)
    {
        var text = Encoding.UTF8.GetBytes(value);
        U32((uint)text.Length);
        _bytes.Write(text);
        return this;
    }

    public BorshWriter List<T>(IReadOnlyList<T> values, Action<BorshWriter, T> write)
    {
        U32((uint)values.Count);
        foreach (var value in values)
        {
            write(this, value);
        }

        return this;
    }

    public Instruction For(PublicKey program, params IReadOnlyList<AccountMeta> accounts) =>
        new(program, accounts, _bytes.WrittenMemory);
}
