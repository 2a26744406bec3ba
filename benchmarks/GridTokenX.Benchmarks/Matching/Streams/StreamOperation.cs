using System.Runtime.InteropServices;

namespace GridTokenX.Benchmarks.Matching.Streams;

/// <summary>
/// One record of an operation stream, 32 bytes, little-endian: type (0 add, 1 cancel), side (0 buy, 1 sell), price,
/// quantity, and the order's number: 0, 1, 2, … of an add, the one to cancel of a cancel.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct StreamOperation(int Type, int Side, long Price, long Quantity, long Order)
{
    public static StreamOperation Add(int side, long price, long quantity, long order) =>
        new(0, side, price, quantity, order);

    public static StreamOperation Cancel(int side, long price, long order) => new(1, side, price, 0, order);
}
