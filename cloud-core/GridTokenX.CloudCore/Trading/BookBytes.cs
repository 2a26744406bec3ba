using System.Buffers.Binary;
using GridTokenX.Market.Matching;
using BookOrder = GridTokenX.Market.Matching.NewOrder;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Operations, orders and state hashes as the database keeps them.</summary>
internal static class BookBytes
{
    internal static byte[] Of(in BookOperation operation)
    {
        var bytes = new byte[BookOperation.EncodedLength];
        operation.Write(bytes);
        return bytes;
    }

    internal static byte[] Of(UInt128 stateHash)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, stateHash);
        return bytes;
    }

    internal static byte[] Of(IEnumerable<BookOrder> orders)
    {
        using var bytes = new MemoryStream();
        foreach (var order in orders)
        {
            bytes.Write(Of(BookOperation.Restore(order)));
        }

        return bytes.ToArray();
    }

    internal static IEnumerable<BookOrder> Orders(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length; at += BookOperation.EncodedLength)
        {
            yield return BookOperation.Read(bytes.AsSpan(at, BookOperation.EncodedLength)).Order;
        }
    }
}
