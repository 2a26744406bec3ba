namespace GridTokenX.Market.Matching;

/// <summary>
/// An order in the pool: one cache line. The links of its level's queue come first, since matching and cancelling need
/// them; slot 0 means none.
/// </summary>
internal struct RestingOrder
{
    internal long Sequence;
    internal long Rest;
    internal long Owner;
    internal int Next;
    internal int Previous;
    internal int Level;
    private byte _side;
    private byte _timeInForce;

    /// <summary>The next order whose sequence falls on the same place of the pool's table.</summary>
    internal int Chain;

    /// <summary>The level of those that expire at the same instant; 0 for never.</summary>
    internal int Expiry;

    internal int ExpiryNext;
    internal int ExpiryPrevious;
    internal long Energy;

    internal Side Side
    {
        readonly get => (Side)_side;
        set => _side = (byte)value;
    }

    /// <summary>Good till cancelled, but where orders wait for an auction or for other zones.</summary>
    internal TimeInForce TimeInForce
    {
        readonly get => (TimeInForce)_timeInForce;
        set => _timeInForce = (byte)value;
    }
}
