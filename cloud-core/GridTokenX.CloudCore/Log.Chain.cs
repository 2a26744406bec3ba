namespace GridTokenX.CloudCore;

internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Information, "The chain is ready: GRID {GridMint}, GRX {GrxMint}, market {Market}")]
    internal static partial void ChainReady(ILogger logger, string gridMint, string grxMint, string market);

    [LoggerMessage(2001, LogLevel.Warning, "{Payer} has {Lamports} lamports left for transactions")]
    internal static partial void PlatformPoor(ILogger logger, string payer, ulong lamports);

    [LoggerMessage(2002, LogLevel.Warning, "A transaction of the platform was refused: {Reason}")]
    internal static partial void ChainSetupRefused(ILogger logger, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "Sending is interrupted ({Failures}), next try in {Delay}: {Reason}")]
    internal static partial void SenderInterrupted(ILogger logger, int failures, TimeSpan delay, string reason);

    [LoggerMessage(2005, LogLevel.Information, "Sending goes on after {Failures} failures in a row")]
    internal static partial void SenderGoesOn(ILogger logger, int failures);

    [LoggerMessage(2006, LogLevel.Information, "Another process sends the outbox; this one stands by")]
    internal static partial void SenderStandsBy(ILogger logger);

    [LoggerMessage(2007, LogLevel.Warning, "Refused {Kind} {IntentId} (attempt {Attempt}, final {IsFinal}): {Error}")]
    internal static partial void IntentRefused(
        ILogger logger, string kind, Guid intentId, int attempt, bool isFinal, string error);

    [LoggerMessage(2008, LogLevel.Error, "{Kind} {IntentId} is parked and needs a hand: {Error}")]
    internal static partial void IntentParked(ILogger logger, string kind, Guid intentId, string error);

    [LoggerMessage(2009, LogLevel.Error, "{Kind} {IntentId} is on chain, but its effect failed; again in {Delay}")]
    internal static partial void EffectFailed(
        ILogger logger, Exception exception, string kind, Guid intentId, TimeSpan delay);

    [LoggerMessage(2010, LogLevel.Warning, "{Count} transactions expired before they landed; signed anew")]
    internal static partial void TransactionsExpired(ILogger logger, int count);

    [LoggerMessage(2011, LogLevel.Error, "The sender of the outbox failed, next try in {Delay}")]
    internal static partial void SenderFailed(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(2012, LogLevel.Warning, "The RPC did not take {IntentId}: {Error}")]
    internal static partial void TransactionNotTaken(ILogger logger, Guid intentId, string error);

    [LoggerMessage(
        2013,
        LogLevel.Information,
        "Operator {Operator} retries outbox row {Row} ({Kind} {IntentId}), signs anew: {SignAnew}")]
    internal static partial void OutboxRetried(
        ILogger logger, string @operator, long row, string kind, Guid intentId, bool signAnew);

    [LoggerMessage(2014, LogLevel.Information, "Minting {EnergyWh} Wh for {Meters} meters")]
    internal static partial void Minting(ILogger logger, long energyWh, int meters);

    [LoggerMessage(2015, LogLevel.Information, "Operator {Operator} grants {Amount} to {Wallet} ({GrantId})")]
    internal static partial void Granted(ILogger logger, string @operator, string amount, string wallet, Guid grantId);

    [LoggerMessage(2016, LogLevel.Warning, "A transaction of {Rows} rows was refused, each goes alone: {Error}")]
    internal static partial void PackRefused(ILogger logger, int rows, string error);

    [LoggerMessage(2020, LogLevel.Information, "Another process follows the programs; this one stands by")]
    internal static partial void IndexerStandsBy(ILogger logger);

    [LoggerMessage(2021, LogLevel.Information, "Read {Transactions} transactions that were missed")]
    internal static partial void CaughtUp(ILogger logger, int transactions);

    [LoggerMessage(2022, LogLevel.Warning, "Following is interrupted ({Failures}), next try in {Delay}: {Reason}")]
    internal static partial void IndexerInterrupted(ILogger logger, int failures, TimeSpan delay, string reason);

    [LoggerMessage(2023, LogLevel.Information, "Following goes on after {Failures} failures in a row")]
    internal static partial void IndexerGoesOn(ILogger logger, int failures);

    [LoggerMessage(2024, LogLevel.Error, "Following the programs failed, next try in {Delay}")]
    internal static partial void IndexerFailed(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(2025, LogLevel.Error, "An effect of the events of {Signature} failed; it is tried again")]
    internal static partial void EventEffectFailed(ILogger logger, Exception exception, string signature);

    [LoggerMessage(
        2026,
        LogLevel.Warning,
        "The log of {Signature} is not whole (cut off: {IsTruncated}, unknown lines: {Unknown}); its instructions are "
        + "read instead")]
    internal static partial void EventsHidden(ILogger logger, string signature, bool isTruncated, int unknown);

    [LoggerMessage(2027, LogLevel.Error, "What {Instruction} did in {Signature} is not known: its log is not whole")]
    internal static partial void EventLost(ILogger logger, string instruction, string signature);
}
