using System.Net;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Microsoft.Playwright;

namespace GridTokenX.CloudCore.Tests.Web;

/// <summary>What an installation asks of an owner, on the page.</summary>
public sealed class EquipmentPageTests(BrowserFixture fixture) : IClassFixture<BrowserFixture>
{
    [Fact]
    public async Task An_owner_claims_a_gateway_lets_it_go_and_revokes_a_meter()
    {
        await using var world = await BrowserWorld.StartAsync();
        using var home = await VirtualHome.RegisteredAsync(world.Host, world.Gateway);
        using var gateway = SigningKey.Generate();
        await using var visit = await Visit.StartAsync(fixture.Browser, world.Host.Address, Look.Phone);
        await visit.GoAsync("/sign-in");
        await visit.TakeKeyAsync(home.Wallet);
        await visit.Button("Sign in with the development wallet").ClickAsync();

        await visit.Page.GetByLabel("Name of the gateway").FillAsync("Shed");
        await visit.Button("Make a code").ClickAsync();
        var code = visit.Page.Locator(".code-shown strong");
        await code.WaitForAsync();
        await world.Host.PostAsync(
            gateway, $"/api/gateways/{gateway}/claim", new ClaimGatewayRequest(await code.InnerTextAsync()))
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        await visit.Button("Let go of Shed").WaitForAsync();
        await visit.ShouldBeFitForAllAsync("equipment");

        await visit.Button("Let go of Shed").ClickAsync();
        await visit.Page.GetByText("Shall Shed be yours no longer?").WaitForAsync();
        await visit.Button("Yes").ClickAsync();
        await visit.Button("Let go of Shed").WaitForAsync(new() { State = WaitForSelectorState.Detached });

        await visit.Button($"Revoke {home.MeterId}").ClickAsync();
        await visit.Page.GetByText($"Revoke {home.MeterId} for good?").WaitForAsync();
        await visit.ShouldBeFitForAllAsync("equipment-question");
        await visit.Button("Yes").ClickAsync();
        await visit.Page.GetByText("revoked", new() { Exact = true }).WaitForAsync();
        (await visit.Button($"Revoke {home.MeterId}").CountAsync()).ShouldBe(0);
    }
}
