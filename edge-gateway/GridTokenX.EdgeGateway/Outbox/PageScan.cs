// SQLite's file format, https://sqlite.org/fileformat2.html: pages of table leaves (type 13) and index leaves (type 10,
// which hold the tables without rowid), each cell a record. The b-trees above them are not needed, so nothing that is
// damaged there hides a row. Overflow pages are not followed: our rows are shorter than a page.
//
//   leaf page   | type 1 | first freeblock 2 | cells 2 | content start 2 | fragments 1 | offsets 2 × cells | … cells |
//   table cell  | payload length varint | rowid varint | record |
//   index cell  | payload length varint | record |
//   record      | header length varint | serial type varints … | values … |
//   log         | header 32 | frame: header 24, page | frame … |

using System.Buffers.Binary;
using System.Text;

namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>A row as it was found: values are null, long, byte[] or string.</summary>
internal sealed record FoundRow(long? Id, object?[] Values);

/// <summary>
/// Reads rows out of a file that SQLite cannot use any more, page by page: the file's pages, then the log's in their
/// order, so that a newer version of a row comes after an older one.
/// </summary>
internal static class PageScan
{
    private const int PageBytes = 4096;
    private const int FileHeaderBytes = 100;
    private const int LogHeaderBytes = 32;
    private const int FrameHeaderBytes = 24;
    private const byte TableLeaf = 13;
    private const byte IndexLeaf = 10;
    private const int MaxColumns = 32;

    internal static IEnumerable<FoundRow> Rows(string path)
    {
        foreach (var row in RowsOf(path, 0, 0, hasFileHeader: true))
        {
            yield return row;
        }

        foreach (var row in RowsOf(path + "-wal", LogHeaderBytes, FrameHeaderBytes, hasFileHeader: false))
        {
            yield return row;
        }
    }

    /// <summary>The rows of one page; cells that make no sense are passed over.</summary>
    internal static List<FoundRow> RowsOf(ReadOnlySpan<byte> page, int start)
    {
        var rows = new List<FoundRow>();
        var type = page[start];
        if (type is not (TableLeaf or IndexLeaf))
        {
            return rows;
        }

        int cells = BinaryPrimitives.ReadUInt16BigEndian(page[(start + 3)..]);
        for (var i = 0; i < cells && start + 8 + (2 * i) + 2 <= page.Length; i++)
        {
            int at = BinaryPrimitives.ReadUInt16BigEndian(page[(start + 8 + (2 * i))..]);
            if (at < page.Length && Cell(page[at..], hasRowId: type == TableLeaf) is { } row)
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    private static IEnumerable<FoundRow> RowsOf(string path, int before, int beforePage, bool hasFileHeader)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        using var file = File.OpenRead(path);
        file.Position = Math.Min(before, file.Length);
        var buffer = new byte[beforePage + PageBytes];
        var start = hasFileHeader ? FileHeaderBytes : 0;
        while (file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) == buffer.Length)
        {
            foreach (var row in RowsOf(buffer.AsSpan(beforePage), start))
            {
                yield return row;
            }

            start = 0;
        }
    }

    private static FoundRow? Cell(ReadOnlySpan<byte> cell, bool hasRowId)
    {
        long? id = null;
        if (!TryVarint(ref cell, out var length))
        {
            return null;
        }

        if (hasRowId)
        {
            if (!TryVarint(ref cell, out var rowId))
            {
                return null;
            }

            id = rowId;
        }

        return length > 0 && length <= cell.Length && Record(cell[..(int)length]) is { } values
            ? new FoundRow(id, values)
            : null;
    }

    private static object?[]? Record(ReadOnlySpan<byte> record)
    {
        var rest = record;
        if (!TryVarint(ref rest, out var headerLength)
            || headerLength < record.Length - rest.Length
            || headerLength > record.Length)
        {
            return null;
        }

        var header = record[(record.Length - rest.Length)..(int)headerLength];
        var body = record[(int)headerLength..];
        var values = new List<object?>();
        while (!header.IsEmpty)
        {
            if (values.Count == MaxColumns
                || !TryVarint(ref header, out var type)
                || !TryValue(type, ref body, out var value))
            {
                return null;
            }

            values.Add(value);
        }

        return [.. values];
    }

    private static bool TryValue(long type, ref ReadOnlySpan<byte> body, out object? value)
    {
        value = null;
        var length = type switch
        {
            0 or 8 or 9 => 0,
            >= 1 and <= 4 => (int)type,
            5 => 6,
            6 => 8,
            >= 12 and < 2 * PageBytes => (int)(type - 12) / 2,
            _ => int.MaxValue,
        };
        if (length > body.Length)
        {
            return false;
        }

        var bytes = body[..length];
        body = body[length..];
        value = type switch
        {
            0 => null,
            8 => 0L,
            9 => 1L,
            <= 6 => Integer(bytes),
            _ when type % 2 == 0 => bytes.ToArray(),
            _ => Encoding.UTF8.GetString(bytes),
        };
        return true;
    }

    /// <summary>Two's complement, big-endian, of 1 to 8 bytes.</summary>
    private static long Integer(ReadOnlySpan<byte> bytes)
    {
        long value = unchecked((sbyte)bytes[0]);
        foreach (var next in bytes[1..])
        {
            value = (value << 8) | next;
        }

        return value;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> bytes, out long value)
    {
        value = 0;
        for (var i = 0; i < Math.Min(9, bytes.Length); i++)
        {
            if (i == 8)
            {
                value = (value << 8) | bytes[i];
                bytes = bytes[9..];
                return true;
            }

            value = (value << 7) | (uint)(bytes[i] & 0x7F);
            if ((bytes[i] & 0x80) == 0)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
