namespace GridTokenX.Market.Clearing;

/// <summary>
/// All or nothing where many orders are matched at once: who does not get all leaves, and the rest is matched anew
/// without him. Of those who would fall short the later half leaves in a round, so that one who is only in another's
/// way is not sent off with him; after <see cref="Most"/> rounds all fill-or-kill orders leave, so that it ends.
/// </summary>
/// <param name="orders">Every fill-or-kill order, the latest first.</param>
public sealed class KillRounds<TOrder>(IEnumerable<TOrder> orders)
    where TOrder : notnull
{
    private const int Most = 64;

    private readonly List<TOrder> _orders = [.. orders];
    private readonly HashSet<TOrder> _killed = [];
    private int _rounds;

    public bool HasKilled => _killed.Count > 0;

    public bool Keeps(TOrder order) => !_killed.Contains(order);

    /// <summary>False when nobody falls short: the result stands.</summary>
    public bool Kill(IReadOnlySet<TOrder> fallingShort)
    {
        if (fallingShort.Count == 0)
        {
            return false;
        }

        _rounds++;
        _killed.UnionWith(_rounds > Most
            ? _orders
            : _orders.Where(fallingShort.Contains).Take((fallingShort.Count + 1) / 2));
        return true;
    }
}
