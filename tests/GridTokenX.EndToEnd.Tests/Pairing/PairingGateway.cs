using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.EndToEnd.Tests.Pairing;

/// <summary>A gateway that may end and begin again, and the installer at its page.</summary>
internal sealed partial class PairingGateway(string[] settings) : IAsyncDisposable
{
    internal const string Pin = "493817";

    private readonly HttpClient _http = new(new SocketsHttpHandler { CookieContainer = new CookieContainer() });
    private WebApplication? _gateway;

    internal bool IsRunning => _gateway is not null;

    internal Key32 Key => _gateway!.Services.GetRequiredService<SigningKey>().PublicKey;

    private string Url => _gateway!.Urls.Single();

    internal async Task StartAsync()
    {
        _gateway = GatewayApplication.Build(settings, TimeProvider.System);
        await _gateway.StartAsync();
    }

    internal async Task StopAsync()
    {
        if (_gateway is { } gateway)
        {
            _gateway = null;
            await gateway.StopAsync();
            await gateway.DisposeAsync();
        }
    }

    internal async Task<GatewayStatus> StatusAsync() =>
        (await _http.GetFromJsonAsync($"{Url}/status", ProtocolJson.Default.GatewayStatus))!;

    internal async Task AdvanceAsync(DateTimeOffset now)
    {
        using var answer = await _http.PostAsJsonAsync(
            $"{Url}/simulation/time", new AdvanceRequest(now), ProtocolJson.Default.AdvanceRequest);
        _ = answer.EnsureSuccessStatusCode();
    }

    internal Task<string> PageAsync(string path = "/pairing") => _http.GetStringAsync(new Uri(Url + path));

    /// <summary>A form of the page's, with the token that it gave.</summary>
    internal async Task<string> ActAsync(string path, params (string Name, string Value)[] fields)
    {
        var token = Token().Match(await PageAsync()).Groups["token"].Value;
        return await PostAsync(path, [("token", token), .. fields]);
    }

    internal Task<string> ClaimAsync(string code) => PostAsync("/claim", ("code", code), ("pin", Pin));

    internal Task<string> SignInAsync() => PostAsync("/sign-in", ("pin", Pin));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
    }

    private async Task<string> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(
            fields.Select(static field => new KeyValuePair<string, string>(field.Name, field.Value)));
        using var answer = await _http.PostAsync(new Uri(Url + path), form);
        return await answer.Content.ReadAsStringAsync();
    }

    [GeneratedRegex("name=\"token\" value=\"(?<token>[0-9A-F]+)\"", RegexOptions.NonBacktracking)]
    private static partial Regex Token();
}
