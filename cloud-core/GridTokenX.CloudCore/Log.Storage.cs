namespace GridTokenX.CloudCore;

internal static partial class Log
{
    [LoggerMessage(1100, LogLevel.Information, "Migration {Name} applied")]
    internal static partial void Migrated(ILogger logger, string name);

    [LoggerMessage(1101, LogLevel.Warning, "Waiting for the database ({Reason}); next attempt in {Delay}")]
    internal static partial void WaitingForDatabase(ILogger logger, string reason, TimeSpan delay);

    [LoggerMessage(
        1102,
        LogLevel.Warning,
        "The pool may grow to {Wanted} connections, and the database admits {Given}: set Maximum Pool Size in "
        + "Cloud:Database, or the server's max_connections")]
    internal static partial void PoolTooLarge(ILogger logger, int wanted, int given);

    [LoggerMessage(1200, LogLevel.Debug, "Market time is {Now}; {Done} things done")]
    internal static partial void Advanced(ILogger logger, DateTimeOffset now, long done);

    [LoggerMessage(1201, LogLevel.Error, "Worker {Worker} failed; it tries again")]
    internal static partial void WorkerFailed(ILogger logger, Exception exception, string worker);
}
