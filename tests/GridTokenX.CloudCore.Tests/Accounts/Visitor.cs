using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.CloudCore.Tests.Accounts;

/// <summary>A browser: it signs no requests, and sends the token that it has got.</summary>
internal sealed class Visitor(CloudHost host) : IDisposable
{
    internal const string Password = "correct horse 42";

    private readonly HttpClientHandler _handler = new() { UseCookies = true };
    private HttpClient? _client;

    internal SessionTokens? Tokens { get; set; }

    internal CookieContainer Cookies => _handler.CookieContainer;

    private HttpClient Client => _client ??= new HttpClient(_handler) { BaseAddress = host.Address };

    public void Dispose()
    {
        _client?.Dispose();
        _handler.Dispose();
    }

    internal async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        object? body = null,
        string? csrf = null,
        string? idempotencyKey = null,
        string? token = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, ProtocolJson.Default.GetTypeInfo(body.GetType())!);
        }

        if ((token ?? Tokens?.AccessToken) is { } access)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access);
        }

        if (csrf is not null)
        {
            request.Headers.Add("X-CSRF-Token", csrf);
        }

        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await Client.SendAsync(request);
    }

    internal Task<HttpResponseMessage> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    internal Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>Signs in with a wallet, registered or not.</summary>
    internal async Task SignInAsync(SigningKey wallet, bool cookie = false)
    {
        var asked = await AskAsync(wallet);
        Tokens = await PostAsync("/api/auth/wallet", Signed(wallet, asked.Message, cookie))
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.SessionTokens);
    }

    internal Task<SignInMessageView> AskAsync(SigningKey wallet) =>
        PostAsync("/api/auth/nonce", new NonceRequest(wallet.PublicKey))
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.SignInMessageView);

    internal static WalletSignInRequest Signed(SigningKey wallet, string message, bool cookie = false) =>
        new(wallet.PublicKey, message, wallet.Sign(Encoding.UTF8.GetBytes(message)), cookie);

    /// <summary>Registers with an address, reads the letter, verifies, and signs in.</summary>
    internal async Task RegisterAsync(string email, bool cookie = false)
    {
        await PostAsync(
            "/api/auth/register", new RegisterAccountRequest(email, Password, "Somchai", "prosumer"))
            .ShouldBeStatusAsync(HttpStatusCode.Accepted);
        await PostAsync("/api/auth/verify", new VerifyAccountRequest(await CodeForAsync(email), Password))
            .ShouldBeStatusAsync(HttpStatusCode.NoContent);
        await PasswordSignInAsync(email, Password, cookie);
    }

    internal async Task PasswordSignInAsync(string email, string password, bool cookie = false) =>
        Tokens = await PostAsync("/api/auth/password", new PasswordSignInRequest(email, password, cookie))
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.SessionTokens);

    /// <summary>The code of the newest letter to the address, as the operator hands it over.</summary>
    internal async Task<string> CodeForAsync(string email)
    {
        var letters = await host.GetAsync(host.OperatorKey, "/api/admin/letters")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.LetterList);
        return letters.Letters.Last(letter => letter.Recipient == email).Body
            .Split('\n').Single(static line => line.Length == 43 && !line.Contains(' ', StringComparison.Ordinal));
    }

    internal static string Base58Of(byte[] bytes) => Base58.Encode(bytes);

    internal static string NewEmail() =>
        string.Create(CultureInfo.InvariantCulture, $"u{Guid.NewGuid():N}@example.org");
}
