using System.Net;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.CloudCore.Tests;

/// <summary>A home with its wallet, device and gateway, registered or not, and a device that counts.</summary>
internal sealed class VirtualHome : IDisposable
{
    internal static readonly TimeSpan Interval = TimeSpan.FromMinutes(15);

    private static int _count;

    internal VirtualHome(SigningKey? gateway = null)
    {
        MeterId = $"MTR-{Interlocked.Increment(ref _count):D6}";
        Gateway = gateway ?? SigningKey.Generate();
        Address = Wallet.PublicKey;
    }

    internal string MeterId { get; }

    internal SigningKey Wallet { get; } = SigningKey.Generate();

    internal SigningKey Device { get; } = SigningKey.Generate();

    internal SigningKey Gateway { get; }

    internal Guid UserId { get; private set; }

    /// <summary>On chain; of a managed wallet as the server has made it.</summary>
    internal Key32 Address { get; private set; }

    internal string ReadingsPath => $"/api/gateways/{Gateway}/readings";

    public void Dispose()
    {
        Wallet.Dispose();
        Device.Dispose();
        Gateway.Dispose();
    }

    internal RegisterMeterRequest Registration(string zone = "zone-1") =>
        new(MeterId, Device.PublicKey, zone, Gateway.PublicKey, Consent(Address));

    internal byte[] Consent(Key32 owner)
    {
        var bytes = new byte[RegistrationBytes.Length];
        RegistrationBytes.Write(
            bytes, Device.PublicKey.ToArray(), owner.ToArray(), Gateway.PublicKey.ToArray());
        return Device.Sign(bytes);
    }

    internal static async Task<VirtualHome> RegisteredAsync(
        CloudHost host, SigningKey? gateway = null, string? wallet = null)
    {
        var home = new VirtualHome(gateway);
        var user = await host
            .PostAsync(home.Wallet, "/api/users", new RegisterUserRequest("Ann", "prosumer", wallet))
            .Then(ProtocolJson.Default.UserView);
        (home.UserId, home.Address) = (user.Id, user.Wallet);
        _ = await host.PostAsync(
            host.OperatorKey, "/api/gateways", new RegisterGatewayRequest(home.Gateway.PublicKey, "Gateway"))
            .Then(ProtocolJson.Default.RegisterGatewayRequest);
        _ = await host.PostAsync(home.Wallet, "/api/meters", home.Registration())
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.RegisterMeterResponse);
        return home;
    }

    /// <summary>
    /// A signed reading; without anything said, the n-th quarter hour after noon with n kWh produced.
    /// </summary>
    internal SignedReading Reading(
        long sequence,
        DateTimeOffset? at = null,
        long? production = null,
        long consumption = 0,
        ushort soc = 500,
        ushort flags = 0,
        uint interval = 900,
        SigningKey? signer = null)
    {
        var reading = new SignedReading
        {
            Device = Device.PublicKey,
            Sequence = sequence,
            Timestamp = at ?? (CloudHost.Noon + ((sequence - 1) * Interval)),
            ProductionWh = production ?? (sequence * 1_000),
            ConsumptionWh = consumption,
            SocPermille = soc,
            Flags = flags,
            IntervalSeconds = interval,
            Signature = new byte[64],
        };
        return reading with { Signature = (signer ?? Device).Sign(reading.CanonicalBytes()) };
    }

    internal IReadOnlyList<SignedReading> Readings(int count) =>
        [.. Enumerable.Range(1, count).Select(sequence => Reading(sequence))];
}

internal static class SuccessfulAnswers
{
    internal static async Task<T> Then<T>(
        this Task<HttpResponseMessage> sending, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        using var response = await sending;
        _ = response.EnsureSuccessStatusCode();
        return System.Text.Json.JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(), type)!;
    }
}
