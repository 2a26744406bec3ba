namespace GridTokenX.Linker;

/// <summary>Numbers of the ELF-64 format, and of its eBPF supplement, as the specifications name them.</summary>
internal static class Elf
{
    public const int HeaderSize = 64;
    public const int ProgramHeaderSize = 56;
    public const int SectionHeaderSize = 64;
    public const int SymbolSize = 24;
    public const int RelocationSize = 16;
    public const int DynamicSize = 16;
    public const int InstructionSize = 8;

    public const ushort ET_REL = 1;
    public const ushort ET_DYN = 3;
    public const ushort EM_BPF = 247;

    public const uint SHT_PROGBITS = 1;
    public const uint SHT_SYMTAB = 2;
    public const uint SHT_STRTAB = 3;
    public const uint SHT_RELA = 4;
    public const uint SHT_DYNAMIC = 6;
    public const uint SHT_NOBITS = 8;
    public const uint SHT_REL = 9;
    public const uint SHT_DYNSYM = 11;

    public const ulong SHF_WRITE = 1;
    public const ulong SHF_ALLOC = 2;
    public const ulong SHF_EXECINSTR = 4;

    public const ushort SHN_UNDEF = 0;
    public const ushort SHN_LORESERVE = 0xFF00;

    public const uint PT_LOAD = 1;
    public const uint PT_DYNAMIC = 2;

    /// <summary>A 64-bit immediate load of an address (lddw).</summary>
    public const uint R_BPF_64_64 = 1;

    /// <summary>An address in data.</summary>
    public const uint R_BPF_64_ABS64 = 2;

    /// <summary>An address that the loader moves to where the program lies.</summary>
    public const uint R_BPF_64_RELATIVE = 8;

    /// <summary>A call.</summary>
    public const uint R_BPF_64_32 = 10;
}
