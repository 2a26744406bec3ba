namespace GridTokenX.CloudCore;

internal static partial class Log
{
    [LoggerMessage(3600, LogLevel.Warning, "Operator {Operator} switches maintenance: {Enabled} ({Reason})")]
    internal static partial void MaintenanceSwitched(ILogger logger, string @operator, bool enabled, string? reason);

    [LoggerMessage(3601, LogLevel.Warning, "Operator {Operator} parks outbox row {Row} ({Kind} {IntentId})")]
    internal static partial void OutboxParkedByHand(
        ILogger logger, string @operator, long row, string kind, Guid intentId);

    [LoggerMessage(3602, LogLevel.Warning, "systemd was not told {State}: {Reason}")]
    internal static partial void NotNotified(ILogger logger, string state, string reason);

    [LoggerMessage(
        3603,
        LogLevel.Critical,
        "Books and chain differ in {Count} places, the first: {What}, {Database} here, {Chain} there")]
    internal static partial void BooksDiffer(ILogger logger, int count, string what, decimal database, decimal chain);

    [LoggerMessage(3604, LogLevel.Warning, "Books and chain could not be compared: {Reason}")]
    internal static partial void NotReconciled(ILogger logger, string reason);
}
