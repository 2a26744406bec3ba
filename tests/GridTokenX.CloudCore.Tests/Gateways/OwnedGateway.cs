using System.Net;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.CloudCore.Tests.Gateways;

/// <summary>An owner and a gateway that he has claimed, or is about to.</summary>
internal sealed class OwnedGateway : IDisposable
{
    private OwnedGateway(CloudHost host) => Host = host;

    internal CloudHost Host { get; }

    internal SigningKey Owner { get; private init; } = SigningKey.Generate();

    internal SigningKey Gateway { get; } = SigningKey.Generate();

    internal string Path => $"/api/gateways/{Gateway}";

    internal static async Task<OwnedGateway> WithUserAsync(CloudHost host, SigningKey? owner = null)
    {
        var owned = owner is null ? new OwnedGateway(host) : new OwnedGateway(host) { Owner = owner };
        _ = await host.PostAsync(owned.Owner, "/api/users", new RegisterUserRequest("Ann", "prosumer"))
            .Then(ProtocolJson.Default.UserView);
        return owned;
    }

    internal static async Task<OwnedGateway> ClaimedAsync(CloudHost host, SigningKey? owner = null)
    {
        var owned = await WithUserAsync(host, owner);
        _ = await owned.ClaimAsync(await owned.CodeAsync()).Then(ProtocolJson.Default.ClaimedGateway);
        return owned;
    }

    internal async Task<string> CodeAsync() =>
        (await Host.PostAsync(Owner, "/api/gateways/claims", new MakeClaimRequest("Ann's home", "zone-1"))
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.MadeClaim)).Code;

    internal Task<HttpResponseMessage> ClaimAsync(string code, SigningKey? signer = null) =>
        Host.PostAsync(signer ?? Gateway, $"{Path}/claim", new ClaimGatewayRequest(code));

    internal PairMeterRequest Meter(
        string meterId, SigningKey device, Key32? replaces = null, Key32? owner = null) =>
        new(meterId, device.PublicKey, Consent(device, owner ?? Owner.PublicKey), replaces);

    internal Task<HttpResponseMessage> PairAsync(string meterId, SigningKey device, Key32? replaces = null) =>
        Host.PostAsync(Gateway, $"{Path}/meters", Meter(meterId, device, replaces));

    internal byte[] Consent(SigningKey device, Key32 owner)
    {
        var bytes = new byte[RegistrationBytes.Length];
        RegistrationBytes.Write(bytes, device.PublicKey.ToArray(), owner.ToArray(), Gateway.PublicKey.ToArray());
        return device.Sign(bytes);
    }

    public void Dispose()
    {
        Owner.Dispose();
        Gateway.Dispose();
    }
}
