using System.Net;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Tests.Gateways;

/// <summary>Somebody whom the operator does not know has registered the number of somebody else's meter.</summary>
public sealed class OccupiedMeterTests : IAsyncLifetime
{
    private const string MeterId = "MTR-1";
    private readonly SigningKey _device = SigningKey.Generate();
    private readonly SigningKey _madeUp = SigningKey.Generate();
    private CloudHost _host = null!;
    private OwnedGateway _owner = null!;
    private OwnedGateway _stranger = null!;

    public async Task InitializeAsync()
    {
        _host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string> { ["Cloud:AutoVerifyUsers"] = "false" },
        });
        _owner = await OwnedGateway.ClaimedAsync(_host);
        _stranger = await OwnedGateway.ClaimedAsync(_host);
        using var earlier = SigningKey.Generate();
        await _stranger.PairAsync(MeterId, earlier).ShouldBeStatusAsync(HttpStatusCode.OK);
        await _stranger.PairAsync(MeterId, _madeUp, earlier.PublicKey).ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    public async Task DisposeAsync()
    {
        _device.Dispose();
        _madeUp.Dispose();
        _owner.Dispose();
        _stranger.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task It_makes_way_for_a_verified_owner_and_for_nobody_else()
    {
        await TakenAsync(_owner, _device);
        await VerifyAsync(_owner);
        await _owner.PairAsync(MeterId, _device).ShouldBeStatusAsync(HttpStatusCode.OK);
        (await _host.GetAsync(_owner.Owner, $"/api/meters/{MeterId}").Then(ProtocolJson.Default.MeterView))
            .Device.ShouldBe(_device.PublicKey);
        await TakenAsync(_stranger, _madeUp);
        await VerifyAsync(_stranger);
        await TakenAsync(_stranger, _madeUp);
    }

    [Fact]
    public async Task Once_its_owner_is_verified_it_is_his()
    {
        await VerifyAsync(_stranger);
        await VerifyAsync(_owner);
        await TakenAsync(_owner, _device);
        await _stranger.PairAsync(MeterId, _madeUp).ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    private static Task TakenAsync(OwnedGateway by, SigningKey device) => by.PairAsync(MeterId, device)
        .ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.MeterRegistered);

    private async Task VerifyAsync(OwnedGateway whose)
    {
        var user = await _host.GetAsync(whose.Owner, "/api/users/me").Then(ProtocolJson.Default.UserView);
        await _host.Client(_host.OperatorKey).PostAsync($"/api/users/{user.Id}/verify", null)
            .ShouldBeStatusAsync(HttpStatusCode.OK);
    }
}
