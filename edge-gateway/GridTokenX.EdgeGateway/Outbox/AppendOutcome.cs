namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>What became of a reading that was to be stored.</summary>
internal enum AppendOutcome
{
    None = 0,

    /// <summary>Committed.</summary>
    Stored,

    /// <summary>The very same reading was committed before.</summary>
    Known,

    /// <summary>Another reading with this sequence was committed before.</summary>
    SequenceReused,

    /// <summary>The disk bound is reached and everything stored is still to be forwarded.</summary>
    Full,
}
