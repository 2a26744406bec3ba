using System.Text.RegularExpressions;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.CloudCore.Registration;

/// <summary>
/// What a registration must look like, whatever the database holds. Each returns what is wrong, or null.
/// </summary>
internal static partial class RegistrationForms
{
    internal const string OwnWallet = "own";
    internal const string ManagedWallet = "managed";

    internal static string? Fault(RegisterUserRequest request)
    {
        if (!IsName(request.Name))
        {
            return "name has 1 to 80 characters, none of them a control character.";
        }

        if (request.Role is not ("prosumer" or "consumer"))
        {
            return "role is prosumer or consumer.";
        }

        return request.Wallet is null or OwnWallet or ManagedWallet ? null : "wallet is own or managed.";
    }

    internal static string? Fault(RegisterGatewayRequest request) =>
        IsName(request.Name) ? null : "name has 1 to 80 characters, none of them a control character.";

    internal static string? Fault(MakeClaimRequest request) =>
        IsName(request.Name)
            ? FaultOfZone(request.Zone)
            : "name has 1 to 80 characters, none of them a control character.";

    internal static string? Fault(RegisterMeterRequest request) =>
        FaultOfMeterId(request.MeterId) ?? FaultOfZone(request.Zone);

    internal static string? FaultOfMeterId(string meterId) =>
        MeterId().IsMatch(meterId) ? null : "meter_id has 1 to 32 characters of A-Z a-z 0-9 - _ .";

    /// <summary>Of a zone's name, wherever a request names one; none is no fault.</summary>
    internal static string? FaultOfZone(string? zone) =>
        zone is null || Zone().IsMatch(zone) ? null : "zone has 1 to 32 characters of A-Z a-z 0-9 - _ .";

    /// <summary>The device itself has agreed to belong to this owner and to speak through this gateway.</summary>
    internal static bool DeviceConsents(Key32 device, Key32 owner, Key32 gateway, byte[] consent)
    {
        var bytes = new byte[RegistrationBytes.Length];
        RegistrationBytes.Write(bytes, device.ToArray(), owner.ToArray(), gateway.ToArray());
        return Ed25519.Verify(device, bytes, consent);
    }

    private static bool IsName(string name) =>
        name.Length is >= 1 and <= 80 && !string.IsNullOrWhiteSpace(name) && !name.Any(char.IsControl);

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,32}\z", RegexOptions.NonBacktracking)]
    private static partial Regex MeterId();

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,32}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Zone();
}
