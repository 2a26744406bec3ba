using System.Net;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Tests.Web;

public sealed class WebApiTests
{
    [Fact]
    public async Task Nothing_of_a_test_net_is_offered_unless_it_is_configured()
    {
        await using var host = await CloudHost.StartAsync();
        (await host.GetAsync(null, "/api/web").ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.WebSettings))
            .ShouldBe(
                new WebSettings(DevelopmentWallet: false, ThbPerGrx: null, WelcomeGrx: null, SimulatedTime: true));
        using var home = await VirtualHome.RegisteredAsync(host);
        await host.PostTextAsync(home.Wallet, "/api/web/welcome", "{}")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
    }

    [Fact]
    public async Task A_user_gets_the_welcome_grant_once_and_a_stranger_does_not()
    {
        await using var host = await StartAsync(grants: true);
        using var home = await VirtualHome.RegisteredAsync(host);
        var first = await WelcomeAsync(host, home.Wallet);
        (first.Wallet, first.AmountGrx, first.Status).ShouldBe((home.Address, 25m, "pending"));
        (await WelcomeAsync(host, home.Wallet)).ShouldBe(first);
        (await host.CountAsync("grants")).ShouldBe(1);
        using var stranger = SigningKey.Generate();
        await host.PostTextAsync(stranger, "/api/web/welcome", "{}")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
    }

    [Fact]
    public async Task Without_grants_there_is_no_welcome()
    {
        await using var host = await StartAsync(grants: false);
        (await host.GetAsync(null, "/api/web").ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.WebSettings))
            .ShouldBe(new WebSettings(DevelopmentWallet: true, ThbPerGrx: 9.5m, WelcomeGrx: null, SimulatedTime: true));
    }

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest)]
    [InlineData("?zone=a%20b", HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest)]
    [InlineData("?zone=nowhere", HttpStatusCode.UnprocessableEntity, ProblemCodes.UnknownZone)]
    public async Task Of_no_zone_there_is_nothing_to_say(string query, HttpStatusCode status, string code)
    {
        await using var host = await CloudHost.StartAsync();
        await host.GetAsync(null, $"/api/neighbourhood{query}").ShouldBeProblemAsync(status, code);
    }

    [Fact]
    public async Task A_zone_says_how_many_produce_and_how_much_between_their_last_two_readings()
    {
        await using var host = await CloudHost.StartAsync();
        using var ann = await VirtualHome.RegisteredAsync(host);
        using var bob = await VirtualHome.RegisteredAsync(host);
        await host.AdvanceAsync(CloudHost.Noon + VirtualHome.Interval);
        foreach (var (home, production) in new[] { (ann, 700L), (bob, 0L) })
        {
            for (var sequence = 1; sequence <= 2; sequence++)
            {
                await host.PostAsync(home.Gateway, home.ReadingsPath, home.Reading(
                        sequence,
                        production: sequence * production,
                        consumption: sequence * 100,
                        soc: home == ann ? (ushort)600 : ushort.MaxValue))
                    .ShouldBeStatusAsync(HttpStatusCode.OK);
            }
        }

        await using (var epoch = host.Database.CreateCommand(
            """
            insert into epochs (zone, number, starts_at, ends_at, status)
            values ('zone-1', 202606011200, '2026-06-01 12:00Z', '2026-06-01 12:15Z', 'active') on conflict do nothing
            """))
        {
            _ = await epoch.ExecuteNonQueryAsync();
        }

        var view = await host.GetAsync(null, "/api/neighbourhood?zone=zone-1")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.NeighbourhoodView);
        view.ShouldBe(new NeighbourhoodView(
            "zone-1", CloudHost.Noon + VirtualHome.Interval, 2, 2, 1, 0.7m, 0.2m, 600, view.Sellers));
        view.Sellers.ShouldBeEmpty();
    }

    private static Task<CloudHost> StartAsync(bool grants) => CloudHost.StartAsync(new CloudHostOptions
    {
        Settings = new Dictionary<string, string>
        {
            ["Cloud:GrantsEnabled"] = grants ? "true" : "false",
            ["Web:DevelopmentWallet"] = "true",
            ["Web:ThbPerGrx"] = "9.5",
            ["Web:WelcomeGrx"] = "25",
        },
    });

    private static Task<GrantView> WelcomeAsync(CloudHost host, SigningKey user) =>
        host.PostTextAsync(user, "/api/web/welcome", "{}")
            .ShouldBeAsync(HttpStatusCode.Accepted, ProtocolJson.Default.GrantView);
}
