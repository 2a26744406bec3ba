using System.Net;
using System.Net.Http.Json;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;

namespace GridTokenX.CloudCore.Tests.Accounts;

public sealed class RoleTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly CloudHost _host = fixture.Host;

    [Fact]
    public async Task A_role_counts_for_tokens_and_signatures_at_once_and_ends_at_once()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var visitor = new Visitor(_host);
        await visitor.SignInAsync(home.Wallet);
        await ForbiddenAsync(visitor.GetAsync("/api/operator/report"));
        await ForbiddenAsync(_host.GetAsync(home.Wallet, "/api/operator/report"));

        (await SetAsync(home.UserId, "operator")).Roles.ShouldBe(["prosumer", "operator"]);
        await visitor.GetAsync("/api/operator/report").ShouldBeStatusAsync(HttpStatusCode.OK);
        await _host.GetAsync(home.Wallet, "/api/operator/report").ShouldBeStatusAsync(HttpStatusCode.OK);
        await ForbiddenAsync(visitor.GetAsync("/api/admin/letters"));
        await ForbiddenAsync(
            visitor.SendAsync(HttpMethod.Put, $"/api/admin/users/{home.UserId}/roles", new RolesRequest(["admin"])));

        (await SetAsync(home.UserId)).Roles.ShouldBe(["prosumer"]);
        await ForbiddenAsync(visitor.GetAsync("/api/operator/report"));
        await ForbiddenAsync(_host.GetAsync(home.Wallet, "/api/operator/report"));
    }

    [Fact]
    public async Task An_administrator_gives_roles()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var other = await VirtualHome.RegisteredAsync(_host);
        _ = await SetAsync(home.UserId, "admin");
        using var visitor = new Visitor(_host);
        await visitor.SignInAsync(home.Wallet);
        var roles = await visitor.SendAsync(
            HttpMethod.Put, $"/api/admin/users/{other.UserId}/roles", new RolesRequest(["ami", "ami"]))
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.UserRoles);
        roles.Roles.ShouldBe(["prosumer", "ami"]);
    }

    [Fact]
    public async Task Other_roles_and_other_users_do_not_exist()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        await PutAsync(home.UserId, "prosumer")
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        await PutAsync(Guid.NewGuid(), "ami").ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
    }

    [Fact]
    public async Task A_token_is_no_gateway()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var visitor = new Visitor(_host);
        await visitor.SignInAsync(home.Gateway);
        await ForbiddenAsync(visitor.GetAsync($"/api/gateways/{home.Gateway}/devices"));
    }

    private Task<UserRoles> SetAsync(Guid user, params string[] roles) =>
        PutAsync(user, roles).ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.UserRoles);

    private async Task<HttpResponseMessage> PutAsync(Guid user, params string[] roles)
    {
        using var content = JsonContent.Create(new RolesRequest(roles), ProtocolJson.Default.RolesRequest);
        return await _host.Client(_host.OperatorKey).PutAsync($"/api/admin/users/{user}/roles", content);
    }

    private static Task ForbiddenAsync(Task<HttpResponseMessage> sending) =>
        sending.ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
}
