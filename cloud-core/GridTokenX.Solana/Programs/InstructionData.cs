using System.Buffers;

namespace GridTokenX.Solana.Programs;

/// <summary>Builds an instruction's data: little-endian fields, one after the other.</summary>
internal readonly struct InstructionData()
{
    private readonly ArrayBufferWriter<byte> _bytes = new(64);

    public InstructionData U8(byte value)
    {
        _bytes.WriteByte(value);
        return this;
    }

    public InstructionData U32(uint value)
    {
        _bytes.WriteU32(value);
        return this;
    }

    public InstructionData U64(ulong value)
    {
        _bytes.WriteU64(value);
        return this;
    }

    public InstructionData Key(PublicKey key)
    {
        _bytes.Write(key.Span);
        return this;
    }

    /// <summary>The token program's optional key: 0, or 1 and the key.</summary>
    public InstructionData OptionalKey(PublicKey? key) => key is { } present ? U8(1).Key(present) : U8(0);

    public Instruction For(PublicKey program, params AccountMeta[] accounts) =>
        new(program, accounts, _bytes.WrittenMemory);
}
