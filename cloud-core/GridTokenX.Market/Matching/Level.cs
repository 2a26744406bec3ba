namespace GridTokenX.Market.Matching;

/// <summary>A queue of orders with one key, in arrival order. Slot 0 means none.</summary>
internal struct Level
{
    internal long Key;

    /// <summary>Sum of the rests.</summary>
    internal long Energy;

    internal int Head;
    internal int Tail;
    internal int Count;

    /// <summary>The level with the next smaller key.</summary>
    internal int Worse;

    /// <summary>The level with the next larger key.</summary>
    internal int Better;
}
