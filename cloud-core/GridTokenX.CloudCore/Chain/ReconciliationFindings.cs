using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Chain;

/// <summary>What a reconciliation has found so far; of each sort the first thousand are kept.</summary>
internal sealed class ReconciliationFindings
{
    private const int MaxKept = 1_000;

    private readonly List<ReconciliationDifference> _differences = [];
    private readonly List<ReconciliationDifference> _outside = [];
    private int _compared;

    public void Compare(string what, decimal database, decimal chain)
    {
        _compared++;
        if (database != chain)
        {
            Add(_differences, what, database, chain);
        }
    }

    /// <summary>Anybody can make the chain's side smaller, nobody but our programs larger.</summary>
    public void CompareAtMost(string what, decimal database, decimal chain)
    {
        _compared++;
        if (database != chain)
        {
            Add(chain < database ? _outside : _differences, what, database, chain);
        }
    }

    /// <summary>Anybody can make the chain's side larger, nobody but our programs smaller.</summary>
    public void CompareAtLeast(string what, decimal database, decimal chain)
    {
        _compared++;
        if (database != chain)
        {
            Add(chain > database ? _outside : _differences, what, database, chain);
        }
    }

    public void Outside(string what, decimal database, decimal chain)
    {
        _compared++;
        Add(_outside, what, database, chain);
    }

    public ReconciliationReport ToReport(int pending) =>
        new(_differences.Count == 0, _compared, pending, _differences, _outside);

    private static void Add(List<ReconciliationDifference> to, string what, decimal database, decimal chain)
    {
        if (to.Count < MaxKept)
        {
            to.Add(new ReconciliationDifference(what, database, chain));
        }
    }
}
