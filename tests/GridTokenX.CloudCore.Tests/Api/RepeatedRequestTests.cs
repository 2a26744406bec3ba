using System.Net;
using System.Net.Http.Json;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Api;

/// <summary>
/// What happens to a request that comes twice because its answer was lost: every operation that changes something says
/// so here.
/// </summary>
public sealed class RepeatedRequestTests : IAsyncLifetime
{
    /// <summary>
    /// <c>key</c>: under the same Idempotency-Key it is one request. <c>same</c>: what it asks for is a state, a name
    /// or a number of its own; once more changes nothing. <c>once</c>: what it needs is used up, the second is refused.
    /// <c>new</c>: nothing but a new secret or paper comes of it, of which the older one stays good or dies by time.
    /// </summary>
    private const string Operations =
        """
        key  POST /api/trading/orders/create
        key  POST /api/trading/orders/batch
        key  POST /api/trading/orders/match
        key  POST /api/trading/orders/cancel
        key  POST /api/operator/grants
        same POST /simulation/advance
        same PUT /api/admin/users/{}/roles
        same PUT /api/operator/maintenance
        same POST /api/users
        same POST /api/users/{}/verify
        same POST /api/gateways
        same POST /api/gateways/{}/readings
        same POST /api/gateways/{}/summary
        same POST /api/gateways/{}/claim
        same POST /api/gateways/{}/meters
        same POST /api/gateways/{}/devices/{}/confirm
        same POST /api/gateways/{}/release
        same POST /api/meters
        same POST /api/meters/{}/revoke
        same POST /api/meters/submit-reading
        same POST /api/web/welcome
        same POST /api/auth/sign-out
        once DELETE /api/auth/sessions/{}
        once POST /api/operator/outbox/{}/retry
        once POST /api/operator/outbox/{}/park
        once POST /api/auth/wallet
        once POST /api/auth/verify
        once POST /api/auth/refresh
        once POST /api/auth/password/reset
        once POST /api/auth/password/change
        new  POST /api/auth/nonce
        new  POST /api/auth/register
        new  POST /api/auth/password
        new  POST /api/auth/password/forgot
        new  POST /api/gateways/claims
        new  POST /api/wallets/export
        new  POST /api/trading/orders/prepare
        """;

    private CloudHost _host = null!;

    public async Task InitializeAsync() => _host = await CloudHost.StartAsync(new CloudHostOptions
    {
        Settings = new Dictionary<string, string> { ["Web:WelcomeGrx"] = "25" },
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public void Every_operation_that_changes_something_says_what_a_second_request_does()
    {
        var changing = Changing().Select(static operation => operation.Name).Distinct().Order(StringComparer.Ordinal);
        Described().Select(static line => line.Name).Order(StringComparer.Ordinal).ShouldBe(changing);
    }

    [Fact]
    public async Task What_moves_money_is_refused_without_a_key()
    {
        var keyed = Changing().Where(static operation => operation.Endpoint.Has(EndpointTrait.NeedsIdempotencyKey))
            .Select(static operation => operation.Name).Order(StringComparer.Ordinal).ToList();
        keyed.ShouldBe(Described().Where(static line => line.Kind == "key")
            .Select(static line => line.Name).Order(StringComparer.Ordinal));
        foreach (var name in keyed)
        {
            using var content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
            await _host.Client(_host.OperatorKey).PostAsync(name.Split(' ')[1], content)
                .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.IdempotencyKeyRequired);
        }
    }

    [Fact]
    public async Task What_asks_for_a_state_is_answered_the_same_and_done_once()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var maker = SigningKey.Generate();
        var reading = home.Reading(1, CloudHost.Noon);
        (SigningKey Signer, string Method, string Path, object Body)[] requests =
        [
            (home.Wallet, "POST", "/api/users", new RegisterUserRequest("Ann", "prosumer")),
            (_host.OperatorKey, "POST", $"/api/users/{home.UserId}/verify", new RefreshRequest()),
            (_host.OperatorKey, "PUT", $"/api/admin/users/{home.UserId}/roles", new RolesRequest(["ami"])),
            (_host.OperatorKey, "PUT", "/api/operator/maintenance", new MaintenanceRequest(false)),
            (_host.OperatorKey, "POST", "/api/gateways", new RegisterGatewayRequest(maker.PublicKey, "Gateway")),
            (home.Wallet, "POST", "/api/meters", home.Registration()),
            (home.Wallet, "POST", "/api/web/welcome", new RefreshRequest()),
            (home.Gateway, "POST", $"/api/gateways/{home.Gateway}/summary",
                new GatewaySummary(null, 7, CloudHost.Noon, 0, ["uplink"], [])),
        ];
        foreach (var (signer, method, path, body) in requests)
        {
            var first = await AnswerAsync(signer, method, path, body);
            var before = await RowsAsync();
            var second = await AnswerAsync(signer, method, path, body);
            second.ShouldBe(first, path);
            (await RowsAsync()).ShouldBe(before, path);
        }

        // A reading that was there already says so.
        var accepted = await AnswerAsync(home.Gateway, "POST", home.ReadingsPath, reading);
        accepted.Body.ShouldContain("\"accepted\"");
        var rows = await RowsAsync();
        var duplicate = await AnswerAsync(home.Gateway, "POST", home.ReadingsPath, reading);
        duplicate.Body.ShouldBe(accepted.Body.Replace("accepted", "duplicate", StringComparison.Ordinal));
        (await RowsAsync()).ShouldBe(rows);
    }

    private async Task<(HttpStatusCode Status, string Body)> AnswerAsync(
        SigningKey signer, string method, string path, object body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = JsonContent.Create(body, ProtocolJson.Default.GetTypeInfo(body.GetType())!);
        using var response = await _host.Client(signer).SendAsync(request);
        response.IsSuccessStatusCode.ShouldBeTrue(path);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>How much there is of everything that a request could have made twice.</summary>
    private async Task<string> RowsAsync()
    {
        await using var command = _host.Database.CreateCommand(
            """
            select concat_ws(' ', (select count(*) from users), (select count(*) from gateways),
                             (select count(*) from meters), (select count(*) from readings),
                             (select count(*) from grants), (select count(*) from chain_outbox))
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private IEnumerable<(string Name, RouteEndpoint Endpoint)> Changing() =>
        _host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(OpenApiDocument.IsOperation)
            .SelectMany(static endpoint => OpenApiDocument.MethodsOf(endpoint)
                .Where(static method => method is not ("GET" or "HEAD"))
                .Select(method => (Name: Shape(method, OpenApiDocument.PathOf(endpoint)), endpoint)));

    private static IEnumerable<(string Kind, string Name)> Described() => Operations.Split('\n')
        .Select(static line => line.Trim().Split(' ', 2, StringSplitOptions.RemoveEmptyEntries))
        .Select(static parts => (parts[0], parts[1].TrimStart()));

    /// <summary>Without names of parameters.</summary>
    private static string Shape(string method, string path) => $"{method} " + string.Join(
        '/', path.Split('/').Select(static part => part.StartsWith('{') ? "{}" : part));
}
