using System.Buffers.Binary;
using System.Text;

namespace GridTokenX.Linker.Tests;

internal sealed record LinkedSection(string Name, int Address, int Offset, int Size);

/// <summary>Reads a linked program the way the loader does: by its section and dynamic tables.</summary>
internal sealed class LinkedProgram
{
    private readonly byte[] _file;

    public LinkedProgram(byte[] file)
    {
        _file = file;
        var headers = (int)U64(40);
        var names = (int)U64(headers + (U16(62) * 64) + 24);
        Sections =
        [
            .. Enumerable.Range(0, U16(60)).Select(index => headers + (index * 64)).Select(at =>
                new LinkedSection(Text(names + (int)U32(at)), (int)U64(at + 16), (int)U64(at + 24), (int)U64(at + 32))),
        ];
    }

    public IReadOnlyList<LinkedSection> Sections { get; }

    public int Entrypoint => (int)U64(24);

    public LinkedSection Text() => Section(".text");

    public LinkedSection Section(string name) => Sections.Single(section => section.Name == name);

    public bool Has(string name) => Sections.Any(section => section.Name == name);

    /// <summary>(address, kind, symbol's name) of each relocation that is left to the loader.</summary>
    public IReadOnlyList<(int Address, int Kind, string Symbol)> Relocations()
    {
        var (table, symbols, strings) = (Section(".rel.dyn"), Section(".dynsym"), Section(".dynstr"));
        return
        [
            .. Enumerable.Range(0, table.Size / 16).Select(index => table.Offset + (index * 16)).Select(at =>
                ((int)U64(at), (int)U32(at + 8), NameOf((int)U32(at + 12)))),
        ];

        string NameOf(int symbol) => Text(strings.Offset + (int)U32(symbols.Offset + (symbol * 24)));
    }

    public IReadOnlyList<string> DynamicSymbols()
    {
        var (symbols, strings) = (Section(".dynsym"), Section(".dynstr"));
        return
        [
            .. Enumerable.Range(1, (symbols.Size / 24) - 1)
                .Select(index => Text(strings.Offset + (int)U32(symbols.Offset + (index * 24)))),
        ];
    }

    /// <summary>Tags and values of the dynamic table.</summary>
    public IReadOnlyDictionary<long, long> Dynamic()
    {
        var table = Section(".dynamic");
        return Enumerable.Range(0, table.Size / 16).Select(index => table.Offset + (index * 16))
            .ToDictionary(at => (long)U64(at), at => (long)U64(at + 8));
    }

    public byte[] Bytes(LinkedSection section) => _file[section.Offset..(section.Offset + section.Size)];

    public ulong Instruction(int index) => U64(Text().Offset + (index * 8));

    public int Immediate(int index) => unchecked((int)(Instruction(index) >> 32));

    public ulong U64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(_file.AsSpan(at));

    public uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_file.AsSpan(at));

    public ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(at));

    private string Text(int at) => Encoding.UTF8.GetString(_file.AsSpan(at, _file.AsSpan(at).IndexOf((byte)0)));
}
