namespace GridTokenX.CloudCore;

internal static partial class Log
{
    [LoggerMessage(3600, LogLevel.Warning, "Operator {Operator} switches maintenance: {Enabled} ({Reason})")]
    internal static partial void MaintenanceSwitched(ILogger logger, string @operator, bool enabled, string? reason);

    [LoggerMessage(3601, LogLevel.Warning, "Operator {Operator} parks outbox row {Row} ({Kind} {IntentId})")]
    internal static partial void OutboxParkedByHand(
        ILogger logger, string @operator, long row, string kind, Guid intentId);
}
