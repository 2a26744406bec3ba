using System.Net;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Tests.Accounts;

/// <summary>What one address may do with keys that it has just made up, and one wallet with its own.</summary>
public sealed class StrangerTests : IAsyncLifetime
{
    private readonly SteppedTime _wall = new(DateTimeOffset.UtcNow);
    private CloudHost _host = null!;

    public async Task InitializeAsync() => _host = await CloudHost.StartAsync(new CloudHostOptions
    {
        Clock = _wall,
        Settings = new Dictionary<string, string>
        {
            ["Accounts:StrangersOfAddress"] = "3",
            ["Accounts:SignInsOfWallet"] = "2",
        },
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Strangers_of_an_address_are_counted_by_the_day_and_leave_nothing_in_the_audit_log()
    {
        for (var i = 0; i < 3; i++)
        {
            (await SignInAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using var refused = await SignInAsync();
        await Task.FromResult(refused).ShouldBeProblemAsync(
            HttpStatusCode.TooManyRequests, ProblemCodes.SignInLocked);
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromHours(23), TimeSpan.FromHours(24));
        (await _host.CountAsync("sessions"), await _host.CountAsync("audit_log")).ShouldBe((3, 0));

        using var newcomer = SigningKey.Generate();
        await _host.PostAsync(newcomer, "/api/users", new RegisterUserRequest("Ann", "consumer"))
            .ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, ProblemCodes.TooManyRequests);
        (await _host.CountAsync("users")).ShouldBe(0);

        _wall.Advance(TimeSpan.FromDays(1));
        (await SignInAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_registered_wallet_has_its_own_count_and_what_it_does_is_written_down()
    {
        using var ann = SigningKey.Generate();
        for (var i = 0; i < 5; i++)
        {
            var status = i == 0 ? HttpStatusCode.Created : HttpStatusCode.OK;
            await _host.PostAsync(ann, "/api/users", new RegisterUserRequest("Ann", "consumer"))
                .ShouldBeStatusAsync(status);
        }

        for (var i = 0; i < 2; i++)
        {
            (await SignInAsync(ann)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await SignInAsync(ann).ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, ProblemCodes.SignInLocked);
        (await _host.CountAsync("audit_log")).ShouldBe(2);
    }

    private async Task<HttpResponseMessage> SignInAsync(SigningKey? wallet = null)
    {
        using var stranger = SigningKey.Generate();
        using var visitor = new Visitor(_host);
        var key = wallet ?? stranger;
        return await visitor.PostAsync(
            "/api/auth/wallet", Visitor.Signed(key, (await visitor.AskAsync(key)).Message));
    }
}
