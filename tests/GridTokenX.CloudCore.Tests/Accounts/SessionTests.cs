using System.Buffers.Text;
using System.Net;
using System.Text;
using GridTokenX.CloudCore.Accounts;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Accounts;

public sealed class SessionTests(AccountsFixture fixture) : IClassFixture<AccountsFixture>, IDisposable
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
    public async Task An_access_token_lives_ten_minutes()
    {
        await _visitor.SignInAsync(_wallet);
        fixture.Wall.Advance(TimeSpan.FromSeconds(599));
        await _visitor.GetAsync("/api/auth/me").ShouldBeStatusAsync(HttpStatusCode.OK);
        fixture.Wall.Advance(TimeSpan.FromSeconds(1));
        await InvalidAsync(null);
    }

    [Fact]
    public async Task A_token_that_was_touched_is_nobodys()
    {
        await _visitor.SignInAsync(_wallet);
        var parts = _visitor.Tokens!.AccessToken.Split('.');
        var payload = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
        var forged = Base64Url.EncodeToString(
            Encoding.UTF8.GetBytes(payload.Replace("\"roles\":[", "\"roles\":[\"admin\",", StringComparison.Ordinal)));
        await InvalidAsync($"{parts[0]}.{forged}.{parts[2]}");
        await InvalidAsync($"{parts[0]}.{parts[1]}.");
        await InvalidAsync($"{Base64Url.EncodeToString("""{"alg":"none","typ":"JWT"}"""u8)}.{parts[1]}.");
        await InvalidAsync($"{Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8)}.{parts[1]}.{parts[2]}");
        await InvalidAsync("nonsense");
        await InvalidAsync(new string('a', 10_000));
    }

    [Fact]
    public async Task A_refresh_gives_new_tokens_and_takes_the_old_one_back()
    {
        await _visitor.SignInAsync(_wallet);
        var first = _visitor.Tokens!;
        _visitor.Tokens = await RefreshAsync(first.RefreshToken!)
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.SessionTokens);
        _visitor.Tokens.Session.ShouldBe(first.Session);
        _visitor.Tokens.RefreshToken.ShouldNotBe(first.RefreshToken);
        await _visitor.GetAsync("/api/auth/me").ShouldBeStatusAsync(HttpStatusCode.OK);

        // Two windows of one browser: the second one is refused, and nothing else happens.
        await RefusedAsync(first.RefreshToken!);
        await _visitor.GetAsync("/api/auth/me").ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_used_refresh_token_ends_the_whole_session()
    {
        await _visitor.SignInAsync(_wallet);
        var stolen = _visitor.Tokens!.RefreshToken!;
        _visitor.Tokens = await RefreshAsync(stolen)
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.SessionTokens);
        fixture.Wall.Advance(TimeSpan.FromSeconds(11));
        await RefusedAsync(stolen);
        await RefusedAsync(_visitor.Tokens.RefreshToken!);
        await InvalidAsync(null);
        (await AuditAsync()).ShouldContain(
            entry => entry.Action == "session_revoked" && entry.Detail == "refresh_token_reused"
                && entry.Subject == _visitor.Tokens.Session.ToString());
    }

    [Fact]
    public async Task No_secret_lies_in_the_database()
    {
        await _visitor.SignInAsync(_wallet);
        await using var command = _host.Database.CreateCommand(
            """
            select count(*) from refresh_tokens t join sessions s on s.id = t.session_id
            where position(convert_to($1, 'UTF8') in t.token_hash) > 0 or s::text || t::text like '%' || $1 || '%'
            """);
        _ = command.Parameters.AddWithValue(_visitor.Tokens!.RefreshToken!);
        (await command.ExecuteScalarAsync()).ShouldBe(0L);
    }

    [Fact]
    public async Task With_the_cookie_a_refresh_needs_the_header_of_the_same_session()
    {
        await _visitor.SignInAsync(_wallet, cookie: true);
        _visitor.Tokens!.RefreshToken.ShouldBeNull();
        var cookies = _visitor.Cookies.GetAllCookies();
        var refresh = cookies["gtx_refresh"].ShouldNotBeNull();
        (refresh.HttpOnly, refresh.Secure, refresh.Path).ShouldBe((true, true, "/api/auth"));
        var csrf = cookies["gtx_csrf"].ShouldNotBeNull();
        (csrf.HttpOnly, csrf.Value).ShouldBe((false, _visitor.Tokens.CsrfToken!));

        // The test's connection is not https, so the browser's part is done by hand.
        refresh.Secure = csrf.Secure = false;
        await CookieRefreshAsync(null).ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.CsrfTokenMissing);
        await CookieRefreshAsync("nonsense")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.CsrfTokenMissing);
        using (var other = new Visitor(_host))
        {
            using var wallet = SigningKey.Generate();
            await other.SignInAsync(wallet, cookie: true);
            await CookieRefreshAsync(other.Tokens!.CsrfToken)
                .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.CsrfTokenMissing);
        }

        var tokens = await CookieRefreshAsync(csrf.Value)
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.SessionTokens);
        tokens.Session.ShouldBe(_visitor.Tokens.Session);
    }

    [Fact]
    public async Task The_cookie_goes_to_no_other_site()
    {
        var asked = await _visitor.AskAsync(_wallet);
        using var response = await _visitor.PostAsync(
            "/api/auth/wallet", Visitor.Signed(_wallet, asked.Message, cookie: true));
        var cookies = response.Headers.GetValues("Set-Cookie").ToList();
        cookies.Count.ShouldBe(2);
        cookies.ShouldAllBe(static cookie => cookie.Contains("samesite=strict", StringComparison.OrdinalIgnoreCase)
            && cookie.Contains("secure", StringComparison.OrdinalIgnoreCase));
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task Signing_out_ends_the_session_at_once()
    {
        await _visitor.SignInAsync(_wallet);
        var refresh = _visitor.Tokens!.RefreshToken!;
        await _visitor.GetAsync("/api/auth/me").ShouldBeStatusAsync(HttpStatusCode.OK);
        await _visitor.SendAsync(HttpMethod.Post, "/api/auth/sign-out").ShouldBeStatusAsync(HttpStatusCode.NoContent);
        await InvalidAsync(null);
        await RefusedAsync(refresh);
    }

    [Fact]
    public async Task Sessions_are_listed_and_ended_by_their_owner_alone()
    {
        await _visitor.SignInAsync(_wallet);
        using var phone = new Visitor(_host);
        fixture.Wall.Advance(TimeSpan.FromSeconds(1));
        await phone.SignInAsync(_wallet);
        var list = await _visitor.GetAsync("/api/auth/sessions")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.SessionList);
        list.Sessions.Select(static session => (session.Id, session.Current, session.Method)).ShouldBe(
            [(phone.Tokens!.Session, false, "wallet"), (_visitor.Tokens!.Session, true, "wallet")]);

        using var stranger = new Visitor(_host);
        using var other = SigningKey.Generate();
        await stranger.SignInAsync(other);
        var path = $"/api/auth/sessions/{phone.Tokens.Session}";
        await stranger.SendAsync(HttpMethod.Delete, path)
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
        await _visitor.SendAsync(HttpMethod.Delete, path).ShouldBeStatusAsync(HttpStatusCode.NoContent);
        await phone.GetAsync("/api/auth/me")
            .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.TokenInvalid);
    }

    [Fact]
    public async Task Tokens_outlive_one_change_of_the_key_and_not_two()
    {
        await _visitor.SignInAsync(_wallet);
        var keys = _host.Services.GetRequiredService<TokenKeys>();
        keys.Rotate();
        await _visitor.GetAsync("/api/auth/me").ShouldBeStatusAsync(HttpStatusCode.OK);
        keys.Rotate();
        await InvalidAsync(null);
        _visitor.Tokens = await RefreshAsync(_visitor.Tokens!.RefreshToken!)
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.SessionTokens);
        await _visitor.GetAsync("/api/auth/me").ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_keys_of_the_tokens_are_for_their_owner_alone()
    {
        await _visitor.SignInAsync(_wallet);
        var folder = _host.Services.GetRequiredService<CloudOptions>().KeyFolder;
        foreach (var file in new[] { "token-signing.key", "session-master.key" })
        {
            File.GetUnixFileMode(Path.Combine(folder, file))
                .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public async Task What_has_expired_is_swept_away()
    {
        await _visitor.SignInAsync(_wallet);
        fixture.Wall.Advance(TimeSpan.FromDays(32));
        await _host.Services.GetRequiredService<Housekeeping>().PurgeAsync(CancellationToken.None);
        foreach (var table in new[] { "sessions", "refresh_tokens", "used_nonces", "sign_in_failures" })
        {
            (await _host.CountAsync(table)).ShouldBe(0, table);
        }
    }

    private Task<HttpResponseMessage> RefreshAsync(string token) =>
        _visitor.PostAsync("/api/auth/refresh", new RefreshRequest(token));

    private Task<HttpResponseMessage> CookieRefreshAsync(string? csrf) =>
        _visitor.SendAsync(HttpMethod.Post, "/api/auth/refresh", new RefreshRequest(), csrf);

    private Task RefusedAsync(string token) => RefreshAsync(token)
        .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.RefreshTokenInvalid);

    private Task InvalidAsync(string? token) => _visitor.SendAsync(HttpMethod.Get, "/api/auth/me", token: token)
        .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.TokenInvalid);

    private async Task<IReadOnlyList<AuditEntryView>> AuditAsync() =>
        (await _host.GetAsync(_host.OperatorKey, "/api/operator/audit")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.AuditPage)).Entries;
}
