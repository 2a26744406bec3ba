using System.Net;
using System.Text;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Tests.Accounts;

/// <summary>A host whose wall clock the test moves.</summary>
public sealed class AccountsFixture : IAsyncLifetime
{
    internal SteppedTime Wall { get; } = new(DateTimeOffset.UtcNow);

    public CloudHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await CloudHost.StartAsync(new CloudHostOptions
    {
        Clock = Wall,
        Settings = new Dictionary<string, string>
        {
            ["Accounts:Origin"] = "https://grid.example",
            ["Accounts:FreeAttemptsOfAddress"] = "100000",
        },
    });

    public async Task DisposeAsync() => await Host.DisposeAsync();
}

public sealed class WalletSignInTests(AccountsFixture fixture) : IClassFixture<AccountsFixture>, IDisposable
{
    private readonly CloudHost _host = fixture.Host;
    private readonly Visitor _visitor = new(fixture.Host);
    private readonly SigningKey _wallet = SigningKey.Generate();

    public void Dispose()
    {
        _visitor.Dispose();
        _wallet.Dispose();
    }

    [Fact]
    public async Task The_message_says_who_signs_in_where_and_until_when()
    {
        var asked = await _visitor.AskAsync(_wallet);
        var lines = asked.Message.Split('\n');
        lines[0].ShouldBe("grid.example wants you to sign in with your Solana account:");
        lines[1].ShouldBe(_wallet.ToString());
        lines[2].ShouldBeEmpty();
        lines[4].ShouldBeEmpty();
        lines[5..7].ShouldBe(["URI: https://grid.example", "Version: 1"]);
        lines[7].ShouldBe($"Nonce: {asked.Nonce}");
        lines[8].ShouldStartWith("Issued At: ");
        lines[9].ShouldBe($"Expiration Time: {asked.ExpiresAt:yyyy-MM-dd'T'HH:mm:ss'Z'}");
        lines.Length.ShouldBe(10);
        asked.Nonce.ShouldAllBe(static c => char.IsAsciiLetterOrDigit(c));
    }

    [Fact]
    public async Task Signed_message_gives_a_token_that_stands_for_the_wallet()
    {
        await _visitor.SignInAsync(_wallet);
        var me = await _visitor.GetAsync("/api/auth/me")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.WhoAmI);
        (me.AccessKey, me.UserId, me.Session).ShouldBe((_wallet.PublicKey, null, _visitor.Tokens!.Session));

        // The token is enough to register, and from then on for all that the wallet could sign.
        var user = await _visitor.PostAsync("/api/users", new RegisterUserRequest("Ann", "consumer"))
            .ShouldBeAsync(HttpStatusCode.Created, ProtocolJson.Default.UserView);
        (user.Wallet, user.AccessKey).ShouldBe((_wallet.PublicKey, _wallet.PublicKey));
        (await _host.GetAsync(_wallet, "/api/users/me")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.UserView)).Id.ShouldBe(user.Id);
        (await _visitor.GetAsync("/api/auth/me")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.WhoAmI)).Roles.ShouldBe(["consumer"]);
    }

    [Fact]
    public async Task A_message_is_good_once()
    {
        var request = Visitor.Signed(_wallet, (await _visitor.AskAsync(_wallet)).Message);
        await _visitor.PostAsync("/api/auth/wallet", request).ShouldBeStatusAsync(HttpStatusCode.OK);
        await RefusedAsync(request);
    }

    [Fact]
    public async Task Of_many_at_once_one_gets_in()
    {
        var request = Visitor.Signed(_wallet, (await _visitor.AskAsync(_wallet)).Message);
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => _visitor.PostAsync("/api/auth/wallet", request)));
        answers.Count(static answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
    }

    [Fact]
    public async Task A_message_dies_after_five_minutes()
    {
        var request = Visitor.Signed(_wallet, (await _visitor.AskAsync(_wallet)).Message);
        fixture.Wall.Advance(TimeSpan.FromMinutes(5));
        await RefusedAsync(request);
    }

    [Fact]
    public async Task A_message_is_for_its_wallet_alone()
    {
        using var other = SigningKey.Generate();
        var message = (await _visitor.AskAsync(_wallet)).Message;
        await RefusedAsync(Visitor.Signed(other, message));
        await RefusedAsync(Visitor.Signed(
            other, message.Replace(_wallet.ToString(), other.ToString(), StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("grid.example", "evil.example")]
    [InlineData("Version: 1", "Version: 2")]
    [InlineData("costs nothing", "costs a lot")]
    [InlineData("Nonce: ", "Nonce: 1")]
    [InlineData("\n", "\r\n")]
    public async Task A_message_that_was_changed_is_not_ours(string before, string after)
    {
        var message = (await _visitor.AskAsync(_wallet)).Message;
        await RefusedAsync(Visitor.Signed(_wallet, message.Replace(before, after, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_wrong_signature_is_refused()
    {
        var message = (await _visitor.AskAsync(_wallet)).Message;
        var signature = _wallet.Sign(Encoding.UTF8.GetBytes(message + " "));
        await RefusedAsync(new WalletSignInRequest(_wallet.PublicKey, message, signature));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("\nNonce: ")]
    [InlineData("\nNonce: \n")]
    [InlineData("\nNonce: 0OIl\n")]
    public Task Nonsense_is_refused(string message) => RefusedAsync(Visitor.Signed(_wallet, message));

    [Fact]
    public async Task Asking_for_messages_stores_nothing()
    {
        var before = await _host.CountAsync("used_nonces");
        for (var i = 0; i < 20; i++)
        {
            _ = await _visitor.AskAsync(_wallet);
        }

        (await _host.CountAsync("used_nonces")).ShouldBe(before);
    }

    private Task RefusedAsync(WalletSignInRequest request) => _visitor.PostAsync("/api/auth/wallet", request)
        .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.SignInFailed);
}
