using System.Buffers.Binary;
using System.Numerics;

namespace GridTokenX.Linker;

/// <summary>The part of a program that is loaded: .text, .rodata and .data.rel.ro, each the object's sections of that
/// kind one after another. Addresses are offsets in the file.</summary>
internal sealed class ProgramImage
{
    public const string Text = ".text";
    public const string ReadOnlyData = ".rodata";

    /// <summary>Read-only once the loader has put addresses in.</summary>
    public const string RelocatedData = ".data.rel.ro";

    public const int ProgramHeaders = 3;
    public const int Start = Elf.HeaderSize + (ProgramHeaders * Elf.ProgramHeaderSize);

    private const int GroupAlignment = 8;
    private const int MaxAlignment = 4096;

    private readonly List<byte> _bytes = [];
    private readonly List<Section> _placed = [];
    private readonly Dictionary<Section, int> _addresses = [];
    private readonly Dictionary<string, Range> _groups = [];
    private readonly byte[] _image;

    public ProgramImage(IReadOnlyList<Section> sections)
    {
        foreach (var group in (string[])[Text, ReadOnlyData, RelocatedData])
        {
            Pad(GroupAlignment);
            var start = End;
            foreach (var section in sections.Where(section => GroupOf(section) == group))
            {
                Place(section);
            }

            _groups.Add(group, start..End);
        }

        _image = [.. _bytes];
    }

    /// <summary>In the order of their addresses.</summary>
    public IReadOnlyList<Section> Sections => _placed;

    public ReadOnlySpan<byte> Bytes => _image;

    private int End => Start + _bytes.Count;

    /// <returns>Null for a section that has no place in a program.</returns>
    public static string? GroupOf(Section section) =>
        section switch
        {
            { Kind: not Elf.SHT_PROGBITS } or { IsAllocated: false } => null,
            { IsCode: true, IsWritable: false } => Text,
            { IsCode: false } when IsNamed(section, RelocatedData) => RelocatedData,
            { IsCode: false, IsWritable: false } when IsNamed(section, ReadOnlyData) => ReadOnlyData,
            _ => null,
        };

    public Range RangeOf(string group) => _groups[group];

    public int AddressOf(Section section) => _addresses[section];

    /// <summary>Where a symbol lies, moved by the addend; it may point just behind its section, as ends do.</summary>
    /// <exception cref="LinkException">It points elsewhere.</exception>
    public int AddressOf(ElfObject elf, Symbol symbol, long addend)
    {
        var section = elf.SectionOf(symbol) ?? throw new LinkException($"{symbol.Name} is not defined.");
        var offset = (Int128)symbol.Value + addend;
        return _addresses.TryGetValue(section, out var start) && offset >= 0 && offset <= section.Data.Length
            ? start + (int)offset
            : throw new LinkException($"{symbol.Name} with offset {offset} lies outside of {section.Name}.");
    }

    public uint Read32(int address) => BinaryPrimitives.ReadUInt32LittleEndian(_image.AsSpan(address - Start));

    public ulong Read64(int address) => BinaryPrimitives.ReadUInt64LittleEndian(_image.AsSpan(address - Start));

    public byte ReadByte(int address) => _image[address - Start];

    public void Write32(int address, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(_image.AsSpan(address - Start), value);

    public void WriteByte(int address, byte value) => _image[address - Start] = value;

    private static bool IsNamed(Section section, string name) =>
        section.Name == name || section.Name.StartsWith(name + ".", StringComparison.Ordinal);

    private void Place(Section section)
    {
        if (section.IsCode && section.Data.Length % Elf.InstructionSize != 0)
        {
            throw new LinkException($"{section.Name} does not consist of whole instructions.");
        }

        if (section.Alignment > MaxAlignment || !BitOperations.IsPow2(section.Alignment))
        {
            throw new LinkException($"{section.Name} is to be aligned to {section.Alignment} bytes.");
        }

        Pad(section.Alignment);
        _placed.Add(section);
        _addresses.Add(section, End);
        _bytes.AddRange(section.Data);
    }

    private void Pad(ulong alignment)
    {
        while ((ulong)End % alignment != 0)
        {
            _bytes.Add(0);
        }
    }
}
