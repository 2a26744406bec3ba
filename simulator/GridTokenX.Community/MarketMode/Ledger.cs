namespace GridTokenX.Community.MarketMode;

/// <summary>
/// Everybody's money, µGRX: the homes, the utility, the market's fees and the grid's wheeling charges. Money only ever
/// moves from one account to another.
/// </summary>
internal sealed class Ledger(int homes)
{
    private readonly long[] _balances = new long[homes + 3];

    public int Utility => homes;

    public int Fees => homes + 1;

    public int Grid => homes + 2;

    public long this[int account] => _balances[account];

    public void Transfer(int from, int to, long amount)
    {
        _balances[from] -= amount;
        _balances[to] += amount;
    }

    /// <summary>Zero as long as nothing was created or destroyed.</summary>
    public Int128 Sum()
    {
        Int128 sum = 0;
        foreach (var balance in _balances)
        {
            sum += balance;
        }

        return sum;
    }
}
