using System.Globalization;
using System.Text.Json;
using GridTokenX.Protocol.Json;
using Microsoft.Playwright;

namespace GridTokenX.CloudCore.Tests.Web;

/// <summary>Neighbours with nothing but a browser each, on a real chain.</summary>
public sealed class TwoBrowsersTests(BrowserFixture fixture) : IClassFixture<BrowserFixture>
{
    [Fact]
    public async Task One_lists_one_buys_and_both_see_it_settle_and_check_it_on_the_chain()
    {
        await using var world = await BrowserWorld.StartAsync();
        using var home = new VirtualHome(world.Gateway);
        using var other = new VirtualHome(world.Gateway);
        await using var ann = await Visit.StartAsync(fixture.Browser, world.Host.Address, Look.Desktop);
        await using var bob = await Visit.StartAsync(fixture.Browser, world.Host.Address, Look.Phone);

        // Both have a meter, whose owner's key they bring along.
        await ann.GoAsync("/sign-in");
        await ann.ShouldBeFitForAllAsync("sign-in");
        await ann.TakeKeyAsync(home.Wallet);
        await JoinAsync(ann, "Ann", "prosumer");
        await bob.GoAsync("/sign-in");
        await bob.TakeKeyAsync(other.Wallet);
        await JoinAsync(bob, "Bob", "consumer");
        await world.UntilAsync("both are registered on the chain", async () =>
            await ann.Page.GetByText("Registered on the chain").IsVisibleAsync()
            && await bob.Page.GetByText("Registered on the chain").IsVisibleAsync());
        await bob.Button("Take 100 GRX to try it out").ClickAsync();
        await world.GiveMeterAsync(home);
        await world.GiveMeterAsync(other);
        await world.ProduceAsync(home, 3);
        await ShowsAsync(world, ann, await world.GridOfAsync(home));
        await ShowsAsync(world, bob, "100.00");

        // She lists. He sees it at once, and buys a part of it.
        await ann.Page.GetByRole(AriaRole.Link, new() { Name = "Market", Exact = true }).ClickAsync();
        await ann.Page.GetByLabel("Quantity").FillAsync("2");
        await ann.Page.GetByLabel("Limit price").FillAsync("3.2");
        await ann.Button("Sell 2.000 kWh").ClickAsync();
        await bob.Page.GetByRole(AriaRole.Link, new() { Name = "Market", Exact = true }).ClickAsync();
        await world.UntilAsync("his page shows her offer", () => bob.Button("Buy now").IsVisibleAsync());
        await ann.ShouldBeFitForAllAsync("market-seller");
        await bob.ShouldBeFitForAllAsync("market-buyer");
        await bob.Button("Buy now").ClickAsync();
        await bob.Page.GetByRole(AriaRole.Dialog).GetByLabel("Quantity").FillAsync("1.5");
        await bob.Page.GetByText("≈ 48.00 THB").First.WaitForAsync();
        await bob.ShouldBeFitForAllAsync("checkout");
        await bob.Button("Confirm purchase").ClickAsync();
        await world.UntilAsync("he sees that it is matched", async () =>
            await bob.Page.Locator(".steps .done").CountAsync() >= 3);
        await world.UntilAsync("she sees what is left", async () =>
            await ann.Page.GetByText("partly matched").IsVisibleAsync());

        // The quarter hour ends: it settles in front of both.
        await world.AdvanceAsync(VirtualHome.Interval);
        await world.UntilAsync("he sees that it is settled", async () =>
            await bob.Page.Locator(".steps .done").CountAsync() == 4);
        await bob.ShouldBeFitForAllAsync("checkout-settled");
        await bob.Page.GetByText("See the proof").ClickAsync();
        await ann.Page.GetByRole(AriaRole.Link, new() { Name = "My energy", Exact = true }).ClickAsync();
        var proofs = new[] { await ProofAsync(world, ann, "Sold"), await ProofAsync(world, bob, "Bought") };
        await ann.ShouldBeFitForAllAsync("energy-seller");
        await bob.ShouldBeFitForAllAsync("energy-buyer");
        proofs[0].ShouldBe(proofs[1]);
        var escrow = await ProofAsync(world, ann, "Offered");
        escrow.ShouldNotBe(proofs[0]);
        var (escrowSignature, signature) = (escrow.Split('/')[^1], proofs[0].Split('/')[^1]);
        var table = await ann.DownloadAsync("history.csv", ann.Page.Locator("section", new() { HasText = "History" })
            .Last.GetByRole(AriaRole.Button, new() { Name = "Download as CSV" }));
        table[0].ShouldBe("time,what,energy_kwh,grx,status,signature");
        table.ShouldContain(line => line.Contains(",sold,1.5,", StringComparison.Ordinal)
            && line.EndsWith($",completed,{signature}", StringComparison.Ordinal));
        table.ShouldContain(line => line.Contains(",escrowed_sell,2,", StringComparison.Ordinal)
            && line.EndsWith($",completed,{escrowSignature}", StringComparison.Ordinal));
        foreach (var visit in new[] { ann, bob })
        {
            await visit.Page.Locator($"a[href='{proofs[0]}']").First.ClickAsync();
            await visit.Page.GetByText("succeeded", new() { Exact = true }).WaitForAsync();
            await visit.Page.GetByText("settle_match").First.WaitForAsync();
            await visit.ShouldBeFitForAllAsync("explorer-transaction");
        }
    }

    [Fact]
    public async Task The_session_outlives_a_reload_and_ends_with_the_sign_out()
    {
        await using var world = await BrowserWorld.StartAsync();
        await using var visit = await Visit.StartAsync(fixture.Browser, world.Host.Address, Look.Desktop);
        await visit.GoAsync("/sign-in");
        await JoinAsync(visit, "Carl", "consumer");
        await visit.Page.ReloadAsync();
        await visit.Page.Locator(".standing").GetByText("Carl").WaitForAsync();
        await visit.Page.Locator(".menu summary").ClickAsync();
        await visit.Page.GetByText("consumer", new() { Exact = true }).First.WaitForAsync();
        await visit.ShouldBeFitForAllAsync("account-menu");
        await visit.Button("Sign out").ClickAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in", Exact = true }).WaitForAsync();
        await visit.Page.ReloadAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in", Exact = true }).WaitForAsync();
    }

    [Fact]
    public async Task With_e_mail_and_password_one_gets_a_wallet_and_a_place()
    {
        await using var world = await BrowserWorld.StartAsync();
        await using var visit = await Visit.StartAsync(fixture.Browser, world.Host.Address, Look.Phone);
        await visit.GoAsync("/sign-in");
        await visit.Button("Create an account").ClickAsync();
        await visit.Page.GetByLabel("E-mail", new() { Exact = true }).FillAsync("dao@example.org");
        await visit.Page.GetByLabel("Your name").FillAsync("Dao");
        await visit.Page.GetByLabel("Password").FillAsync("correct horse 42");
        await visit.ShouldBeFitForAllAsync("create-account");
        await visit.Button("Send me a code").ClickAsync();
        var code = visit.Page.GetByLabel("Code from the e-mail");
        await code.WaitForAsync();
        using var letters = await world.Host.GetAsync(world.Host.OperatorKey, "/api/admin/letters");
        var letter = JsonSerializer.Deserialize(
            await letters.Content.ReadAsStringAsync(), ProtocolJson.Default.LetterList)!.Letters.ShouldHaveSingleItem();
        await code.FillAsync(letter.Body.Split('\n').Single(
            static line => line.Length == 43 && !line.Contains(' ', StringComparison.Ordinal)));
        await visit.Button("Confirm").ClickAsync();
        await visit.Page.Locator(".standing").GetByText("Dao").WaitForAsync();
    }

    private static async Task JoinAsync(Visit visit, string name, string role)
    {
        await visit.Button("Sign in with the development wallet").ClickAsync();
        await visit.Page.GetByLabel("Your name").FillAsync(name);
        await visit.Page.GetByRole(AriaRole.Radio, new() { Name = role, Exact = true }).CheckAsync();
        await visit.ShouldBeFitForAllAsync("register");
        await visit.Button("Register").ClickAsync();
        await visit.Page.Locator(".standing").GetByText(name).WaitForAsync();
    }

    private static Task ShowsAsync(BrowserWorld world, Visit visit, string text) => world.UntilAsync(
        string.Create(CultureInfo.InvariantCulture, $"a balance of {text}"),
        () => visit.Page.Locator(".figures").GetByText(text).First.IsVisibleAsync());

    /// <summary>The link to the transaction of the newest such entry.</summary>
    private static async Task<string> ProofAsync(BrowserWorld world, Visit visit, string what)
    {
        var link = visit.Page.Locator("tr", new() { HasText = what }).Locator("a[href^='/explorer/tx/']").First;
        await world.UntilAsync(
            $"the history has the proof of what was {what}",
            async () => await link.CountAsync() > 0);
        return (await link.GetAttributeAsync("href"))!;
    }
}
