using System.Net;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.EndToEnd.Tests.Pairing;

/// <summary>From a gateway that is nobody's to a meter that is taken out of service, on real parts.</summary>
public sealed class PairingTests : IAsyncLifetime
{
    private const string MeterId = "MTR-1";
    private PairingStack _stack = null!;

    public async Task InitializeAsync() => _stack = await PairingStack.StartAsync();

    public async Task DisposeAsync() => await _stack.DisposeAsync();

    [Fact]
    public async Task A_meters_life_from_the_gateways_claim_to_its_revocation()
    {
        _ = await _stack.PostAsync(
            _stack.Owner, "/api/users", new RegisterUserRequest("Ann", "prosumer"), ProtocolJson.Default.UserView);
        var gateway = await ClaimedGatewayAsync();

        var first = _stack.AddMeter();
        await PairAsync(gateway, first, killAtComparing: true);
        await CountAsync(first, 1500, expectedKwh: 1.5m);
        await LockAsync(first);

        // Another device takes the meter over: what it had counted on the bench before counts nowhere.
        var second = _stack.AddMeter();
        second.Produce(40_000);
        await PairAsync(gateway, second, replaces: first.Key);
        await CountAsync(second, 10, expectedKwh: 1.5m);
        await CountAsync(second, 700, expectedKwh: 2.2m);
        (await _stack.MeterAsync(MeterId)).Device.ShouldBe(second.Key);

        var other = await ClaimedGatewayAsync();
        await PairAsync(other, second);
        (await _stack.MeterAsync(MeterId)).Gateway.ShouldBe(other.Key);
        await _stack.UntilAsync(async () => (await gateway.StatusAsync()).Devices == 0, "the old gateway forgets it");
        await CountAsync(second, 300, expectedKwh: 2.5m);

        await RevokedAsync(other, second);
    }

    private async Task<PairingGateway> ClaimedGatewayAsync()
    {
        var gateway = await _stack.AddGatewayAsync();
        (await gateway.PageAsync("/")).ShouldContain("Claim this gateway");
        (await gateway.ClaimAsync("GTX-0000-0000-0000")).ShouldNotContain("sign-in");
        await _stack.UntilAsync(
            async () => (await gateway.PageAsync("/")).Contains("does not know that code"), "a wrong code is refused");
        var code = await _stack.ClaimCodeAsync();
        _ = await gateway.ClaimAsync(code.ToLowerInvariant());
        await _stack.UntilAsync(async () => (await gateway.PageAsync("/")).Contains("/sign-in"), "it is claimed");
        _ = await gateway.SignInAsync();
        (await gateway.PageAsync()).ShouldContain("zone-1");
        return gateway;
    }

    private async Task PairAsync(
        PairingGateway gateway, Meter meter, Key32? replaces = null, bool killAtComparing = false)
    {
        var name = meter.Key.ToString();
        await _stack.UntilAsync(
            async () => (await gateway.PageAsync()).Contains($"name=\"device\" value=\"{name}\""), "the device asks");
        var page = await gateway.ActAsync(
            "/pairing/begin", ("device", name), ("meter", MeterId), ("replaces", replaces?.ToString() ?? string.Empty));
        page.ShouldContain("Press the button on the device, shortly");
        meter.PressButton();
        await _stack.UntilAsync(
            async () => meter.PairingCode is { } code
                && (await gateway.PageAsync()).Contains($"<p class=\"code\">{code}"),
            "device and page show the same code");
        (await _stack.MeterAsync(MeterId)).PairingCode.ShouldBe(meter.PairingCode);
        if (killAtComparing)
        {
            await gateway.StopAsync();
            await gateway.StartAsync();
            _ = await gateway.SignInAsync();
        }

        _ = await gateway.ActAsync("/pairing/same", ("device", name));
        meter.PressButton();
        meter.IsPaired.ShouldBeTrue();
        await _stack.UntilAsync(
            async () => (await gateway.PageAsync()).Contains("The device has answered the cloud"),
                "the cloud has proof");
        (await _stack.MeterAsync(MeterId)).Paired.ShouldBeTrue();
        _ = await gateway.ActAsync("/pairing/end", ("device", name));
    }

    private async Task CountAsync(Meter meter, int wattHours, decimal expectedKwh)
    {
        var before = (await _stack.MeterAsync(MeterId)).LastSequence;
        meter.Produce(wattHours);
        await _stack.AdvanceAsync();
        await _stack.UntilAsync(
            async () => (await _stack.MeterAsync(MeterId)).LastSequence > before && meter.Unacknowledged == 0,
            "the reading is accepted");
        (await _stack.MeterAsync(MeterId)).ProductionKwh.ShouldBe(expectedKwh);
    }

    private async Task LockAsync(Meter meter)
    {
        var order = Guid.NewGuid();
        _ = await _stack.QueryAsync(
            """
            insert into orders (id, owner_id, side, zone, epoch, energy_wh, limit_price, filled_wh, status, escrow,
                created_at, expires_at, chain_order_id, rent_payer, chain_expires_at, fee_bps)
            select $1, id, 'sell', 'zone-1', 1, 500, 1000, 500, 'filled', 'held', $2, $3, 1, wallet, $3, 25 from users
            """,
            order,
            _stack.Now,
            _stack.Now.AddHours(2));
        _ = await _stack.QueryAsync(
            """
            insert into device_locks (order_id, device, energy_wh, expires_at, status)
            values ($1, $2, 500, $3, 'queued')
            """,
            order,
            meter.Key.ToArray(),
            _stack.Now.AddHours(2));
        await _stack.AdvanceAsync();
        await _stack.UntilAsync(
            async () => (string?)await _stack.QueryAsync("select status from device_locks") == "acknowledged",
            "the device holds the energy");
        meter.IsLocked.ShouldBeTrue();
    }

    private async Task RevokedAsync(PairingGateway gateway, Meter meter)
    {
        (await _stack.PostAsync(_stack.Operator, $"/api/meters/{MeterId}/revoke")).StatusCode
            .ShouldBe(HttpStatusCode.NoContent);
        await _stack.UntilAsync(async () => (await gateway.StatusAsync()).Devices == 0, "the gateway forgets it");
        var before = await _stack.MeterAsync(MeterId);
        before.RevokedAt.ShouldNotBeNull();
        meter.Produce(5_000);
        await _stack.AdvanceAsync();
        meter.Unacknowledged.ShouldBe(1);
        var after = await _stack.MeterAsync(MeterId);
        (after.LastSequence, after.ProductionKwh).ShouldBe((before.LastSequence, before.ProductionKwh));
        (await gateway.StatusAsync()).Backlog.ShouldBe(0);
    }
}
