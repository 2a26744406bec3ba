using System.Net;
using GridTokenX.CloudCore.Gateways;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Tests.Gateways;

public sealed class ClaimTests : IAsyncLifetime
{
    private readonly SteppedTime _wall = new(TimeProvider.System.GetUtcNow());
    private CloudHost _host = null!;

    public async Task InitializeAsync() => _host = await CloudHost.StartAsync(new CloudHostOptions { Clock = _wall });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_gateway_with_the_owners_code_is_his_and_may_pair_for_an_hour()
    {
        using var owned = await OwnedGateway.WithUserAsync(_host);
        var code = await owned.CodeAsync();
        code.ShouldMatch("^GTX(-[0-9A-HJKMNP-TV-Z]{4}){3}$");

        var claimed = await owned.ClaimAsync(code.ToLowerInvariant().Replace('-', ' '))
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.ClaimedGateway);

        (claimed.Gateway, claimed.Owner).ShouldBe((owned.Gateway.PublicKey, owned.Owner.PublicKey));
        (claimed.Name, claimed.Zone).ShouldBe(("Ann's home", "zone-1"));
        (claimed.PairingUntil - _wall.GetUtcNow()).ShouldBe(GatewayClaims.PairingWindow, TimeSpan.FromSeconds(1));
        (await _host.CountAsync("registration_events where kind = 'gateway_claimed'")).ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_in_the_database_tells_the_code()
    {
        using var owned = await OwnedGateway.WithUserAsync(_host);
        var code = await owned.CodeAsync();
        (await _host.CountAsync(
            $"gateway_claims c where c::text ilike '%{code[4..8]}%' and c::text ilike '%{code[9..13]}%'"))
            .ShouldBe(0);
        (await _host.CountAsync("gateway_claims")).ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_lost_the_answer_gets_it_again_and_the_hour_does_not_begin_anew()
    {
        using var owned = await OwnedGateway.WithUserAsync(_host);
        var code = await owned.CodeAsync();
        var first = await owned.ClaimAsync(code).Then(ProtocolJson.Default.ClaimedGateway);
        _wall.Advance(TimeSpan.FromMinutes(40));

        var again = await owned.ClaimAsync(code).ShouldBeAsync(
            HttpStatusCode.OK, ProtocolJson.Default.ClaimedGateway);

        again.ShouldBe(first);
        (await _host.CountAsync("registration_events")).ShouldBe(1);
    }

    [Fact]
    public async Task A_code_is_good_for_one_gateway()
    {
        using var owned = await OwnedGateway.WithUserAsync(_host);
        using var other = await OwnedGateway.WithUserAsync(_host);
        var code = await owned.CodeAsync();
        _ = await owned.ClaimAsync(code).Then(ProtocolJson.Default.ClaimedGateway);

        await other.ClaimAsync(code).ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.ClaimUsed);
        await _host.GetAsync(other.Gateway, $"{other.Path}/devices")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
    }

    [Fact]
    public async Task Sixteen_gateways_at_once_with_one_code_are_one_claim()
    {
        using var owned = await OwnedGateway.WithUserAsync(_host);
        var code = await owned.CodeAsync();
        var gateways = Enumerable.Range(0, 16).Select(static _ => SigningKey.Generate()).ToList();

        var answers = await Task.WhenAll(gateways.Select(gateway => _host.PostAsync(
            gateway, $"/api/gateways/{gateway}/claim", new ClaimGatewayRequest(code))));

        answers.Count(static answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        (await _host.CountAsync("gateways where owner_id is not null")).ShouldBe(1);
        gateways.ForEach(static gateway => gateway.Dispose());
    }

    [Fact]
    public async Task A_code_expires_after_a_quarter_of_an_hour()
    {
        using var owned = await OwnedGateway.WithUserAsync(_host);
        var code = await owned.CodeAsync();
        _wall.Advance(GatewayClaims.Lifetime);
        await owned.ClaimAsync(code).ShouldBeProblemAsync(
            HttpStatusCode.UnprocessableEntity, ProblemCodes.ClaimExpired);
    }

    [Fact]
    public async Task Somebody_elses_gateway_is_not_claimed_until_it_is_released()
    {
        using var owned = await OwnedGateway.ClaimedAsync(_host);
        using var thief = await OwnedGateway.WithUserAsync(_host);
        var code = await thief.CodeAsync();
        var claim = () => _host.PostAsync(owned.Gateway, $"{owned.Path}/claim", new ClaimGatewayRequest(code));

        await claim().ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.GatewayClaimed);
        await _host.Client(thief.Owner).PostAsync($"{owned.Path}/release", null)
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        await _host.Client(owned.Owner).PostAsync($"{owned.Path}/release", null)
            .ShouldBeStatusAsync(HttpStatusCode.NoContent);

        var claimed = await claim().ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.ClaimedGateway);
        claimed.Owner.ShouldBe(thief.Owner.PublicKey);
    }

    [Fact]
    public async Task A_claim_that_was_released_does_not_come_back_with_its_old_code()
    {
        using var owned = await OwnedGateway.WithUserAsync(_host);
        var code = await owned.CodeAsync();
        _ = await owned.ClaimAsync(code).Then(ProtocolJson.Default.ClaimedGateway);
        await _host.Client(_host.OperatorKey).PostAsync($"{owned.Path}/release", null)
            .ShouldBeStatusAsync(HttpStatusCode.NoContent);
        await owned.ClaimAsync(code).ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.ClaimUsed);
    }

    [Fact]
    public async Task A_gateway_with_meters_in_service_is_not_released_and_one_of_several_owners_is_not_claimed()
    {
        using var owned = await OwnedGateway.ClaimedAsync(_host);
        using var device = SigningKey.Generate();
        await owned.PairAsync("MTR-A", device).ShouldBeStatusAsync(HttpStatusCode.OK);
        await _host.Client(owned.Owner).PostAsync($"{owned.Path}/release", null)
            .ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.GatewayInUse);

        using var home = await VirtualHome.RegisteredAsync(_host);
        using var claimant = await OwnedGateway.WithUserAsync(_host);
        await _host.PostAsync(
            home.Gateway,
            $"/api/gateways/{home.Gateway}/claim",
            new ClaimGatewayRequest(await claimant.CodeAsync()))
            .ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.GatewayClaimed);
    }

    [Fact]
    public async Task Only_the_key_that_the_path_names_may_claim()
    {
        using var owned = await OwnedGateway.WithUserAsync(_host);
        using var stranger = SigningKey.Generate();
        var code = await owned.CodeAsync();
        await owned.ClaimAsync(code, stranger).ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        await _host.PostAsync(null, $"{owned.Path}/claim", new ClaimGatewayRequest(code))
            .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.NotSigned);
        await _host.PostAsync(stranger, "/api/gateways/claims", new MakeClaimRequest("x", "z"))
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
    }

    [Fact]
    public async Task Guessing_ends_after_ten_wrong_codes_and_goes_on_a_quarter_of_an_hour_later()
    {
        using var owned = await OwnedGateway.WithUserAsync(_host);
        var code = await owned.CodeAsync();
        for (var i = 0; i < ClaimAttempts.MaxWrongOfGateway; i++)
        {
            await owned.ClaimAsync(i % 2 == 0 ? ClaimCode.Make() : "nonsense").ShouldBeProblemAsync(
                HttpStatusCode.UnprocessableEntity, ProblemCodes.UnknownClaim);
        }

        await owned.ClaimAsync(code).ShouldBeProblemAsync(
            HttpStatusCode.TooManyRequests, ProblemCodes.TooManyAttempts);
        _wall.Advance(ClaimAttempts.Window);
        code = await owned.CodeAsync();
        await owned.ClaimAsync(code).ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Guessing_with_ever_new_keys_ends_too()
    {
        using var owned = await OwnedGateway.WithUserAsync(_host);
        for (var i = 0; i < ClaimAttempts.MaxWrongOfAddress; i++)
        {
            using var key = SigningKey.Generate();
            await _host.PostAsync(key, $"/api/gateways/{key}/claim", new ClaimGatewayRequest(ClaimCode.Make()))
                .ShouldBeStatusAsync(HttpStatusCode.UnprocessableEntity);
        }

        await owned.ClaimAsync(await owned.CodeAsync()).ShouldBeProblemAsync(
            HttpStatusCode.TooManyRequests, ProblemCodes.TooManyAttempts);
    }

    [Fact]
    public async Task An_owner_has_five_open_codes_at_most_and_unfit_names_are_refused()
    {
        using var owned = await OwnedGateway.WithUserAsync(_host);
        for (var i = 0; i < GatewayClaims.MaxOpen; i++)
        {
            _ = await owned.CodeAsync();
        }

        await _host.PostAsync(owned.Owner, "/api/gateways/claims", new MakeClaimRequest("x", "z"))
            .ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, ProblemCodes.TooManyClaims);
        _wall.Advance(GatewayClaims.Lifetime);
        _ = await owned.CodeAsync();
        foreach (var (name, zone) in new[] { ("", "z"), ("x", "zone one"), ("x\n", "z"), (new string('x', 81), "z") })
        {
            await _host.PostAsync(owned.Owner, "/api/gateways/claims", new MakeClaimRequest(name, zone))
                .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        }
    }
}
