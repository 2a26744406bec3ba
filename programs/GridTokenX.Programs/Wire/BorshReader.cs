using System.Buffers.Binary;
using System.Text;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Wire;

/// <summary>Reads fields one after the other; every read checks what is left.</summary>
/// <exception cref="FormatException">The bytes end too early, or are not of the form asked for.</exception>
internal ref struct BorshReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = bytes;

    public byte U8() => Take(1)[0];

    public bool Bool() => U8() switch
    {
        0 => false,
        1 => true,
        _ => throw new FormatException("A flag is 0 or 1."),
    };

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public long I64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public PublicKey Key() => new(Take(PublicKey.Length));

    public string Text(int maxBytes)
    {
        var length = U32();
        if (length > (uint)maxBytes)
        {
            throw new FormatException($"A text has at most {maxBytes} bytes, not {length}.");
        }

        try
        {
            return StrictUtf8.GetString(Take((int)length));
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("A text is not UTF-8.", e);
        }
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw new FormatException("The bytes end too early.");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public readonly void End()
    {
        if (!_rest.IsEmpty)
        {
            throw new FormatException($"{_rest.Length} bytes follow the last field.");
        }
    }
}
