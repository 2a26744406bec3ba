using System.Net;
using GridTokenX.CloudCore.Gateways;
using GridTokenX.CloudCore.Registration;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Gateways;

/// <summary>What a claimed gateway may do for its owner, and what it may not.</summary>
public sealed class PairMeterTests : IAsyncLifetime
{
    private readonly SteppedTime _wall = new(TimeProvider.System.GetUtcNow());
    private CloudHost _host = null!;
    private OwnedGateway _owned = null!;

    public async Task InitializeAsync()
    {
        _host = await CloudHost.StartAsync(new CloudHostOptions { Clock = _wall });
        _owned = await OwnedGateway.ClaimedAsync(_host);
    }

    public async Task DisposeAsync()
    {
        _owned.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Within_its_hour_a_gateway_registers_a_device_that_consents()
    {
        using var device = SigningKey.Generate();
        var answer = await _owned.PairAsync("MTR-1", device)
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.RegisterMeterResponse);

        answer.PairingCode.ShouldBe(_host.Services.GetRequiredService<IPairings>().With(device.PublicKey).Code);
        var meter = await MeterAsync("MTR-1");
        (meter.Device, meter.Owner, meter.Zone, meter.Gateway).ShouldBe(
            (device.PublicKey, _owned.Owner.PublicKey, "zone-1", _owned.Gateway.PublicKey));
        (await _host.GetAsync(_owned.Gateway, $"{_owned.Path}/devices")
            .Then(ProtocolJson.Default.IReadOnlyListGatewayDevice))
            .ShouldBe([new GatewayDevice(device.PublicKey, "MTR-1")]);
    }

    [Fact]
    public async Task After_its_hour_it_gets_old_answers_again_and_registers_nothing_new()
    {
        using var device = SigningKey.Generate();
        using var later = SigningKey.Generate();
        var first = await _owned.PairAsync("MTR-1", device).Then(ProtocolJson.Default.RegisterMeterResponse);
        _wall.Advance(GatewayClaims.PairingWindow);

        (await _owned.PairAsync("MTR-1", device).ShouldBeAsync(
            HttpStatusCode.OK, ProtocolJson.Default.RegisterMeterResponse)).ShouldBe(first);
        await _owned.PairAsync("MTR-2", later).ShouldBeProblemAsync(
            HttpStatusCode.Forbidden, ProblemCodes.PairingClosed);
        await _owned.PairAsync("MTR-1", later, device.PublicKey).ShouldBeProblemAsync(
            HttpStatusCode.Forbidden, ProblemCodes.PairingClosed);

        _ = await _owned.ClaimAsync(await _owned.CodeAsync()).Then(ProtocolJson.Default.ClaimedGateway);
        await _owned.PairAsync("MTR-2", later).ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_gateway_enrols_nobody_who_has_not_consented_to_its_owner()
    {
        using var device = SigningKey.Generate();
        using var other = await OwnedGateway.ClaimedAsync(_host);
        var elsewhere = new PairMeterRequest(
            "MTR-1", device.PublicKey, other.Consent(device, _owned.Owner.PublicKey));
        var requests = new[] { _owned.Meter("MTR-1", device, owner: other.Owner.PublicKey), elsewhere };
        foreach (var request in requests)
        {
            await _host.PostAsync(_owned.Gateway, $"{_owned.Path}/meters", request).ShouldBeProblemAsync(
                HttpStatusCode.UnprocessableEntity, ProblemCodes.BadConsent);
        }

        await _host.PostAsync(other.Gateway, $"{_owned.Path}/meters", _owned.Meter("MTR-1", device))
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
    }

    [Fact]
    public async Task A_gateway_of_the_operators_registers_nothing_itself()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var device = SigningKey.Generate();
        var request = new PairMeterRequest("MTR-9", device.PublicKey, new byte[64]);
        await _host.PostAsync(home.Gateway, $"/api/gateways/{home.Gateway}/meters", request)
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.PairingClosed);
    }

    [Fact]
    public async Task A_strangers_meter_is_not_put_at_somebodys_gateway()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var device = SigningKey.Generate();
        var consent = _owned.Consent(device, home.Wallet.PublicKey);
        await _host.PostAsync(
            home.Wallet,
            "/api/meters",
            new RegisterMeterRequest("MTR-S", device.PublicKey, "zone-1", _owned.Gateway.PublicKey, consent))
            .ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.GatewayClaimed);
    }

    [Fact]
    public async Task A_gateway_takes_over_no_meter_of_another_owner_or_gateway()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var mine = await OwnedGateway.ClaimedAsync(_host, SigningKey.FromSeed(new byte[32]));
        using var second = await OwnedGateway.ClaimedAsync(_host, SigningKey.FromSeed(new byte[32]));
        using var device = SigningKey.Generate();
        using var fresh = SigningKey.Generate();
        await mine.PairAsync("MTR-M", device).ShouldBeStatusAsync(HttpStatusCode.OK);

        await _owned.PairAsync(home.MeterId, fresh, home.Device.PublicKey).ShouldBeProblemAsync(
            HttpStatusCode.Conflict, ProblemCodes.MeterRegistered);
        await second.PairAsync("MTR-M", fresh, device.PublicKey).ShouldBeProblemAsync(
            HttpStatusCode.Conflict, ProblemCodes.MeterRegistered);
        await mine.PairAsync("MTR-M", fresh).ShouldBeProblemAsync(
            HttpStatusCode.Conflict, ProblemCodes.MeterRegistered);
        await mine.PairAsync("MTR-N", device).ShouldBeProblemAsync(
            HttpStatusCode.Conflict, ProblemCodes.DeviceRegistered);
        await mine.PairAsync("MTR-N", fresh, device.PublicKey).ShouldBeProblemAsync(
            HttpStatusCode.NotFound, ProblemCodes.NotFound);
        await mine.PairAsync("../etc", fresh).ShouldBeProblemAsync(
            HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
    }

    [Fact]
    public async Task A_device_moves_with_its_meter_and_the_old_gateway_has_no_say_any_more()
    {
        using var mine = await OwnedGateway.ClaimedAsync(_host, SigningKey.FromSeed(new byte[32]));
        using var second = await OwnedGateway.ClaimedAsync(_host, SigningKey.FromSeed(new byte[32]));
        using var device = SigningKey.Generate();
        await mine.PairAsync("MTR-M", device).ShouldBeStatusAsync(HttpStatusCode.OK);

        await second.PairAsync("MTR-M", device).ShouldBeStatusAsync(HttpStatusCode.OK);

        (await _host.GetAsync(mine.Gateway, $"{mine.Path}/devices")
            .Then(ProtocolJson.Default.IReadOnlyListGatewayDevice)).ShouldBeEmpty();
        (await _host.GetAsync(second.Gateway, $"{second.Path}/devices")
            .Then(ProtocolJson.Default.IReadOnlyListGatewayDevice)).Count.ShouldBe(1);
        await _host.Client(mine.Gateway).PostAsync($"{mine.Path}/devices/{device}/confirm", null)
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.UnknownDevice);
        (await _host.CountAsync("registration_events where kind = 'device_moved'")).ShouldBe(1);
    }

    [Fact]
    public async Task The_same_device_at_once_from_eight_requests_is_one_meter()
    {
        using var device = SigningKey.Generate();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => _owned.PairAsync("MTR-1", device).Then(ProtocolJson.Default.RegisterMeterResponse)));
        answers.Distinct().Count().ShouldBe(1);
        (await _host.CountAsync("registration_events where kind = 'meter_registered'")).ShouldBe(1);
    }

    private Task<MeterView> MeterAsync(string meterId) =>
        _host.GetAsync(_owned.Owner, $"/api/meters/{meterId}").Then(ProtocolJson.Default.MeterView);
}
