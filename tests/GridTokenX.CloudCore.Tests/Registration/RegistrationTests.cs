using System.Net;
using GridTokenX.CloudCore.Registration;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Registration;

public sealed class RegistrationTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly CloudHost _host = fixture.Host;

    [Fact]
    public async Task A_wallet_registers_its_user_and_finds_it()
    {
        using var wallet = SigningKey.Generate();
        var created = await Register(wallet, "Somchai", "consumer").ShouldBeAsync(
            HttpStatusCode.Created, ProtocolJson.Default.UserView);

        created.ShouldBe(new UserView(
            created.Id,
            "Somchai",
            "consumer",
            wallet.PublicKey,
            wallet.PublicKey,
            Verified: true,
            RegisteredOnChain: false));
        var found = await _host.GetAsync(wallet, "/api/users/me").ShouldBeAsync(
            HttpStatusCode.OK, ProtocolJson.Default.UserView);
        found.ShouldBe(created);
    }

    [Fact]
    public async Task The_same_registration_again_is_the_same_user()
    {
        using var wallet = SigningKey.Generate();
        var first = await Register(wallet, "Ann", "prosumer").Then(ProtocolJson.Default.UserView);

        var again = await Register(wallet, "Ann", "prosumer")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.UserView);

        again.ShouldBe(first);
        await Register(wallet, "Bob", "prosumer")
            .ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.WalletRegistered);
        await Register(wallet, "Ann", "consumer")
            .ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.WalletRegistered);
    }

    [Theory]
    [InlineData("", "prosumer")]
    [InlineData(" ", "prosumer")]
    [InlineData("Ann\u0000", "prosumer")]
    [InlineData("Ann", "operator")]
    [InlineData("Ann", "Prosumer")]
    public async Task A_user_that_does_not_fit_is_refused(string name, string role)
    {
        using var wallet = SigningKey.Generate();
        await Register(wallet, name, role)
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        await _host.GetAsync(wallet, "/api/users/me")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
    }

    [Fact]
    public async Task The_longest_name_is_eighty_characters()
    {
        using var wallet = SigningKey.Generate();
        await Register(wallet, new string('a', 81), "consumer")
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        await Register(wallet, new string('ก', 80), "consumer").ShouldBeStatusAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task The_operator_verifies_users_where_they_are_not_verified_at_once()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string> { ["Cloud:AutoVerifyUsers"] = "false" },
        });
        using var wallet = SigningKey.Generate();
        var user = await host.PostAsync(wallet, "/api/users", new RegisterUserRequest("Ann", "prosumer"))
            .Then(ProtocolJson.Default.UserView);
        user.Verified.ShouldBeFalse();

        await host.Client(wallet).PostAsync($"/api/users/{user.Id}/verify", null)
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        var verified = await host.Client(host.OperatorKey).PostAsync($"/api/users/{user.Id}/verify", null)
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.UserView);

        verified.ShouldBe(user with { Verified = true });
        await host.Client(host.OperatorKey).PostAsync($"/api/users/{Guid.NewGuid()}/verify", null)
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
    }

    [Fact]
    public async Task A_meter_is_registered_with_its_devices_consent_and_gets_its_pairing()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);

        var again = await _host.PostAsync(home.Wallet, "/api/meters", home.Registration())
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.RegisterMeterResponse);

        again.MeterId.ShouldBe(home.MeterId);
        again.Device.ShouldBe(home.Device.PublicKey);
        var pairing = _host.Services.GetRequiredService<IPairings>().With(home.Device.PublicKey);
        (again.CloudKey, again.PairingCode).ShouldBe((pairing.CloudKey, pairing.Code));
        pairing.CommandKey.ShouldBe(_host.Services.GetRequiredService<ICommandKeys>().For(home.Device.PublicKey));
        var meter = await _host.GetAsync(home.Wallet, $"/api/meters/{home.MeterId}")
            .Then(ProtocolJson.Default.MeterView);
        meter.ShouldBe(new MeterView(
            home.MeterId,
            home.Device.PublicKey,
            home.Wallet.PublicKey,
            "zone-1",
            0,
            null,
            0m,
            0m,
            0m,
            RegisteredOnChain: false,
            home.Gateway.PublicKey,
            PairingCode: pairing.Code));
    }

    [Fact]
    public async Task Only_the_owner_and_the_operator_see_a_meter()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var stranger = SigningKey.Generate();
        var path = $"/api/meters/{home.MeterId}";

        await _host.GetAsync(stranger, path).ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        await _host.GetAsync(_host.OperatorKey, path).ShouldBeStatusAsync(HttpStatusCode.OK);
        await _host.GetAsync(home.Wallet, "/api/meters/nobody")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
    }

    [Fact]
    public async Task A_meter_registered_with_other_data_is_a_conflict()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var other = await VirtualHome.RegisteredAsync(_host);

        await _host.PostAsync(home.Wallet, "/api/meters", home.Registration("zone-2"))
            .ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.MeterRegistered);
        await _host.PostAsync(other.Wallet, "/api/meters", other.Registration() with { MeterId = home.MeterId })
            .ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.MeterRegistered);
        await _host.PostAsync(home.Wallet, "/api/meters", home.Registration() with { MeterId = "another" })
            .ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.DeviceRegistered);
    }

    [Fact]
    public async Task Nobody_registers_a_device_that_has_not_agreed_to_him()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var thief = await VirtualHome.RegisteredAsync(_host);
        using var fresh = new VirtualHome(home.Gateway);
        var meters = await _host.CountAsync("meters");

        // The consent names its owner and its gateway; another wallet, or another gateway, does not fit it.
        await _host.PostAsync(thief.Wallet, "/api/meters", fresh.Registration())
            .ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, ProblemCodes.BadConsent);
        await _host.PostAsync(
            fresh.Wallet, "/api/meters", fresh.Registration() with { Gateway = thief.Gateway.PublicKey })
            .ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, ProblemCodes.BadConsent);
        await _host.PostAsync(thief.Wallet, "/api/meters", fresh.Registration() with { Device = default })
            .ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, ProblemCodes.BadConsent);
        (await _host.CountAsync("meters")).ShouldBe(meters);
    }

    [Fact]
    public async Task A_meter_needs_a_registered_owner_and_gateway()
    {
        using var home = new VirtualHome();
        await _host.PostAsync(home.Wallet, "/api/meters", home.Registration())
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        _ = await Register(home.Wallet, "Ann", "prosumer").Then(ProtocolJson.Default.UserView);
        await _host.PostAsync(home.Wallet, "/api/meters", home.Registration())
            .ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, ProblemCodes.UnknownGateway);
    }

    [Theory]
    [InlineData("", "zone-1")]
    [InlineData("a b", "zone-1")]
    [InlineData("a/b", "zone-1")]
    [InlineData("a\n", "zone-1")]
    [InlineData("a-meter-id-longer-than-32-letters", "zone-1")]
    [InlineData("meter", "")]
    [InlineData("meter", "zone one")]
    [InlineData("meter", "a-zone-name-longer-than-32-letters")]
    public async Task A_meter_or_zone_name_that_does_not_fit_is_refused(string meterId, string zone)
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        await _host.PostAsync(home.Wallet, "/api/meters", home.Registration(zone) with { MeterId = meterId })
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
    }

    [Fact]
    public async Task A_gateway_lists_its_own_devices_and_nobody_elses()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var neighbour = await VirtualHome.RegisteredAsync(_host);
        using var stranger = SigningKey.Generate();

        var devices = await _host.GetAsync(home.Gateway, $"/api/gateways/{home.Gateway}/devices")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.IReadOnlyListGatewayDevice);

        devices.ShouldBe([new GatewayDevice(home.Device.PublicKey, home.MeterId)]);
        await _host.GetAsync(neighbour.Gateway, $"/api/gateways/{home.Gateway}/devices")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        await _host.GetAsync(stranger, $"/api/gateways/{stranger}/devices")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
    }

    [Fact]
    public async Task Users_registering_at_the_same_time_are_one_user()
    {
        using var wallet = SigningKey.Generate();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => Register(wallet, "Ann", "prosumer").Then(ProtocolJson.Default.UserView)));
        answers.Distinct().Count().ShouldBe(1);
    }

    private Task<HttpResponseMessage> Register(SigningKey wallet, string name, string role) =>
        _host.PostAsync(wallet, "/api/users", new RegisterUserRequest(name, role));
}
