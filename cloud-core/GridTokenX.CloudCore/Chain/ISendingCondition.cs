namespace GridTokenX.CloudCore.Chain;

/// <summary>Holds before this process sends anything; asked again each minute until it does.</summary>
internal interface ISendingCondition
{
    /// <exception cref="ChainSetupException">It does not; the message says what to do.</exception>
    Task CheckAsync(CancellationToken cancellationToken);
}
