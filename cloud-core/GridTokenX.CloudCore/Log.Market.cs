namespace GridTokenX.CloudCore;

internal static partial class Log
{
    [LoggerMessage(3100, LogLevel.Information, "Epoch {Epoch} of zone {Zone} cleared: {Trades} trades, {VolumeWh} Wh")]
    internal static partial void EpochCleared(ILogger logger, long epoch, string zone, int trades, long volumeWh);

    [LoggerMessage(3102, LogLevel.Information,
        "Auction of epoch {Epoch} in zone {Zone}: {Matches} matches, {VolumeWh} Wh at {Price} µGRX per kWh")]
    internal static partial void AuctionHeld(
        ILogger logger, long epoch, string zone, int matches, long volumeWh, long? price);

    [LoggerMessage(3200, LogLevel.Warning, "No broker is set (Mqtt:Host): lock commands are kept, and not sent")]
    internal static partial void NoBroker(ILogger logger);

    [LoggerMessage(3201, LogLevel.Warning, "Cloud broker: {Reason}")]
    internal static partial void Broker(ILogger logger, Exception? exception, string reason);

    [LoggerMessage(3202, LogLevel.Debug, "Command {Counter} for device {Device} not published: {Reason}")]
    internal static partial void CommandNotPublished(ILogger logger, long counter, string device, string reason);

    [LoggerMessage(3203, LogLevel.Warning, "State on {Topic} refused: {Reason}")]
    internal static partial void StateRefused(ILogger logger, string topic, string reason);

    [LoggerMessage(3204, LogLevel.Error, "{Work} failed; it tries again in {Delay}")]
    internal static partial void LockWorkFailed(ILogger logger, Exception exception, string work, TimeSpan delay);

    [LoggerMessage(3205, LogLevel.Information, "Device {Device} refused command {Counter}: {Refusal}")]
    internal static partial void CommandRefused(ILogger logger, string device, long counter, string refusal);

    [LoggerMessage(3101, LogLevel.Error, "Settlement {Settlement} refused for good, its energy goes back: {Reason}")]
    internal static partial void SettlementFailed(ILogger logger, Guid settlement, string reason);

    [LoggerMessage(3110, LogLevel.Warning, "Nobody listens to the market's inboxes; it tries again in {Delay}")]
    internal static partial void MarketListenerFailed(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(3111, LogLevel.Critical, "The journal of zone {Zone} does not give its book: {Fault}")]
    internal static partial void JournalWrong(ILogger logger, string zone, string fault);

    [LoggerMessage(3112, LogLevel.Information,
        "Zone {Zone}: snapshot after line {Sequence}, {Pruned} older lines removed")]
    internal static partial void JournalKept(ILogger logger, string zone, long sequence, int pruned);

    [LoggerMessage(3300, LogLevel.Warning, "User {User} exported the secret of managed wallet {Wallet}")]
    internal static partial void WalletExported(ILogger logger, Guid user, string wallet);

    [LoggerMessage(3301, LogLevel.Information, "{Wallets} managed wallets sealed with the new master key")]
    internal static partial void WalletsResealed(ILogger logger, int wallets);

    [LoggerMessage(3302, LogLevel.Error, "Sealing the wallets anew failed; it tries again in {Delay}")]
    internal static partial void ResealingFailed(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(3303, LogLevel.Critical, "A managed wallet opens with neither master key; both files are kept")]
    internal static partial void WalletLost(ILogger logger, Exception exception);
}
