using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Tests.Accounts;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace GridTokenX.CloudCore.Tests.Api;

/// <summary>
/// Every endpoint for everybody. What is named in braces belongs to the prosumer: that column is somebody's own, the
/// others of a row are somebody else's. <c>+</c> is let through, whatever comes of it; a number is the answer.
/// </summary>
public sealed class AuthorisationTests : IAsyncLifetime, IDisposable
{
    private const string Matrix =
        """
        endpoint                                            anonymous consumer prosumer ami operator admin gateway
        GET    /health                                              +        +        +   +        +     +       +
        GET    /health/ready                                        +        +        +   +        +     +       +
        GET    /api/openapi.json                                    +        +        +   +        +     +       +
        POST   /simulation/advance                                  +        +        +   +        +     +       +
        GET    /simulation/status                                   +        +        +   +        +     +       +
        GET    /ws                                                  +        +        +   +        +     +       +
        GET    /api/live                                            +        +        +   +        +     +       +
        POST   /api/auth/nonce                                      +        +        +   +        +     +       +
        POST   /api/auth/wallet                                   401      401      401 401      401   401     401
        POST   /api/auth/register                                   +        +        +   +        +     +       +
        POST   /api/auth/verify                                   422      422      422 422      422   422     422
        POST   /api/auth/password                                 401      401      401 401      401   401     401
        POST   /api/auth/password/forgot                            +        +        +   +        +     +       +
        POST   /api/auth/password/reset                           422      422      422 422      422   422     422
        POST   /api/auth/password/change                          401        +        +   +        +     +       +
        POST   /api/auth/refresh                                  401      401      401 401      401   401     401
        GET    /api/auth/me                                       401        +        +   +        +     +       +
        GET    /api/auth/sessions                                 401        +        +   +        +     +       +
        DELETE /api/auth/sessions/{session}                       401      404      204 404      404   404     404
        PUT    /api/admin/users/{user}/roles                      401      403      403 403      403     +     403
        GET    /api/admin/letters                                 401      403      403 403      403     +     403
        GET    /api/operator/audit                                401      403      403 403        +     +     403
        GET    /api/operator/audit/verify                         401      403      403 403        +     +     403
        GET    /api/operator/report                               401      403      403 403        +     +     403
        GET    /api/operator/links                                401      403      403 403        +     +     403
        GET    /api/operator/outbox                               401      403      403 403        +     +     403
        POST   /api/operator/outbox/{row}/retry                   401      403      403 403        +     +     403
        POST   /api/operator/outbox/{row}/park                    401      403      403 403        +     +     403
        GET    /api/operator/health                               401      403      403 403        +     +     403
        GET    /api/operator/devices                              401      403      403 403        +     +     403
        GET    /api/operator/users                                401      403      403 403        +     +     403
        GET    /api/operator/maintenance                          401      403      403 403        +     +     403
        PUT    /api/operator/maintenance                          401      403      403 403        +     +     403
        GET    /api/operator/reconciliation                       401      403      403 403        +     +     403
        POST   /api/operator/grants                               401      403      403 403        +     +     403
        POST   /api/users                                         401        +        +   +        +     +       +
        GET    /api/users/me                                      401        +        +   +        +     +       +
        POST   /api/users/{user}/verify                           401      403      403 403        +     +     403
        POST   /api/wallets/export                                401      403      403 403      403   403       +
        GET    /api/wallets/{wallet}/balances                     401      403        + 403        +     +     403
        GET    /api/balances                                      401        +        +   +        +     +       +
        POST   /api/gateways                                      401      403      403 403        +     +     403
        GET    /api/gateways/{gateway}/devices                    401      403      403 403      403   403       +
        POST   /api/gateways/{gateway}/readings                   401      403      403 403      403   403       +
        GET    /api/gateways/{other_gateway}/devices              401      403      403 403      403   403     403
        POST   /api/meters                                        401        +        +   +        +     +       +
        GET    /api/gateways                                      401        +        +   +        +     +       +
        GET    /api/gateways?wallet={wallet}                      401      403        + 403        +     +     403
        GET    /api/gateways/{gateway}                            401      403        + 403        +     +       +
        POST   /api/gateways/claims                               401        +        +   +        +     +       +
        POST   /api/gateways/{gateway}/claim                      401      403      403 403      403   403     422
        POST   /api/gateways/{gateway}/release                    401      403        + 403        +     +     403
        POST   /api/gateways/{gateway}/meters                     401      403      403 403      403   403     422
        POST   /api/gateways/{gateway}/devices/{device}/confirm   401      403      403 403      403   403       +
        POST   /api/gateways/{gateway}/summary                    401      403      403 403      403   403       +
        POST   /api/gateways/{other_gateway}/summary              401      403      403 403      403   403     403
        POST   /api/meters/{other_meter}/revoke                   401      403      403 403        +     +     403
        GET    /api/meters                                        401        +        +   +        +     +       +
        GET    /api/meters?wallet={wallet}                        401      403        + 403        +     +     403
        GET    /api/meters/{meter}                                401      403        +   +        +     +     403
        POST   /api/meters/submit-reading                           +        +        +   +        +     +       +
        GET    /api/readings                                      401        +        +   +        +     +       +
        GET    /api/readings?meter_id={meter}                     401      403        +   +        +     +     403
        GET    /api/mints                                         401        +        +   +        +     +       +
        GET    /api/mints?wallet={wallet}                         401      403        + 403        +     +     403
        POST   /api/trading/orders/prepare                        401        +        +   +        +     +       +
        POST   /api/trading/orders/create                         401      403        + 403      403   403     403
        POST   /api/trading/orders/batch                          401      403        + 403      403   403     403
        POST   /api/trading/orders/match                          401      403        + 403      403   403     403
        GET    /api/trading/orders                                401        +        +   +        +     +       +
        GET    /api/trading/orders?wallet={wallet}                401      403        + 403        +     +     403
        GET    /api/trading/orders/active                           +        +        +   +        +     +       +
        GET    /api/trading/orders/{order}                        401      403        + 403        +     +     403
        POST   /api/trading/orders/cancel                         401      403        + 403      403   403     403
        GET    /api/trading/history                               401        +        +   +        +     +       +
        GET    /api/trading/history?wallet={wallet}               401      403        + 403        +     +     403
        GET    /api/settlements                                   401        +        +   +        +     +       +
        GET    /api/settlements?wallet={wallet}                   401      403        + 403        +     +     403
        GET    /api/locks                                         401        +        +   +        +     +       +
        GET    /api/locks?wallet={wallet}                         401      403        + 403        +     +     403
        GET    /api/market/book                                     +        +        +   +        +     +       +
        GET    /api/market/epochs                                   +        +        +   +        +     +       +
        GET    /api/market/epochs/{number}                          +        +        +   +        +     +       +
        GET    /api/market/data?zone=zone-1                         +        +        +   +        +     +       +
        GET    /api/market/history?zone=zone-1                      +        +        +   +        +     +       +
        GET    /api/carbon                                        401        +        +   +        +     +       +
        GET    /api/carbon?wallet={wallet}                        401      403        + 403        +     +     403
        GET    /api/yields                                        401        +        +   +        +     +       +
        GET    /api/yields?wallet={wallet}                        401      403        + 403        +     +     403
        GET    /api/operator/metrics                              401      403      403 403        +     +     403
        GET    /metrics                                             +        +        +   +        +     +       +
        GET    /api/web                                             +        +        +   +        +     +       +
        GET    /api/neighbourhood?zone=zone-1                       +        +        +   +        +     +       +
        POST   /api/web/welcome                                   401      403      403 403      403   403     403
        GET    /api/chain                                           +        +        +   +        +     +       +
        POST   /api/auth/sign-out                                 401        +        +   +        +     +       +
        """;

    private readonly FakeChain _chain = new();
    private readonly Dictionary<string, Visitor> _visitors = [];
    private readonly Dictionary<string, string> _names = [];
    private CloudHost _host = null!;
    private VirtualHome _owner = null!;
    private Visitor _second = null!;
    private JsonObject _document = null!;

    private sealed record Row(string Method, string Path, string[] Expected);

    private static string[] Callers => Cells(Matrix.Split('\n')[0])[1..];

    private static IReadOnlyList<Row> Rows => [.. Matrix.Split('\n').Skip(1).Select(Cells)
        .Select(static cells => new Row(cells[0], cells[1], cells[2..]))];

    public async Task InitializeAsync()
    {
        _host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string>
            {
                ["Accounts:FreeAttempts"] = "100",
                ["Accounts:FreeAttemptsOfAddress"] = "100000",
            },
            Replace = services =>
            {
                _ = services.RemoveAll<IEnergyChain>().AddSingleton<IEnergyChain>(_chain);
                foreach (var service in services.Where(static service =>
                    service.ServiceType == typeof(IHostedService)
                    && service.ImplementationType?.Namespace == typeof(OutboxSender).Namespace).ToList())
                {
                    _ = services.Remove(service);
                }
            },
        });
        _document = JsonNode.Parse(await _host.Client().GetStringAsync("/api/openapi.json"))!.AsObject();
        foreach (var name in new[] { "consumer", "prosumer", "ami", "operator", "admin" })
        {
            var home = await VirtualHome.RegisteredAsync(_host, wallet: "managed");
            if (name is "ami" or "operator" or "admin")
            {
                using var content = System.Net.Http.Json.JsonContent.Create(
                    new RolesRequest([name]), ProtocolJson.Default.RolesRequest);
                await _host.Client(_host.OperatorKey).PutAsync($"/api/admin/users/{home.UserId}/roles", content)
                    .ShouldBeStatusAsync(System.Net.HttpStatusCode.OK);
            }

            _visitors[name] = new Visitor(_host);
            await _visitors[name].SignInAsync(home.Wallet);
            _owner = name == "prosumer" ? home : _owner;
        }

        _second = new Visitor(_host);
        await _second.SignInAsync(_owner.Wallet);
        using var other = await VirtualHome.RegisteredAsync(_host);
        await NameAsync(other);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose()
    {
        foreach (var visitor in _visitors.Values)
        {
            visitor.Dispose();
        }

        _second.Dispose();
        _owner.Dispose();
    }

    [Fact]
    public void Every_endpoint_is_in_the_matrix_and_nothing_else()
    {
        var mapped = _host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(OpenApiDocument.IsOperation)
            .SelectMany(static endpoint => OpenApiDocument.MethodsOf(endpoint)
                .Select(method => Shape(method, OpenApiDocument.PathOf(endpoint))));
        Rows.Select(static row => Shape(row.Method, row.Path)).Distinct().Order(StringComparer.Ordinal)
            .ShouldBe(mapped.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Only_the_pages_own_addresses_are_left_out_and_everybody_may_read_them()
    {
        var pages = _host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.Metadata.GetMetadata<Access>() is not null
                && !OpenApiDocument.IsOperation(endpoint)).ToList();
        pages.ShouldNotBeEmpty();
        foreach (var page in pages)
        {
            OpenApiDocument.PathOf(page).ShouldNotStartWith("/api");
            OpenApiDocument.MethodsOf(page).ShouldBe(["GET", "HEAD"]);
            page.Metadata.GetRequiredMetadata<Access>().Kind.ShouldBe(AccessKind.Public);
        }
    }

    [Fact]
    public async Task Everybody_may_do_what_the_matrix_says_and_no_more()
    {
        var differences = new List<string>();
        foreach (var row in Rows)
        {
            row.Expected.Length.ShouldBe(Callers.Length, row.Path);
            foreach (var (caller, expected) in Callers.Zip(row.Expected))
            {
                using var response = await SendAsync(row, caller);
                var status = (int)response.StatusCode;
                var fits = expected == "+"
                    ? status is not (401 or 403 or 404 or 429 or 500) || IsAbsence(row, caller, status)
                    : status == int.Parse(expected, CultureInfo.InvariantCulture);
                if (!fits)
                {
                    differences.Add(
                        $"{row.Method} {row.Path} as {caller}: {status} instead of {expected}: "
                        + await response.Content.ReadAsStringAsync());
                }
            }
        }

        differences.ShouldBeEmpty(string.Join('\n', differences));
    }

    /// <summary>The caller is let through, and there is nothing: a gateway is no user, a row is not there.</summary>
    private static bool IsAbsence(Row row, string caller, int status) => status == 404
        && (caller == "gateway"
            || row.Path is "/api/auth/password/change" or "/api/operator/outbox/{row}/retry"
                or "/api/operator/outbox/{row}/park" or "/api/market/epochs/{number}" or "/api/meters/submit-reading");

    private async Task<HttpResponseMessage> SendAsync(Row row, string caller)
    {
        var path = _names.Aggregate(
            row.Path, static (path, name) => path.Replace($"{{{name.Key}}}", name.Value, StringComparison.Ordinal));
        using var request = new HttpRequestMessage(new HttpMethod(row.Method), path);
        request.Headers.Add("Idempotency-Key", $"key-{Guid.NewGuid()}");
        if (BodyOf(row) is { } body)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        if (caller == "gateway")
        {
            return await _host.Client(_owner.Gateway).SendAsync(request);
        }

        if (caller != "anonymous")
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Bearer", _visitors[caller].Tokens!.AccessToken);
        }

        return await _host.Client().SendAsync(request);
    }

    private string? BodyOf(Row row) => row.Path switch
    {
        "/api/operator/maintenance" when row.Method == "PUT" => Json(new MaintenanceRequest(false)),
        "/api/trading/orders/create" => Json(new CreateOrderRequest(1, 1, SellerWallet: _owner.Address)),
        "/api/trading/orders/batch" => Json(new PlaceOrdersRequest(
            [new CreateOrderRequest(1, 1, SellerWallet: _owner.Address)])),
        "/api/trading/orders/match" => Json(new MatchOrderRequest(_owner.Address, Guid.Parse(_names["order"]))),
        "/api/trading/orders/cancel" => Json(new CancelOrderRequest(Guid.Parse(_names["order"]))),
        _ => ExampleOf(row),
    };

    /// <summary>The example of the API's document.</summary>
    private string? ExampleOf(Row row)
    {
        var shape = Shape(row.Method, row.Path);
        var operation = _document["paths"]!.AsObject()
            .SelectMany(static path => path.Value!.AsObject().Select(
                operation => (Shape: Shape(operation.Key.ToUpperInvariant(), path.Key), operation.Value)))
            .First(operation => operation.Shape == shape).Value!;
        var schema = operation["requestBody"]?["content"]?["application/json"]?["schema"];
        return schema is null ? null : new JsonSchema(_document).Resolve(schema)!["examples"]![0]!.ToJsonString();
    }

    private async Task NameAsync(VirtualHome other)
    {
        var order = Guid.NewGuid();
        await using var command = _host.Database.CreateCommand(
            """
            insert into orders (id, owner_id, side, zone, epoch, energy_wh, limit_price, status, escrow, created_at,
                                expires_at, chain_order_id, chain_expires_at, rent_payer, fee_bps)
            values ($1, $2, 'sell', 'zone-1', 202606011200, 1000, 1000000, 'active', 'held', $3,
                    $3 + interval '1 hour', 1, $3 + interval '2 hours', decode(repeat('00', 32), 'hex'), 100)
            """);
        command.Parameters.Add(new() { Value = order });
        command.Parameters.Add(new() { Value = _owner.UserId });
        command.Parameters.Add(new() { Value = CloudHost.Noon });
        _ = await command.ExecuteNonQueryAsync();
        await using var claim = _host.Database.CreateCommand(
            """
            update gateways set owner_id = $1, zone = 'zone-1', claimed_at = $2, pairing_until = $2 where gateway = $3
            """);
        claim.Parameters.Add(new() { Value = _owner.UserId });
        claim.Parameters.Add(new() { Value = CloudHost.Noon });
        claim.Parameters.Add(new() { Value = _owner.Gateway.PublicKey.ToArray() });
        _ = await claim.ExecuteNonQueryAsync();
        _names["order"] = order.ToString();
        _names["session"] = _second.Tokens!.Session.ToString();
        _names["user"] = other.UserId.ToString();
        _names["wallet"] = _owner.Address.ToString();
        _names["gateway"] = _owner.Gateway.ToString();
        _names["other_gateway"] = other.Gateway.ToString();
        _names["meter"] = _owner.MeterId;
        _names["device"] = _owner.Device.ToString();
        _names["other_meter"] = other.MeterId;
        _names["row"] = "999999";
        _names["number"] = "202606011200";
    }

    private static string Json(object body) => System.Text.Json.JsonSerializer.Serialize(
        body, ProtocolJson.Default.GetTypeInfo(body.GetType())!);

    private static string[] Cells(string line) =>
        line.Split([' ', '\r'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Without query and names of parameters.</summary>
    private static string Shape(string method, string path)
    {
        var parts = path.Split('?')[0].Split('/').Select(static part => part.StartsWith('{') ? "{}" : part);
        return $"{method} {string.Join('/', parts)}";
    }
}
