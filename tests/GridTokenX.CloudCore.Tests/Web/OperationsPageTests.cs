using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Units;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Web;

/// <summary>What a user with the role of an operator does on the page.</summary>
public sealed class OperationsPageTests(BrowserFixture fixture) : IClassFixture<BrowserFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_operator_looks_after_the_system_and_all_of_it_is_written_down(bool onPhone)
    {
        await using var world = await BrowserWorld.StartAsync();
        using var home = await world.SellerAsync();
        using var someone = await OperatorAsync(world);
        await using var visit = await SignInAsync(
            world, someone, onPhone ? Look.Phone with { Dark = true } : Look.Desktop);
        await SeesHealthAsync(visit);
        await visit.ShouldBeFitForAllAsync("operations-signed-in");

        await VerifiesAsync(world, visit, home);
        var entry = await WaitingGrantAsync(world, home);
        await SetsAsideAsync(visit, entry, "the receiver asks to wait");
        await visit.ShouldBeFitForAllAsync("operations-set-aside");
        await RetriesAsync(world, visit, entry);

        await SwitchAsync(visit, "are refused", "the database moves");
        await visit.Page.GetByText("new orders are refused").WaitForAsync();
        await world.PostAsync(home.Wallet, "/api/trading/orders/create", Order(home), "m")
            .ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, ProblemCodes.Maintenance);
        await visit.ShouldBeFitForAllAsync("operations-maintenance");
        await SwitchAsync(visit, "are taken", null);
        await visit.Page.GetByText("new orders are refused").WaitForAsync(
            new() { State = WaitForSelectorState.Detached });
        await world.SellAsync(home, 0.5m, 3m, "n");

        await SeesWhatWasDoneAsync(visit);
        await visit.ShouldBeFitForAllAsync("operations-audit");
    }

    [Fact]
    public async Task Who_is_no_operator_sees_nothing_of_it()
    {
        await using var world = await BrowserWorld.StartAsync();
        using var home = await VirtualHome.RegisteredAsync(world.Host, world.Gateway);
        await using var visit = await Visit.StartAsync(fixture.Browser, world.Host.Address, Look.Desktop);
        await visit.GoAsync("/sign-in");
        await visit.TakeKeyAsync(home.Wallet);
        await visit.Button("Sign in with the development wallet").ClickAsync();
        await visit.Page.Locator(".standing").WaitForAsync();
        (await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Operations" }).CountAsync()).ShouldBe(0);
        await visit.GoAsync("/operations");
        await visit.Page.GetByText("Only operators").WaitForAsync();
        (await visit.Page.Locator(".card").CountAsync()).ShouldBe(0);
    }

    private static async Task<VirtualHome> OperatorAsync(BrowserWorld world)
    {
        var home = await VirtualHome.RegisteredAsync(world.Host, world.Gateway);
        using var roles = JsonContent.Create(new RolesRequest(["operator"]), ProtocolJson.Default.RolesRequest);
        await world.Host.Client(world.Host.OperatorKey).PutAsync($"/api/admin/users/{home.UserId}/roles", roles)
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        await world.QuietAsync();
        return home;
    }

    private async Task<Visit> SignInAsync(BrowserWorld world, VirtualHome someone, Look look)
    {
        var visit = await Visit.StartAsync(fixture.Browser, world.Host.Address, look);
        await visit.GoAsync("/sign-in");
        await visit.TakeKeyAsync(someone.Wallet);
        await visit.Button("Sign in with the development wallet").ClickAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Operations", Exact = true }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Operations", Exact = true }).WaitForAsync();
        return visit;
    }

    private static async Task SeesHealthAsync(Visit visit)
    {
        var health = Card(visit, "Health");
        await health.GetByText("Something is wrong").WaitForAsync(); // Its gateway was never heard.
        foreach (var part in new[] { "chain", "database", "devices", "gateways", "outbox" })
        {
            await health.GetByText(part, new() { Exact = true }).WaitForAsync();
        }

        await Card(visit, "Gateways and devices").Locator("tbody tr").First.WaitForAsync();
        await Card(visit, "Key metrics").GetByText("Block time", new() { Exact = true }).WaitForAsync();
        await visit.Button("Compare now").ClickAsync();
        await visit.Page.GetByText("compared: no difference").WaitForAsync();
    }

    private static async Task VerifiesAsync(BrowserWorld world, Visit visit, VirtualHome home)
    {
        await using (var command = world.Host.Database.CreateCommand(
            "update users set verified = false, name = 'Newcomer' where id = $1"))
        {
            command.Parameters.Add(new() { Value = home.UserId });
            _ = await command.ExecuteNonQueryAsync();
        }

        await visit.Button("Verify Newcomer").ClickAsync();
        await visit.Page.GetByText("Nobody waits.").WaitForAsync();
        (await world.Host.GetAsync(home.Wallet, "/api/users/me")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.UserView)).Verified.ShouldBeTrue();
        await world.QuietAsync();
    }

    private static async Task SetsAsideAsync(Visit visit, long entry, string reason)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"Set aside entry {entry}");
        await visit.Button(name).ClickAsync();
        await visit.Page.GetByLabel("Why is entry").FillAsync(reason);
        await visit.Button("Set aside").ClickAsync();
        await Card(visit, "Needs a hand").GetByText(reason).WaitForAsync();
        await visit.Button(name).WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }

    /// <summary>It goes to the chain this time.</summary>
    private static async Task RetriesAsync(BrowserWorld world, Visit visit, long entry)
    {
        await visit.Button(string.Create(CultureInfo.InvariantCulture, $"Retry entry {entry}")).ClickAsync();
        await visit.Page.GetByText("Nothing waits for a hand.").WaitForAsync();
        await world.QuietAsync();
        var done = await world.Host.GetAsync(world.Host.OperatorKey, "/api/operator/outbox?status=confirmed")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.OutboxPage);
        done.Entries.Select(static each => each.Id).ShouldContain(entry);
    }

    private static async Task SwitchAsync(Visit visit, string to, string? reason)
    {
        var card = Card(visit, "Maintenance");
        await card.GetByRole(AriaRole.Radio, new() { Name = to }).CheckAsync();
        if (reason is not null)
        {
            await card.GetByLabel("Reason").FillAsync(reason);
        }

        await visit.Button("Apply").ClickAsync();
    }

    private static async Task SeesWhatWasDoneAsync(Visit visit)
    {
        var audit = Card(visit, "Audit log");
        foreach (var action in new[]
        {
            "POST /api/operator/outbox/{id:long}/park", "POST /api/operator/outbox/{id:long}/retry",
            "PUT /api/operator/maintenance",
        })
        {
            await audit.GetByText(action, new() { Exact = true }).First.WaitForAsync();
        }

        await audit.GetByRole(AriaRole.Button, new() { Name = "Verify" }).ClickAsync();
        await audit.GetByText("each follows from the one before").WaitForAsync();
    }

    private static ILocator Card(Visit visit, string title) =>
        visit.Page.GetByRole(AriaRole.Region, new() { Name = title, Exact = true }).First;

    /// <summary>Something for the chain that is not due before tomorrow.</summary>
    private static Task<long> WaitingGrantAsync(BrowserWorld world, VirtualHome home)
    {
        var grant = new GrantMoney(Guid.NewGuid(), home.Address, new MicroGrx(5_000_000));
        return world.Host.Database.TransactAsync(
            async unit =>
            {
                _ = await Grants.WriteAsync(
                    unit,
                    grant,
                    world.Host.Services.GetRequiredService<IChainOutbox>(),
                    world.Now,
                    CancellationToken.None);
                await using var later = new NpgsqlCommand(
                    """
                    update chain_outbox set next_attempt_at = now() + interval '1 day' where intent_id = $1
                    returning id
                    """,
                    unit.Connection,
                    unit.Transaction);
                later.Parameters.Add(new() { Value = grant.Id });
                return (long)(await later.ExecuteScalarAsync())!;
            },
            CancellationToken.None);
    }

    private static CreateOrderRequest Order(VirtualHome home) =>
        new(0.5m, 3m, SellerWallet: home.Address, Zone: BrowserWorld.Zone);
}
