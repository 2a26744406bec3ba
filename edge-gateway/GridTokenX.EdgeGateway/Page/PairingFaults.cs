using GridTokenX.Protocol.Api;

namespace GridTokenX.EdgeGateway.Page;

/// <summary>The cloud's refusals in the words of the page.</summary>
internal static class PairingFaults
{
    /// <summary>A key of <see cref="Texts"/>.</summary>
    internal static string KeyOf(string code) => code switch
    {
        ProblemCodes.UnknownClaim => "faultUnknownClaim",
        ProblemCodes.ClaimExpired => "faultClaimExpired",
        ProblemCodes.ClaimUsed => "faultClaimUsed",
        ProblemCodes.GatewayClaimed => "faultGatewayClaimed",
        ProblemCodes.TooManyAttempts => "faultTooManyAttempts",
        ProblemCodes.PairingClosed => "faultPairingClosed",
        ProblemCodes.MeterRegistered => "faultMeterRegistered",
        ProblemCodes.MeterRevoked => "faultMeterRevoked",
        ProblemCodes.DeviceRegistered => "faultDeviceRegistered",
        ProblemCodes.TooManyMeters or ProblemCodes.TooManyGateways => "faultTooMany",
        _ => "faultOther",
    };
}
