using System.Buffers.Binary;
using System.Text;

namespace GridTokenX.Linker.Tests;

/// <summary>Writes eBPF objects by hand, right or wrong.</summary>
internal sealed class ObjectBuilder
{
    private const ulong Alloc = 2;
    private const ulong Write = 1;
    private const ulong Execute = 4;

    private readonly List<(string Name, uint Kind, ulong Flags, ulong Alignment, byte[] Data, uint Link, uint Info)>
        _sections = [(string.Empty, 0, 0, 0, [], 0, 0)];

    private readonly List<(string Name, byte Info, ushort Section, ulong Value)> _symbols = [(string.Empty, 0, 0, 0)];
    private readonly Dictionary<int, List<(ulong Offset, uint Kind, int Symbol)>> _relocations = [];

    public ushort Machine { get; set; } = 247;

    /// <summary>Relocations with addends, which eBPF objects do not have.</summary>
    public bool WithAddends { get; set; }

    /// <summary>The entrypoint in a section of its own.</summary>
    public int Entrypoint(params ulong[] instructions)
    {
        var section = Code(".text.entrypoint", instructions);
        _ = Global("entrypoint", section);
        return section;
    }

    public int Code(string name, params ulong[] instructions) => Section(name, 1, Alloc | Execute, Bytes(instructions));

    public int ReadOnly(string name, byte[] data, ulong alignment = 1) => Section(name, 1, Alloc, data, alignment);

    public int RelocatedData(string name, byte[] data) => Section(name, 1, Alloc | Write, data);

    public int Section(string name, uint kind, ulong flags, byte[] data, ulong alignment = 8)
    {
        _sections.Add((name, kind, flags, alignment, data, 0, 0));
        return _sections.Count - 1;
    }

    public int Global(string name, int section, ulong value = 0) => Symbol(name, 0x12, (ushort)section, value);

    public int Undefined(string name) => Symbol(name, 0x10, 0, 0);

    public int SectionSymbol(int section) => Symbol(string.Empty, 0x03, (ushort)section, 0);

    public int Symbol(string name, byte info, ushort section, ulong value)
    {
        _symbols.Add((name, info, section, value));
        return _symbols.Count - 1;
    }

    public void Relocate(int section, int instruction, uint kind, int symbol) =>
        RelocateAt(section, (ulong)(instruction * 8), kind, symbol);

    public void RelocateAt(int section, ulong offset, uint kind, int symbol)
    {
        if (!_relocations.TryGetValue(section, out var list))
        {
            _relocations[section] = list = [];
        }

        list.Add((offset, kind, symbol));
    }

    public byte[] Build()
    {
        var sections = _sections.ToList();
        var symbolsIndex = (uint)(sections.Count + _relocations.Count);
        foreach (var (target, list) in _relocations)
        {
            var entries = list.Select(r => (ulong[])[r.Offset, ((ulong)r.Symbol << 32) | r.Kind]);
            sections.Add((".rel" + sections[target].Name, WithAddends ? 4U : 9U, 0, 8,
                Bytes([.. entries.SelectMany(static e => e)]), symbolsIndex, (uint)target));
        }

        var names = new Strings();
        var symbols = _symbols.SelectMany(s => (byte[])
            [.. Bytes4(names.Add(s.Name)), s.Info, 0, .. Bytes2(s.Section), .. Bytes([s.Value, 0])]);
        sections.Add((".symtab", 2, 0, 8, [.. symbols], symbolsIndex + 1, 1));
        sections.Add((".strtab", 3, 0, 1, [], 0, 0));
        sections.ForEach(section => names.Add(section.Name));
        sections[^1] = sections[^1] with { Data = names.ToArray() };
        return Assemble(sections, names);
    }

    private byte[] Assemble(
        List<(string Name, uint Kind, ulong Flags, ulong Alignment, byte[] Data, uint Link, uint Info)> sections,
        Strings names)
    {
        var body = new List<byte>(new byte[64]);
        var headers = new List<byte>();
        foreach (var section in sections)
        {
            headers.AddRange([.. Bytes4(names.Add(section.Name)), .. Bytes4(section.Kind)]);
            headers.AddRange(Bytes([section.Flags, 0, (ulong)body.Count, (ulong)section.Data.Length]));
            headers.AddRange([.. Bytes4(section.Link), .. Bytes4(section.Info), .. Bytes([section.Alignment, 0])]);
            body.AddRange(section.Kind == 8 ? [] : section.Data);
        }

        byte[] header =
        [
            0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, .. new byte[9],
            .. Bytes2(1), .. Bytes2(Machine), .. Bytes4(1), .. Bytes([0, 0, (ulong)body.Count]), .. Bytes4(0),
            .. Bytes2(64), .. Bytes2(0), .. Bytes2(0), .. Bytes2(64), .. Bytes2((ushort)sections.Count),
            .. Bytes2((ushort)(sections.Count - 1)),
        ];
        return [.. header, .. body.Skip(64), .. headers];
    }

    private static byte[] Bytes(ulong[] words)
    {
        var bytes = new byte[words.Length * 8];
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * 8), words[i]);
        }

        return bytes;
    }

    private static byte[] Bytes2(ushort value) => [(byte)(value & 0xFF), (byte)(value >> 8)];

    private static byte[] Bytes4(uint value) => [.. Bytes2((ushort)(value & 0xFFFF)), .. Bytes2((ushort)(value >> 16))];

    private sealed class Strings
    {
        private readonly List<byte> _bytes = [0];
        private readonly Dictionary<string, uint> _known = [];

        public uint Add(string text)
        {
            if (!_known.TryGetValue(text, out var offset))
            {
                _known[text] = offset = (uint)_bytes.Count;
                _bytes.AddRange([.. Encoding.UTF8.GetBytes(text), 0]);
            }

            return offset;
        }

        public byte[] ToArray() => [.. _bytes];
    }
}
