namespace GridTokenX.Linker.Tests;

/// <summary>eBPF instructions as 64-bit words: opcode, registers, offset (16), immediate (32).</summary>
internal static class Instructions
{
    public const ulong Exit = 0x95;

    /// <summary>Calls what a relocation names.</summary>
    public const ulong Call = 0xFFFF_FFFF_0000_1085;

    /// <summary>Loads an address into r1, together with the word after it.</summary>
    public static ulong LoadLow(uint addend = 0) => 0x118 | ((ulong)addend << 32);

    public static ulong LoadHigh(uint addend = 0) => (ulong)addend << 32;

    public static ulong CallWith(int immediate) => 0x1085 | ((ulong)unchecked((uint)immediate) << 32);
}
