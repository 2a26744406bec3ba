using System.Globalization;
using System.Net;
using GridTokenX.CloudCore.Tests.Gateways;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Tests.Operations;

/// <summary>What owners and operators see of gateways, devices and the outbox, list by list.</summary>
public sealed class OverviewTests : IAsyncLifetime
{
    private CloudHost _host = null!;

    public async Task InitializeAsync() => _host = await CloudHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task An_owner_sees_his_gateways_and_an_operator_all_page_by_page()
    {
        using var first = await OwnedGateway.ClaimedAsync(_host);
        using var second = await OwnedGateway.ClaimedAsync(_host, first.Owner);
        using var strangers = await OwnedGateway.ClaimedAsync(_host);
        using var device = SigningKey.Generate();
        await first.PairAsync("MTR-1", device).ShouldBeStatusAsync(HttpStatusCode.OK);
        var sight = new DeviceSummary(device.PublicKey, true, 17, CloudHost.Noon, 873, null);
        await _host.PostAsync(
            first.Gateway,
            $"{first.Path}/summary",
            new GatewaySummary(null, 5, CloudHost.Noon, 2, ["clock"], [sight])).ShouldBeStatusAsync(HttpStatusCode.OK);

        var own = await GatewaysAsync(first.Owner, string.Empty);
        own.Gateways.Select(static gateway => gateway.Gateway)
            .ShouldBe([first.Gateway.PublicKey, second.Gateway.PublicKey], ignoreOrder: true);
        var told = own.Gateways.Single(gateway => gateway.Gateway == first.Gateway.PublicKey);
        (told.Devices, told.DevicesOnline, told.Owner, told.Zone)
            .ShouldBe((1, 1, first.Owner.PublicKey, "zone-1"));
        (told.Health!.Backlog, told.Health.Quarantined, told.Health.Alarms.Single()).ShouldBe((5, 2, "clock"));
        own.Gateways.Single(gateway => gateway.Gateway != first.Gateway.PublicKey).Health.ShouldBeNull();

        List<Key32> all = [];
        string? cursor = null;
        do
        {
            var query = cursor is null ? "?limit=1" : $"?limit=1&cursor={cursor}";
            var page = await GatewaysAsync(_host.OperatorKey, query);
            page.Gateways.Count.ShouldBe(1);
            all.Add(page.Gateways[0].Gateway);
            cursor = page.Next;
        }
        while (cursor is not null);
        all.ShouldBe(
            [first.Gateway.PublicKey, second.Gateway.PublicKey, strangers.Gateway.PublicKey], ignoreOrder: true);
        (await GatewaysAsync(_host.OperatorKey, $"?wallet={strangers.Owner}")).Gateways.ShouldHaveSingleItem();
        await _host.GetAsync(strangers.Owner, $"/api/gateways?wallet={first.Owner}")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
    }

    [Fact]
    public async Task Devices_are_listed_by_what_they_need()
    {
        using var reading = await VirtualHome.RegisteredAsync(_host);
        using var silent = await VirtualHome.RegisteredAsync(_host);
        using var revoked = await VirtualHome.RegisteredAsync(_host);
        await _host.PostAsync(reading.Gateway, reading.ReadingsPath, reading.Reading(1))
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        await _host.PostAsync(_host.OperatorKey, $"/api/meters/{revoked.MeterId}/revoke", new RefreshRequest())
            .ShouldBeStatusAsync(HttpStatusCode.NoContent);

        (await DevicesAsync("?limit=2")).Devices.Count.ShouldBe(2);
        var all = (await DevicesAsync(string.Empty)).Devices;
        var listed = all.Single(device => device.MeterId == reading.MeterId);
        (listed.Device, listed.Owner, listed.OwnerName, listed.Gateway, listed.AcceptedSequence).ShouldBe(
            (reading.Device.PublicKey, reading.Address, "Ann", reading.Gateway.PublicKey, 1));
        (await MetersAsync("?state=silent")).ShouldBe([silent.MeterId]);
        (await MetersAsync("?state=revoked")).ShouldBe([revoked.MeterId]);
        (await MetersAsync("?state=unpaired")).ShouldBe([reading.MeterId, silent.MeterId], ignoreOrder: true);
        (await MetersAsync($"?gateway={silent.Gateway}")).ShouldBe([silent.MeterId]);
        (await MetersAsync("?zone=elsewhere")).ShouldBeEmpty();
        var page = await DevicesAsync("?limit=1");
        var next = await DevicesAsync($"?limit=500&cursor={page.Next}");
        page.Devices.Concat(next.Devices).ShouldBe(all);
        await _host.GetAsync(_host.OperatorKey, "/api/operator/devices?state=lost")
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
    }

    [Fact]
    public async Task Health_names_every_part_and_what_is_the_matter()
    {
        using var owned = await OwnedGateway.ClaimedAsync(_host);
        var health = await HealthAsync();
        health.Parts.Select(static part => part.Name)
            .ShouldBe(["chain", "database", "devices", "gateways", "outbox"]);
        health.Status.ShouldBe("degraded");
        Part(health, "gateways").ShouldBe(("degraded", "1 registered, 1 silent, 0 with alarms, 0 readings to come"));
        Part(health, "database").Status.ShouldBe("healthy");
        Part(health, "outbox").Status.ShouldBe("healthy");

        await _host.PostAsync(
            owned.Gateway, $"{owned.Path}/summary", new GatewaySummary(null, 7, CloudHost.Noon, 0, ["uplink"], []))
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        Part(await HealthAsync(), "gateways")
            .ShouldBe(("degraded", "1 registered, 0 silent, 1 with alarms, 7 readings to come"));
    }

    [Fact]
    public async Task What_is_under_way_can_be_set_aside_with_a_reason_and_taken_up_again()
    {
        await using var command = _host.Database.CreateCommand(
            """
            insert into chain_outbox (intent_id, kind, intent, status, attempts, next_attempt_at, created_at)
            values (gen_random_uuid(), 'grant_money', '{}', 'confirmed', 0, now(), now()),
                   (gen_random_uuid(), 'grant_money', '{}', 'pending', 3, now() + interval '1 day', now())
            returning id
            """);
        List<long> ids = [];
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                ids.Add(reader.GetInt64(0));
            }
        }

        await ParkAsync(ids[0], "too late").ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
        await ParkAsync(ids[1], " \n").ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        var parked = await ParkAsync(ids[1], "the receiver asks to wait")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OutboxEntry);
        (parked.Status, parked.LastError).ShouldBe(("parked", "parked by an operator: the receiver asks to wait"));
        var attention = await _host.GetAsync(_host.OperatorKey, "/api/operator/outbox?status=attention")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OutboxPage);
        attention.Entries.Select(static entry => entry.Id).ShouldBe([ids[1]]);
        var outbox = Part(await HealthAsync(), "outbox");
        outbox.Status.ShouldBe("degraded");
        outbox.Detail.ShouldNotBeNull().ShouldContain("1 parked");

        var path = string.Create(CultureInfo.InvariantCulture, $"/api/operator/outbox/{ids[1]}/retry");
        var retried = await _host.PostAsync(_host.OperatorKey, path, new RefreshRequest())
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OutboxEntry);
        (retried.Status, retried.Attempts).ShouldBe(("pending", 0));
    }

    private Task<HttpResponseMessage> ParkAsync(long id, string reason) => _host.PostAsync(
        _host.OperatorKey,
        string.Create(CultureInfo.InvariantCulture, $"/api/operator/outbox/{id}/park"),
        new ParkRequest(reason));

    private Task<GatewayList> GatewaysAsync(SigningKey caller, string query) =>
        _host.GetAsync(caller, $"/api/gateways{query}").ShouldBeAsync(
            HttpStatusCode.OK, ProtocolJson.Default.GatewayList);

    private Task<DeviceList> DevicesAsync(string query) =>
        _host.GetAsync(_host.OperatorKey, $"/api/operator/devices{query}").ShouldBeAsync(
            HttpStatusCode.OK, ProtocolJson.Default.DeviceList);

    private async Task<IEnumerable<string>> MetersAsync(string query) =>
        (await DevicesAsync(query)).Devices.Select(static device => device.MeterId);

    private Task<OperationsHealth> HealthAsync() => _host.GetAsync(_host.OperatorKey, "/api/operator/health")
        .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OperationsHealth);

    private static (string Status, string? Detail) Part(OperationsHealth health, string name)
    {
        var part = health.Parts.Single(part => part.Name == name);
        return (part.Status, part.Detail);
    }
}
