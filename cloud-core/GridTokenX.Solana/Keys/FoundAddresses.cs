namespace GridTokenX.Solana;

/// <summary>
/// Addresses that were found before. To find one costs a hash and a root in the curve's field for every bump that is
/// tried, and the same few are asked for again and again: a transaction's are when it is packed and when it is signed.
/// A newer one takes the place of an older one, so there are never more than the slots.
/// </summary>
internal static class FoundAddresses
{
    internal const int Slots = 4096;

    private static readonly Entry?[] Entries = new Entry?[Slots];

    /// <param name="input">Everything that the address follows from, in whatever order.</param>
    /// <param name="found">With its bump.</param>
    internal static bool TryGet(ReadOnlySpan<byte> input, out ProgramAddress found)
    {
        var entry = Volatile.Read(ref Entries[SlotOf(input)]);
        var isThere = entry is not null && input.SequenceEqual(entry.Input);
        found = isThere ? entry!.Found : default;
        return isThere;
    }

    internal static void Add(ReadOnlySpan<byte> input, ProgramAddress found) =>
        Volatile.Write(ref Entries[SlotOf(input)], new Entry(input.ToArray(), found));

    private static int SlotOf(ReadOnlySpan<byte> input)
    {
        var hash = new HashCode();
        hash.AddBytes(input);
        return (int)(unchecked((uint)hash.ToHashCode()) % Slots);
    }

    private sealed record Entry(byte[] Input, ProgramAddress Found);
}
