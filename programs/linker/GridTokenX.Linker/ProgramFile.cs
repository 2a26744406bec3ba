using System.Text;

namespace GridTokenX.Linker;

/// <summary>
/// The program as a file:
/// <code>
/// header · 3 program headers · .text · .rodata · .data.rel.ro      what is loaded and executed
/// .dynsym · .dynstr · .rel.dyn · .dynamic                          what the loader needs to relocate it
/// .shstrtab · section headers
/// </code>
/// The loader finds its way by section names, and demands that every address equals its offset.
/// </summary>
internal sealed class ProgramFile
{
    private const ulong DynamicStringTable = 5;
    private const ulong DynamicSymbolTable = 6;
    private const ulong DynamicStringSize = 10;
    private const ulong DynamicSymbolSize = 11;
    private const ulong DynamicRelocations = 17;
    private const ulong DynamicRelocationsSize = 18;
    private const ulong DynamicRelocationSize = 19;

    private readonly ByteWriter _file = new();
    private readonly SectionTable _sections = new();
    private readonly ProgramImage _image;
    private readonly IReadOnlyList<DynamicRelocation> _relocations;
    private readonly int _entrypoint;

    private ProgramFile(ProgramImage image, Relocator relocator, int entrypoint)
    {
        _image = image;
        _relocations = relocator.Dynamic;
        _entrypoint = entrypoint;
    }

    public static byte[] Write(ProgramImage image, Relocator relocator, int entrypoint) =>
        new ProgramFile(image, relocator, entrypoint).Write();

    private byte[] Write()
    {
        _file.Zeros(ProgramImage.Start).Raw(_image.Bytes);
        AddGroup(ProgramImage.Text, Elf.SHF_ALLOC | Elf.SHF_EXECINSTR);
        AddGroup(ProgramImage.ReadOnlyData, Elf.SHF_ALLOC);
        AddGroup(ProgramImage.RelocatedData, Elf.SHF_ALLOC);
        var dynamic = WriteDynamicPart();
        var loadedEnd = _file.Length;
        var names = _file.Length;
        var namesIndex = _sections.Add(".shstrtab", Elf.SHT_STRTAB, 0, names..names, alignment: 1);
        _file.Raw(_sections.Names);
        _sections.Extend(namesIndex, _file.Length);
        _file.Align(8);
        var sectionHeaders = _file.Length;
        _sections.WriteTo(_file);
        return Finish(dynamic, loadedEnd, sectionHeaders, namesIndex);
    }

    private void AddGroup(string name, ulong flags)
    {
        var range = _image.RangeOf(name);
        if (range.Start.Value != range.End.Value)
        {
            _ = _sections.Add(name, Elf.SHT_PROGBITS, flags, range);
        }
    }

    private Range WriteDynamicPart()
    {
        var syscalls = _relocations.Select(static r => r.Syscall).OfType<string>().Distinct().ToList();
        var strings = new ByteWriter();
        _ = strings.Zeros(1);
        _file.Align(8);

        var symbols = WriteSymbols(syscalls, strings);
        var stringsStart = _file.Length;
        _file.Raw(strings.ToArray());
        var stringsEnd = _file.Length;
        _file.Align(8);
        var relocations = WriteRelocations(syscalls);

        var symbolsIndex = _sections.Count;
        _ = _sections.Add(
            ".dynsym", Elf.SHT_DYNSYM, Elf.SHF_ALLOC, symbols, link: symbolsIndex + 1, info: 1, entry: Elf.SymbolSize);
        var stringsIndex = _sections.Add(
            ".dynstr", Elf.SHT_STRTAB, Elf.SHF_ALLOC, stringsStart..stringsEnd, alignment: 1);
        _ = _sections.Add(
            ".rel.dyn", Elf.SHT_REL, Elf.SHF_ALLOC, relocations, link: symbolsIndex, entry: Elf.RelocationSize);
        var dynamic = WriteDynamic(symbols, stringsStart..stringsEnd, relocations);
        _ = _sections.Add(
            ".dynamic", Elf.SHT_DYNAMIC, Elf.SHF_ALLOC, dynamic, link: stringsIndex, entry: Elf.DynamicSize);
        return dynamic;
    }

    private Range WriteSymbols(List<string> syscalls, ByteWriter strings)
    {
        var start = _file.Length;
        _file.Zeros(Elf.SymbolSize);
        foreach (var name in syscalls)
        {
            WriteSymbol(strings, name, kind: 0, section: 0, value: 0);
        }

        // .text is the first section after the empty one.
        WriteSymbol(strings, "entrypoint", kind: 2, section: 1, (ulong)_entrypoint);
        return start.._file.Length;
    }

    private void WriteSymbol(ByteWriter strings, string name, byte kind, ushort section, ulong value)
    {
        const byte Global = 1 << 4;
        _file.U32((uint)strings.Length).U8((byte)(Global | kind)).U8(0).U16(section).U64(value).U64(0);
        _ = strings.Raw(Encoding.UTF8.GetBytes(name)).Zeros(1);
    }

    private Range WriteRelocations(List<string> syscalls)
    {
        var start = _file.Length;
        foreach (var (address, kind, syscall) in _relocations)
        {
            var symbol = syscall is null ? 0 : syscalls.IndexOf(syscall) + 1;
            _file.U64((ulong)address).U64(((ulong)symbol << 32) | kind);
        }

        return start.._file.Length;
    }

    private Range WriteDynamic(Range symbols, Range strings, Range relocations)
    {
        var start = _file.Length;
        var relocationsSize = relocations.End.Value - relocations.Start.Value;
        // The loader refuses a table of relocations without any.
        if (relocationsSize > 0)
        {
            Entry(DynamicRelocations, relocations.Start.Value);
            Entry(DynamicRelocationsSize, relocationsSize);
            Entry(DynamicRelocationSize, Elf.RelocationSize);
        }

        Entry(DynamicSymbolTable, symbols.Start.Value);
        Entry(DynamicSymbolSize, Elf.SymbolSize);
        Entry(DynamicStringTable, strings.Start.Value);
        Entry(DynamicStringSize, strings.End.Value - strings.Start.Value);
        Entry(0, 0);
        return start.._file.Length;

        void Entry(ulong tag, int value) => _file.U64(tag).U64((ulong)value);
    }

    private byte[] Finish(Range dynamic, int loadedEnd, int sectionHeaders, int namesIndex)
    {
        const uint Executable = 1;
        const uint Writable = 2;
        const uint Readable = 4;
        var text = _image.RangeOf(ProgramImage.Text);
        var head = new ByteWriter();
        head.Raw("\u007FELF\u0002\u0001\u0001"u8).Zeros(9)
            .U16(Elf.ET_DYN).U16(Elf.EM_BPF).U32(1).U64((ulong)_entrypoint)
            .U64(Elf.HeaderSize).U64((ulong)sectionHeaders).U32(0)
            .U16(Elf.HeaderSize).U16(Elf.ProgramHeaderSize).U16(ProgramImage.ProgramHeaders)
            .U16(Elf.SectionHeaderSize).U16((ushort)_sections.Count).U16((ushort)namesIndex);
        Segment(Elf.PT_LOAD, Readable | Executable, text, 4096);
        Segment(Elf.PT_LOAD, Readable, text.End.Value..loadedEnd, 4096);
        Segment(Elf.PT_DYNAMIC, Readable | Writable, dynamic, 8);
        var file = _file.ToArray();
        head.ToArray().CopyTo(file, 0);
        return file;

        void Segment(uint kind, uint flags, Range range, ulong alignment)
        {
            var (start, size) = ((ulong)range.Start.Value, (ulong)(range.End.Value - range.Start.Value));
            head.U32(kind).U32(flags).U64(start).U64(start).U64(start).U64(size).U64(size).U64(alignment);
        }
    }
}
