namespace GridTokenX.Simulator.Trading;

/// <summary>Trades for one home.</summary>
internal interface IHomeAgent
{
    /// <summary>Of its kind, as in scenario files.</summary>
    string Name { get; }

    /// <summary>Quarter hours that its orders live; the first is the one that begins.</summary>
    int OrderQuarters { get; }

    /// <summary>The same outlooks, one after the other, give the same decisions.</summary>
    Decision Decide(in Outlook outlook);
}
