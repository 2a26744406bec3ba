using System.Net;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore;

internal static partial class Log
{
    [LoggerMessage(1300, LogLevel.Information, "{Kind}: gateway {Gateway}, device {Device}, meter {Meter}, by {Actor}")]
    internal static partial void Registered(
        ILogger logger, string kind, Key32? gateway, Key32? device, string? meter, Key32 actor);

    [LoggerMessage(1301, LogLevel.Warning, "Gateway {Gateway} at {From} was refused with {Code}")]
    internal static partial void GatewayRefused(ILogger logger, Key32 gateway, IPAddress? from, string code);

    [LoggerMessage(1302, LogLevel.Information, "{Count} revoked meters go out of service on chain")]
    internal static partial void Deactivating(ILogger logger, int count);
}
