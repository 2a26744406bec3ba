using System.Collections.Frozen;
using System.Text.Json;
using GridTokenX.Protocol.Api;

namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>Which of the cloud's refusals are its last word.</summary>
internal static class Refusable
{
    /// <summary>
    /// Refusals that time can heal: a device that was registered a moment ago, an owner not yet verified, a clock that
    /// runs ahead, a cloud in trouble.
    /// </summary>
    private static readonly FrozenSet<string> NotNow = new[]
    {
        ProblemCodes.UnknownDevice,
        ProblemCodes.UserNotVerified,
        ProblemCodes.InvalidWallet,
        ProblemCodes.InFuture,
        ProblemCodes.ClockNotSet,
        ProblemCodes.DatabaseUnavailable,
        ProblemCodes.InternalError,
    }.ToFrozenSet(StringComparer.Ordinal);

    internal static string NotNowJson { get; } = JsonSerializer.Serialize(NotNow.ToArray());

    internal static bool IsNotNow(string code) => NotNow.Contains(code);
}
