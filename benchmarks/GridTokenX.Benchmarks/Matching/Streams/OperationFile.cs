using System.Runtime.InteropServices;

namespace GridTokenX.Benchmarks.Matching.Streams;

/// <summary>A stream of operations in a file: records of 32 bytes, nothing else.</summary>
internal static class OperationFile
{
    // What the book of the streams takes; see StreamRun.
    private const long MaxPrice = 1_000_000_000_000;
    private const long MaxQuantity = 1_000_000_000;

    /// <exception cref="InvalidDataException">It is no stream; the message names the first record that is
    /// wrong.</exception>
    internal static StreamOperation[] Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var length = Marshal.SizeOf<StreamOperation>();
        if (bytes.Length == 0)
        {
            throw new InvalidDataException($"{path}: the file is empty.");
        }

        if (bytes.Length % length != 0)
        {
            throw new InvalidDataException(
                $"{path}: record {(bytes.Length / length) + 1} has {bytes.Length % length} of its {length} bytes.");
        }

        var operations = MemoryMarshal.Cast<byte, StreamOperation>(bytes).ToArray();
        var orders = 0L;
        for (var i = 0; i < operations.Length; i++)
        {
            if (FaultOf(operations[i], orders) is { } fault)
            {
                throw new InvalidDataException($"{path}: record {i + 1}: {fault}");
            }

            orders += operations[i].Type == 0 ? 1 : 0;
        }

        return operations;
    }

    private static string? FaultOf(in StreamOperation operation, long orders)
    {
        if (operation.Type is not (0 or 1))
        {
            return $"the type is {operation.Type}; 0 adds, 1 cancels.";
        }

        if (operation.Side is not (0 or 1))
        {
            return $"the side is {operation.Side}; 0 buys, 1 sells.";
        }

        if (operation.Type == 1)
        {
            return operation.Order >= 0 && operation.Order < orders
                ? null
                : $"it cancels order {operation.Order}; {orders} orders were added before.";
        }

        if (operation.Order != orders)
        {
            return $"it adds order {operation.Order}; the next one is {orders}.";
        }

        if (operation.Price is < 1 or > MaxPrice)
        {
            return $"the price is {operation.Price}; it goes from 1 to {MaxPrice}.";
        }

        return operation.Quantity is < 1 or > MaxQuantity
            ? $"the quantity is {operation.Quantity}; it goes from 1 to {MaxQuantity}."
            : null;
    }
}
