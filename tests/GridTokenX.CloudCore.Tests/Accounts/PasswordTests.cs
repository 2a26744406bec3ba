using System.Net;
using GridTokenX.CloudCore.Accounts;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Accounts;

public sealed class PasswordTests(AccountsFixture fixture) : IClassFixture<AccountsFixture>, IDisposable
{
    private const string NewPassword = "another pass 77";

    private readonly CloudHost _host = fixture.Host;
    private readonly Visitor _visitor = new(fixture.Host);
    private readonly string _email = Visitor.NewEmail();

    public void Dispose() => _visitor.Dispose();

    [Fact]
    public async Task Registering_makes_a_user_with_a_managed_wallet()
    {
        await _visitor.RegisterAsync(_email);
        _visitor.Tokens!.Roles.ShouldBe(["prosumer"]);
        var user = await _visitor.GetAsync("/api/users/me")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.UserView);
        (user.Name, user.Role, user.AccessKey).ShouldBe(("Somchai", "prosumer", _visitor.Tokens.AccessKey));
        user.Wallet.ShouldNotBe(user.AccessKey);
        (await _host.CountAsync($"managed_wallets where wallet = '\\x{Convert.ToHexString(user.Wallet.ToArray())}'"))
            .ShouldBe(1);
    }

    [Fact]
    public async Task A_stolen_token_does_not_export_the_wallet()
    {
        await _visitor.RegisterAsync(_email);
        await _visitor.SendAsync(HttpMethod.Post, "/api/wallets/export")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.SignatureRequired);
    }

    [Fact]
    public async Task The_address_is_one_whatever_its_case()
    {
        await _visitor.RegisterAsync(_email);
        await _visitor.PasswordSignInAsync($" {_email.ToUpperInvariant()}", Visitor.Password);
    }

    [Fact]
    public async Task Before_the_verification_nobody_is_made()
    {
        var users = await _host.CountAsync("users");
        await RegisterAsync(Visitor.Password);
        (await _host.CountAsync("users")).ShouldBe(users);
        await FailedAsync(Visitor.Password);
    }

    [Fact]
    public async Task Known_and_unknown_addresses_are_answered_alike()
    {
        await _visitor.RegisterAsync(_email);
        var known = await AnswersAsync(_email);
        var unknown = await AnswersAsync(Visitor.NewEmail());
        known.ShouldBe(unknown);

        async Task<string> AnswersAsync(string email)
        {
            var texts = new List<string>();
            foreach (var (path, body) in new (string, object)[]
            {
                ("register", new RegisterAccountRequest(email, Visitor.Password, "A", "consumer")),
                ("password/forgot", new ForgotPasswordRequest(email)),
                ("password", new PasswordSignInRequest(email, "wrong password")),
            })
            {
                using var response = await _visitor.PostAsync($"/api/auth/{path}", body);
                texts.Add($"{response.StatusCode} {await response.Content.ReadAsStringAsync()}");
            }

            return string.Join('\n', texts);
        }
    }

    [Fact]
    public async Task Somebody_who_registered_my_address_first_gets_nothing_by_my_verification()
    {
        await RegisterAsync("attackers pass 1");
        var code = await _visitor.CodeForAsync(_email);
        await VerifyAsync(code, Visitor.Password)
            .ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, ProblemCodes.OneTimeTokenInvalid);
        fixture.Wall.Advance(TimeSpan.FromSeconds(1));
        await RegisterAsync(Visitor.Password);
        await VerifyAsync(await _visitor.CodeForAsync(_email), Visitor.Password)
            .ShouldBeStatusAsync(HttpStatusCode.NoContent);
        await VerifyAsync(code, "attackers pass 1")
            .ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, ProblemCodes.OneTimeTokenInvalid);
        await FailedAsync("attackers pass 1");
        await _visitor.PasswordSignInAsync(_email, Visitor.Password);
    }

    [Theory]
    [InlineData("short1")]
    [InlineData("aaaaaaaaaaaaaaaa")]
    public async Task An_easy_password_is_refused(string password) =>
        await _visitor.PostAsync(
            "/api/auth/register", new RegisterAccountRequest(_email, password, "A", "consumer"))
            .ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, ProblemCodes.WeakPassword);

    [Theory]
    [InlineData("")]
    [InlineData("nobody")]
    [InlineData("@example.org")]
    [InlineData("a@")]
    [InlineData("a@b@c")]
    [InlineData("a b@c")]
    [InlineData("a@b\r\nBcc: everybody@example.org")]
    public async Task What_is_no_address_is_refused(string email) =>
        await _visitor.PostAsync(
            "/api/auth/register", new RegisterAccountRequest(email, Visitor.Password, "A", "consumer"))
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);

    [Fact]
    public async Task After_five_wrong_passwords_the_right_one_has_to_wait_too()
    {
        await _visitor.RegisterAsync(_email);
        for (var i = 0; i < 5; i++)
        {
            await FailedAsync("wrong password");
        }

        using (var locked = await SignInAsync(Visitor.Password))
        {
            locked.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            locked.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        }

        fixture.Wall.Advance(TimeSpan.FromSeconds(2));
        await FailedAsync("wrong password");
        fixture.Wall.Advance(TimeSpan.FromSeconds(1));
        await SignInAsync(Visitor.Password)
            .ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, ProblemCodes.SignInLocked);
        fixture.Wall.Advance(TimeSpan.FromSeconds(1));
        await _visitor.PasswordSignInAsync(_email, Visitor.Password);
        await FailedAsync("wrong password");
    }

    [Fact]
    public async Task Many_guesses_at_once_are_counted_like_one_after_the_other()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 30).Select(_ => SignInAsync("wrong password")));
        answers.Count(static answer => answer.StatusCode == HttpStatusCode.Unauthorized).ShouldBe(5);
        answers.Count(static answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(25);
    }

    [Fact]
    public async Task The_wait_never_exceeds_a_quarter_of_an_hour()
    {
        for (var i = 0; i < 30; i++)
        {
            using var answer = await SignInAsync("wrong password");
            fixture.Wall.Advance(TimeSpan.FromMinutes(15));
        }

        await FailedAsync("wrong password");
    }

    [Fact]
    public async Task Changing_the_password_ends_the_other_sessions()
    {
        await _visitor.RegisterAsync(_email);
        using var phone = new Visitor(_host);
        await phone.PasswordSignInAsync(_email, Visitor.Password);
        await ChangeAsync("wrong password").ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        await ChangeAsync(Visitor.Password).ShouldBeStatusAsync(HttpStatusCode.NoContent);
        await _visitor.GetAsync("/api/auth/me").ShouldBeStatusAsync(HttpStatusCode.OK);
        await phone.GetAsync("/api/auth/me")
            .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.TokenInvalid);
        await FailedAsync(Visitor.Password);
        await phone.PasswordSignInAsync(_email, NewPassword);
    }

    [Fact]
    public async Task As_much_is_written_for_an_address_that_nobody_has_but_no_letter()
    {
        await _visitor.PostAsync("/api/auth/password/forgot", new ForgotPasswordRequest(_email))
            .ShouldBeStatusAsync(HttpStatusCode.Accepted);
        (await _host.CountAsync($"account_tokens where email = '{_email}' and purpose = 'reset'")).ShouldBe(1);
        (await _host.CountAsync($"letters where recipient = '{_email}'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_reset_ends_all_sessions_and_is_good_once()
    {
        await _visitor.RegisterAsync(_email);

        // Of two letters of the same instant neither is the last.
        fixture.Wall.Advance(TimeSpan.FromSeconds(1));
        await _visitor.PostAsync("/api/auth/password/forgot", new ForgotPasswordRequest(_email))
            .ShouldBeStatusAsync(HttpStatusCode.Accepted);
        var code = await _visitor.CodeForAsync(_email);
        await ResetAsync("nonsense")
            .ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, ProblemCodes.OneTimeTokenInvalid);
        await ResetAsync(code).ShouldBeStatusAsync(HttpStatusCode.NoContent);
        await ResetAsync(code)
            .ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, ProblemCodes.OneTimeTokenInvalid);
        await _visitor.GetAsync("/api/auth/me")
            .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.TokenInvalid);
        await FailedAsync(Visitor.Password);
        await _visitor.PasswordSignInAsync(_email, NewPassword);
    }

    [Fact]
    public async Task A_letter_dies_after_a_day()
    {
        await RegisterAsync(Visitor.Password);
        var code = await _visitor.CodeForAsync(_email);
        fixture.Wall.Advance(TimeSpan.FromDays(1));
        await VerifyAsync(code, Visitor.Password)
            .ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, ProblemCodes.OneTimeTokenInvalid);
    }

    [Fact]
    public async Task Letters_go_into_the_folder_once_and_are_gone_from_the_database()
    {
        var folder = Directory.CreateTempSubdirectory("gtx-letters-");
        try
        {
            await RegisterAsync(Visitor.Password);
            var letters = new Letters(
                _host.Database,
                new AccountsOptions { LetterFolder = folder.FullName },
                _host.Services.GetRequiredService<GridTokenX.Protocol.Time.WallTime>());
            while (await letters.DeliverAsync(CancellationToken.None) > 0)
            {
                // A batch at a time.
            }

            var texts = folder.GetFiles("*.eml").Select(static file => File.ReadAllText(file.FullName)).ToList();
            texts.Count(text => text.StartsWith($"To: {_email}\r\nSubject: ", StringComparison.Ordinal)).ShouldBe(1);
            folder.GetFiles().ShouldAllBe(static file =>
                file.UnixFileMode == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
            (await _host.CountAsync("letters")).ShouldBe(0);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private Task RegisterAsync(string password) => _visitor
        .PostAsync("/api/auth/register", new RegisterAccountRequest(_email, password, "Ann", "consumer"))
        .ShouldBeStatusAsync(HttpStatusCode.Accepted);

    private Task<HttpResponseMessage> VerifyAsync(string code, string password) =>
        _visitor.PostAsync("/api/auth/verify", new VerifyAccountRequest(code, password));

    private Task<HttpResponseMessage> ChangeAsync(string present) =>
        _visitor.PostAsync("/api/auth/password/change", new ChangePasswordRequest(present, NewPassword));

    private Task<HttpResponseMessage> ResetAsync(string code) =>
        _visitor.PostAsync("/api/auth/password/reset", new ResetPasswordRequest(code, NewPassword));

    private Task<HttpResponseMessage> SignInAsync(string password) =>
        _visitor.PostAsync("/api/auth/password", new PasswordSignInRequest(_email, password));

    private Task FailedAsync(string password) => SignInAsync(password)
        .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.SignInFailed);
}
