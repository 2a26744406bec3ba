namespace GridTokenX.CloudCore;

/// <summary>
/// Every message of this process. Event ids: host and API 1000, storage 1100, simulation and workers 1200,
/// registration and pairing 1300, ingest 1400, chain 2000, trading 3000, clearing 3100, locks 3200, wallets 3300,
/// accounts 3400, live data 3500, operations 3600.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Error, "{Method} {Path} failed, trace {Trace}")]
    internal static partial void RequestFailed(
        ILogger logger, Exception exception, string method, string path, string trace);

    [LoggerMessage(1001, LogLevel.Warning, "{Path}: the database does not answer: {Reason}")]
    internal static partial void DatabaseUnavailable(ILogger logger, string path, string reason);

    [LoggerMessage(1002, LogLevel.Warning, "{Path}: answered with {Code}: {Reason}")]
    internal static partial void OutsideFault(ILogger logger, string path, string code, string reason);

    [LoggerMessage(1003, LogLevel.Warning, "What the database knows could not be measured: {Reason}")]
    internal static partial void GaugesNotRead(ILogger logger, string reason);
}
