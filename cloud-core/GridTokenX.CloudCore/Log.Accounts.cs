namespace GridTokenX.CloudCore;

internal static partial class Log
{
    [LoggerMessage(3400, LogLevel.Information, "Access tokens are signed with key {KeyId} from now on")]
    internal static partial void TokenKeyChanged(ILogger logger, string keyId);

    [LoggerMessage(3401, LogLevel.Error, "Keeping accounts in order failed; it tries again in {Delay}")]
    internal static partial void HousekeepingFailed(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(3500, LogLevel.Warning, "Live data is interrupted, it goes on in {Delay}: {Reason}")]
    internal static partial void LiveInterrupted(ILogger logger, TimeSpan delay, string reason);

    [LoggerMessage(3501, LogLevel.Error, "Live data failed; it goes on in {Delay}")]
    internal static partial void LiveFailed(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(
        3502, LogLevel.Warning, "Live data begins anew for {Watching} who watch: changes are gone that went unseen")]
    internal static partial void LiveMissed(ILogger logger, int watching);

    [LoggerMessage(3503, LogLevel.Error, "Removing changes that everybody has seen failed; it tries again in {Delay}")]
    internal static partial void LivePurgeFailed(ILogger logger, Exception exception, TimeSpan delay);
}
