using System.Net;
using GridTokenX.EdgeGateway.Page;
using GridTokenX.EdgeGateway.Pairing;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.EdgeGateway;

internal static partial class Log
{
    [LoggerMessage(
        1, LogLevel.Information, "Gateway {Gateway} is ready on {Addresses}; it speaks for {Devices} devices.")]
    internal static partial void Ready(ILogger logger, Key32 gateway, string addresses, int devices);

    [LoggerMessage(2, LogLevel.Error, "{Worker} failed and begins again.")]
    internal static partial void WorkerFailed(ILogger logger, string worker, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "Alarm {Name}: {Text}")]
    internal static partial void AlarmRaised(ILogger logger, string name, string text);

    [LoggerMessage(4, LogLevel.Information, "Alarm {Name} is over.")]
    internal static partial void AlarmCleared(ILogger logger, string name);

    [LoggerMessage(5, LogLevel.Warning, "systemd was not told {State}: {Why}")]
    internal static partial void NotNotified(ILogger logger, string state, string why);

    [LoggerMessage(
        6,
        LogLevel.Error,
        "The database was damaged ({Damage}) and lies in {SetAside}: {Readings} readings recovered, {Dropped} dropped."
        + " {Fault}")]
    internal static partial void DatabaseRecovered(
        ILogger logger, string damage, string setAside, int readings, int dropped, string? fault);

    [LoggerMessage(7, LogLevel.Warning, "The database was not looked through: {Why}")]
    internal static partial void NotLookedThrough(ILogger logger, string why);

    [LoggerMessage(10, LogLevel.Information, "The {Broker} broker is {State}.")]
    internal static partial void BrokerConnection(ILogger logger, string broker, string state);

    [LoggerMessage(11, LogLevel.Warning, "The {Broker} broker: {What}")]
    internal static partial void BrokerReports(ILogger logger, string broker, string what, Exception? exception);

    [LoggerMessage(20, LogLevel.Warning, "Refused with {Code}, {Count} so far; now from {Topic}.")]
    internal static partial void Refused(ILogger logger, string code, string topic, long count);

    [LoggerMessage(21, LogLevel.Error, "{Count} readings were not stored and not acknowledged.")]
    internal static partial void CommitFailed(ILogger logger, int count, Exception exception);

    [LoggerMessage(22, LogLevel.Information, "Acknowledgements did not go out: {Why}")]
    internal static partial void NotAcknowledged(ILogger logger, string why);

    [LoggerMessage(30, LogLevel.Debug, "{Count} readings forwarded in {Milliseconds:F0} ms; {Backlog} are left.")]
    internal static partial void Forwarded(ILogger logger, int count, double milliseconds, long backlog);

    [LoggerMessage(31, LogLevel.Warning, "Forwarding failed {Failures} times in a row; again in {Seconds:F1} s: {Why}")]
    internal static partial void ForwardingFailed(ILogger logger, int failures, double seconds, string why);

    [LoggerMessage(32, LogLevel.Warning, "The cloud refused reading {Sequence} of {Device} for good: {Code}.")]
    internal static partial void Quarantined(ILogger logger, Key32 device, long sequence, string code);

    [LoggerMessage(33, LogLevel.Information, "The cloud does not take readings of {Device} now ({Code}): {Outcome}.")]
    internal static partial void NotNow(ILogger logger, Key32 device, string code, string outcome);

    [LoggerMessage(34, LogLevel.Information, "{Count} readings go from quarantine to another try.")]
    internal static partial void Requeued(ILogger logger, int count);

    [LoggerMessage(35, LogLevel.Information, "The cloud is back after {Minutes:F0} min; the rest in {Seconds:F0} s.")]
    internal static partial void CloudIsBack(ILogger logger, double minutes, double seconds);

    [LoggerMessage(36, LogLevel.Debug, "The summary was not sent: {Why}")]
    internal static partial void SummaryNotSent(ILogger logger, string why);

    [LoggerMessage(40, LogLevel.Warning, "The list of devices was not read: {Why}")]
    internal static partial void DevicesNotRead(ILogger logger, string why);

    [LoggerMessage(41, LogLevel.Information, "The gateway speaks for {Count} devices.")]
    internal static partial void DevicesRead(ILogger logger, int count);

    [LoggerMessage(50, LogLevel.Information, "Command {Counter} went to {Device}.")]
    internal static partial void CommandRelayed(ILogger logger, Key32 device, long counter);

    [LoggerMessage(51, LogLevel.Warning, "Command {Counter} for {Device} did not go out: {Why}")]
    internal static partial void CommandNotRelayed(ILogger logger, Key32 device, long counter, string why);

    [LoggerMessage(52, LogLevel.Warning, "Command {Counter} for {Device} expired before it could go out.")]
    internal static partial void CommandExpired(ILogger logger, Key32 device, long counter);

    [LoggerMessage(53, LogLevel.Information, "States did not go out: {Why}")]
    internal static partial void StateNotRelayed(ILogger logger, string why);

    [LoggerMessage(60, LogLevel.Information, "Market time was not announced: {Why}")]
    internal static partial void TimeNotAnnounced(ILogger logger, string why);

    [LoggerMessage(70, LogLevel.Warning, "A sign-in from {From} was refused: {Why}.")]
    internal static partial void SignInRefused(ILogger logger, IPAddress? from, string why);

    [LoggerMessage(71, LogLevel.Warning, "A claim from {From} was refused: {Outcome}.")]
    internal static partial void ClaimRefused(ILogger logger, IPAddress? from, ClaimOutcome outcome);

    [LoggerMessage(72, LogLevel.Information, "The gateway was claimed from {From}: its page has a new PIN.")]
    internal static partial void Claimed(ILogger logger, IPAddress? from);

    [LoggerMessage(80, LogLevel.Information, "The gateway belongs to {Owner} and is called {Name}.")]
    internal static partial void OwnerIs(ILogger logger, Key32 owner, string name);

    [LoggerMessage(81, LogLevel.Warning, "The cloud refused the owner's code: {Code}.")]
    internal static partial void CodeRefused(ILogger logger, string code);

    [LoggerMessage(82, LogLevel.Information, "Pairing of {Device} as {Meter}: {Step}.")]
    internal static partial void PairingStep(ILogger logger, Key32 device, string meter, PairingStep step);

    [LoggerMessage(83, LogLevel.Warning, "The cloud refused {Device} as {Meter}: {Code}.")]
    internal static partial void PairingRefused(ILogger logger, Key32 device, string meter, string code);

    [LoggerMessage(84, LogLevel.Warning, "The list of the broker's devices was not written: {Why}")]
    internal static partial void AccessNotWritten(ILogger logger, string why);

    [LoggerMessage(85, LogLevel.Information, "An owner's code came from {From}; the cloud is asked: {Asked}.")]
    internal static partial void CodeEntered(ILogger logger, IPAddress? from, bool asked);

    [LoggerMessage(73, LogLevel.Warning, "{Path} was refused to {From}: not signed in.")]
    internal static partial void PageRefused(ILogger logger, string path, IPAddress? from);
}
