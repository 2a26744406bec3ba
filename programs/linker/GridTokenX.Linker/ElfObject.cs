using System.Buffers.Binary;
using System.Text;

namespace GridTokenX.Linker;

internal sealed record Symbol(string Name, bool IsGlobal, bool IsSection, ushort SectionIndex, ulong Value)
{
    public bool IsUndefined => SectionIndex == Elf.SHN_UNDEF;
}

/// <param name="Offset">Within its section.</param>
internal sealed record Relocation(ulong Offset, uint Kind, Symbol Symbol);

internal sealed class Section(string name, uint kind, ulong flags, ulong alignment, ulong size, byte[] data)
{
    public string Name => name;

    public uint Kind => kind;

    public ulong Alignment => alignment;

    public ulong Size => size;

    /// <summary>Empty for a section that the file only announces.</summary>
    public byte[] Data => data;

    public List<Relocation> Relocations { get; } = [];

    public bool IsAllocated => (flags & Elf.SHF_ALLOC) != 0;

    public bool IsWritable => (flags & Elf.SHF_WRITE) != 0;

    public bool IsCode => (flags & Elf.SHF_EXECINSTR) != 0;
}

/// <summary>A relocatable eBPF object (ELF-64, little-endian), as the compiler writes it.</summary>
internal sealed class ElfObject
{
    private readonly byte[] _file;

    /// <exception cref="LinkException">It is no such object, or not whole.</exception>
    public ElfObject(byte[] file)
    {
        _file = file;
        CheckHeader();
        var headers = ReadSectionHeaders();
        var names = At(headers, U16(62));
        Sections = [.. headers.Select(header => ToSection(header, names))];
        Symbols = ReadSymbols(headers);
        ReadRelocations(headers);
    }

    public IReadOnlyList<Section> Sections { get; }

    public IReadOnlyList<Symbol> Symbols { get; }

    /// <returns>Null for a symbol that is not defined here.</returns>
    public Section? SectionOf(Symbol symbol) =>
        symbol.SectionIndex switch
        {
            Elf.SHN_UNDEF => null,
            >= Elf.SHN_LORESERVE => throw new LinkException($"{symbol.Name} is defined in no section."),
            var index => At(Sections, index),
        };

    private void CheckHeader()
    {
        // 0x7F 'E' 'L' 'F', 64 bits, little-endian, version 1.
        if (!Bytes(0, Elf.HeaderSize)[..7].SequenceEqual("\u007FELF\u0002\u0001\u0001"u8))
        {
            throw new LinkException("it is no little-endian ELF-64 file.");
        }

        if (U16(16) != Elf.ET_REL || U16(18) != Elf.EM_BPF)
        {
            throw new LinkException("it is no relocatable eBPF object.");
        }
    }

    private List<SectionHeader> ReadSectionHeaders()
    {
        var offset = U64(40);
        return
        [
            .. Enumerable.Range(0, U16(60)).Select(index =>
            {
                var at = AddChecked(offset, (ulong)(index * Elf.SectionHeaderSize));
                _ = Bytes(at, Elf.SectionHeaderSize);
                return new SectionHeader(
                    Name: U32(at),
                    Kind: U32(at + 4),
                    Flags: U64(at + 8),
                    Offset: U64(at + 24),
                    Size: U64(at + 32),
                    Link: U32(at + 40),
                    Info: U32(at + 44),
                    Alignment: U64(at + 48));
            }),
        ];
    }

    private Section ToSection(SectionHeader header, SectionHeader names)
    {
        var data = header.Kind == Elf.SHT_NOBITS ? [] : Bytes(header.Offset, header.Size).ToArray();
        return new Section(
            Text(names, header.Name), header.Kind, header.Flags, Math.Max(header.Alignment, 1), header.Size, data);
    }

    private List<Symbol> ReadSymbols(List<SectionHeader> headers)
    {
        if (headers.Find(static header => header.Kind == Elf.SHT_SYMTAB) is not { } table)
        {
            throw new LinkException("it has no symbols.");
        }

        var names = At(headers, table.Link);
        var symbols = new List<Symbol>();
        for (ulong at = 0; at < table.Size; at += Elf.SymbolSize)
        {
            var entry = Bytes(AddChecked(table.Offset, at), Elf.SymbolSize);
            symbols.Add(new Symbol(
                Text(names, BinaryPrimitives.ReadUInt32LittleEndian(entry)),
                IsGlobal: entry[4] >> 4 != 0,
                IsSection: (entry[4] & 15) == 3,
                BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]),
                BinaryPrimitives.ReadUInt64LittleEndian(entry[8..])));
        }

        return symbols;
    }

    private void ReadRelocations(List<SectionHeader> headers)
    {
        foreach (var header in headers.Where(static h => h.Kind is Elf.SHT_REL or Elf.SHT_RELA))
        {
            var target = At(Sections, header.Info);
            if (header.Kind == Elf.SHT_RELA && target.IsAllocated)
            {
                throw new LinkException($"{target.Name} has relocations with addends, which eBPF does not use.");
            }

            for (ulong at = 0; header.Kind == Elf.SHT_REL && at < header.Size; at += Elf.RelocationSize)
            {
                var entry = Bytes(AddChecked(header.Offset, at), Elf.RelocationSize);
                var info = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
                target.Relocations.Add(new Relocation(
                    BinaryPrimitives.ReadUInt64LittleEndian(entry),
                    (uint)(info & uint.MaxValue),
                    At(Symbols, (uint)(info >> 32))));
            }
        }
    }

    private static T At<T>(IReadOnlyList<T> list, uint index) =>
        index < (uint)list.Count ? list[(int)index] : throw NotWhole();

    private string Text(SectionHeader table, uint offset)
    {
        var bytes = Bytes(table.Offset, table.Size);
        var text = offset <= (uint)bytes.Length ? bytes[(int)offset..] : throw NotWhole();
        var end = text.IndexOf((byte)0);
        return end >= 0 ? Encoding.UTF8.GetString(text[..end]) : throw NotWhole();
    }

    private ReadOnlySpan<byte> Bytes(ulong offset, ulong length) =>
        offset <= (ulong)_file.Length && length <= (ulong)_file.Length - offset
            ? _file.AsSpan((int)offset, (int)length)
            : throw NotWhole();

    private ushort U16(ulong offset) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(offset, 2));

    private uint U32(ulong offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(offset, 4));

    private ulong U64(ulong offset) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(offset, 8));

    private static ulong AddChecked(ulong a, ulong b) => a <= ulong.MaxValue - b ? a + b : throw NotWhole();

    private static LinkException NotWhole() => new("the object is not whole.");

    private sealed record SectionHeader(
        uint Name, uint Kind, ulong Flags, ulong Offset, ulong Size, uint Link, uint Info, ulong Alignment);
}
