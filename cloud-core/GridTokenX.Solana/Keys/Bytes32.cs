using System.Runtime.CompilerServices;

namespace GridTokenX.Solana;

/// <summary>32 bytes held by value; what a key and a blockhash are made of.</summary>
[InlineArray(Length)]
internal struct Bytes32
{
    public const int Length = 32;

    private byte _first;

    public static Bytes32 From(ReadOnlySpan<byte> bytes)
    {
        Bytes32 value = default;
        bytes.CopyTo(value);
        return value;
    }
}

/// <summary>64 bytes held by value; a signature.</summary>
[InlineArray(Length)]
internal struct Bytes64
{
    public const int Length = 64;

    private byte _first;

    public static Bytes64 From(ReadOnlySpan<byte> bytes)
    {
        Bytes64 value = default;
        bytes.CopyTo(value);
        return value;
    }
}
