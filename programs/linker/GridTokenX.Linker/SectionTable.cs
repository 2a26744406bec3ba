using System.Text;

namespace GridTokenX.Linker;

/// <summary>The section headers of a program, in the order of their bytes.</summary>
internal sealed class SectionTable
{
    private readonly ByteWriter _names = new ByteWriter().Zeros(1);
    private readonly List<Entry> _entries = [new(0, 0, 0, 0..0, 0, 0, 0, 0)];

    public int Count => _entries.Count;

    public byte[] Names => _names.ToArray();

    /// <returns>The section's index.</returns>
    public int Add(
        string name,
        uint kind,
        ulong flags,
        Range range,
        int link = 0,
        int info = 0,
        ulong alignment = 8,
        int entry = 0)
    {
        _entries.Add(new Entry(_names.Length, kind, flags, range, link, info, alignment, entry));
        _ = _names.Raw(Encoding.UTF8.GetBytes(name)).Zeros(1);
        return _entries.Count - 1;
    }

    public void Extend(int index, int end) =>
        _entries[index] = _entries[index] with { Range = _entries[index].Range.Start.Value..end };

    public void WriteTo(ByteWriter file)
    {
        foreach (var (name, kind, flags, range, link, info, alignment, entry) in _entries)
        {
            var start = range.Start.Value;
            var address = (flags & Elf.SHF_ALLOC) == 0 ? 0 : start;
            file.U32((uint)name).U32(kind).U64(flags).U64((ulong)address).U64((ulong)start)
                .U64((ulong)(range.End.Value - start)).U32((uint)link).U32((uint)info).U64(alignment)
                .U64((ulong)entry);
        }
    }

    private sealed record Entry(
        int Name, uint Kind, ulong Flags, Range Range, int Link, int Info, ulong Alignment, int EntrySize);
}
