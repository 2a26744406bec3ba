using System.Net;
using System.Net.Http.Json;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Json;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Operations;

public sealed class MaintenanceTests : IAsyncLifetime
{
    private CloudHost _host = null!;
    private VirtualHome _home = null!;

    public async Task InitializeAsync()
    {
        _host = await CloudHost.StartAsync();
        _home = await VirtualHome.RegisteredAsync(_host);
    }

    public async Task DisposeAsync()
    {
        _home.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task New_orders_are_refused_with_the_reason_until_it_is_over()
    {
        (await ReadAsync()).ShouldBe(new MaintenanceView(false, null, null, null));
        var on = await SwitchAsync(true, "The chain is being upgraded.");
        (on.Enabled, on.By).ShouldBe((true, _host.OperatorKey.PublicKey));

        foreach (var (path, body) in Orders())
        {
            using var refused = await OrderAsync(path, body);
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, path);
            refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(30));
            var problem = (await refused.Content.ReadFromJsonAsync(ProtocolJson.Default.Problem))!;
            (problem.Code, problem.Detail).ShouldBe((ProblemCodes.Maintenance, "The chain is being upgraded."));
        }

        (await SwitchAsync(false)).Enabled.ShouldBeFalse();
        foreach (var (path, body) in Orders())
        {
            using var answer = await OrderAsync(path, body);
            (await answer.Content.ReadAsStringAsync()).ShouldNotContain(ProblemCodes.Maintenance);
        }
    }

    [Fact]
    public async Task Readings_and_cancellations_go_on_meanwhile()
    {
        _ = await SwitchAsync(true);
        var taken = await _host.PostAsync(_home.Gateway, _home.ReadingsPath, _home.Reading(1))
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.ReadingBatchResponse);
        taken.Results.Single().Status.ShouldBe(ReadingResult.Accepted);
        await OrderAsync("/api/trading/orders/cancel", new CancelOrderRequest(Guid.NewGuid()))
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.UnknownOrder);
    }

    [Fact]
    public async Task Another_process_of_the_same_database_refuses_them_too()
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await using var one = await CloudHost.StartAsync(new CloudHostOptions { Database = database });
        await using var other = await CloudHost.StartAsync(new CloudHostOptions { Database = database });
        using var home = await VirtualHome.RegisteredAsync(one);
        using var content = JsonContent.Create(
            new MaintenanceRequest(true), ProtocolJson.Default.MaintenanceRequest);
        await one.Client(one.OperatorKey).PutAsync("/api/operator/maintenance", content)
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        await Eventually.HoldsAsync(async () =>
        {
            using var request = RequestOf(
                "/api/trading/orders/create", new CreateOrderRequest(1, 1, SellerWallet: home.Address));
            using var answer = await other.Client(home.Wallet).SendAsync(request);
            return (await answer.Content.ReadAsStringAsync())
                .Contains(ProblemCodes.Maintenance, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task The_same_again_changes_nothing_and_every_change_is_in_the_audit_log()
    {
        var on = await SwitchAsync(true, "once");
        (await SwitchAsync(true, "once")).ShouldBe(on);
        _ = await SwitchAsync(false);
        var audit = await _host.GetAsync(_host.OperatorKey, "/api/operator/audit")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.AuditPage);
        audit.Entries.Where(static entry => entry.Action == "maintenance")
            .Select(static entry => (entry.Subject, entry.Detail)).ShouldBe([("off", null), ("on", "once")]);
        audit.Entries.Count(static entry => entry.Action == "PUT /api/operator/maintenance").ShouldBe(6);
    }

    [Fact]
    public async Task A_reason_is_a_line_of_text()
    {
        foreach (var reason in new[] { string.Empty, "two\nlines", new string('x', 201) })
        {
            await PutAsync(new MaintenanceRequest(true, reason))
                .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        }

        (await ReadAsync()).Enabled.ShouldBeFalse();
    }

    private (string Path, object Body)[] Orders() =>
    [
        ("/api/trading/orders/create", new CreateOrderRequest(1, 1, SellerWallet: _home.Address)),
        ("/api/trading/orders/match", new MatchOrderRequest(_home.Address, Guid.NewGuid())),
        ("/api/trading/orders/prepare", new PrepareOrderRequest("sell", 1, 1)),
    ];

    private async Task<HttpResponseMessage> OrderAsync(string path, object body)
    {
        using var request = RequestOf(path, body);
        return await _host.Client(_home.Wallet).SendAsync(request);
    }

    private static HttpRequestMessage RequestOf(string path, object body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = JsonContent.Create(body, ProtocolJson.Default.GetTypeInfo(body.GetType())!),
        };
        request.Headers.Add(SigningHandler.IdempotencyKeyHeader, Guid.NewGuid().ToString());
        return request;
    }

    private Task<MaintenanceView> ReadAsync() => _host.GetAsync(_host.OperatorKey, "/api/operator/maintenance")
        .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.MaintenanceView);

    private Task<MaintenanceView> SwitchAsync(bool enabled, string? reason = null) =>
        PutAsync(new MaintenanceRequest(enabled, reason))
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.MaintenanceView);

    private async Task<HttpResponseMessage> PutAsync(MaintenanceRequest request)
    {
        using var content = JsonContent.Create(request, ProtocolJson.Default.MaintenanceRequest);
        return await _host.Client(_host.OperatorKey).PutAsync("/api/operator/maintenance", content);
    }
}
