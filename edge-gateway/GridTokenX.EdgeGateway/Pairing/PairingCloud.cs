using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Time;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Pairing;

/// <summary>What the cloud said: a value, a refusal by its code, or neither when it said nothing useful.</summary>
internal readonly record struct CloudAnswer<T>(T? Value, string? Refusal)
    where T : class;

/// <summary>The cloud core's endpoints for claiming and pairing. Each may be asked again at any time.</summary>
internal sealed class PairingCloud(GatewayOptions options, SigningKey key, WallTime wall, ClockKnowledge knowledge)
    : IDisposable
{
    private const int MaxCodeLength = 64;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http = CloudClient.Connect(options, key, wall, knowledge);
    private readonly string _path = $"/api/gateways/{key.PublicKey}";

    public void Dispose() => _http.Dispose();

    internal Task<CloudAnswer<ClaimedGateway>> ClaimAsync(string code, CancellationToken cancellationToken) =>
        PostAsync(
            "/claim",
            JsonSerializer.SerializeToUtf8Bytes(
                new ClaimGatewayRequest(code), ProtocolJson.Default.ClaimGatewayRequest),
            ProtocolJson.Default.ClaimedGateway,
            cancellationToken);

    internal Task<CloudAnswer<RegisterMeterResponse>> PairAsync(
        PairMeterRequest request, CancellationToken cancellationToken) =>
        PostAsync(
            "/meters",
            JsonSerializer.SerializeToUtf8Bytes(request, ProtocolJson.Default.PairMeterRequest),
            ProtocolJson.Default.RegisterMeterResponse,
            cancellationToken);

    internal Task<CloudAnswer<PairingProof>> ConfirmAsync(Key32 device, CancellationToken cancellationToken) =>
        PostAsync($"/devices/{device}/confirm", [], ProtocolJson.Default.PairingProof, cancellationToken);

    /// <summary>Whose this gateway is, and until when it may pair.</summary>
    internal async Task<CloudAnswer<GatewayView>> SelfAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _path);
        return await SendAsync(request, ProtocolJson.Default.GatewayView, cancellationToken);
    }

    private async Task<CloudAnswer<T>> PostAsync<T>(
        string path, byte[] body, JsonTypeInfo<T> form, CancellationToken cancellationToken)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _path + path);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await SendAsync(request, form, cancellationToken);
    }

    private async Task<CloudAnswer<T>> SendAsync<T>(
        HttpRequestMessage request, JsonTypeInfo<T> form, CancellationToken cancellationToken)
        where T : class
    {
        using var timeout = new CancellationTokenSource(Timeout, wall.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            if (response.IsSuccessStatusCode)
            {
                return new CloudAnswer<T>(await JsonSerializer.DeserializeAsync(body, form, either.Token), null);
            }

            // Before its clock is right the gateway's signature is not fresh: that passes, as trouble in the cloud
            // does.
            return response.StatusCode is HttpStatusCode.Unauthorized or >= HttpStatusCode.InternalServerError
                ? default
                : new CloudAnswer<T>(null, await CodeOfAsync(body, either.Token));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
        {
            return default;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return default;
        }
    }

    private static async Task<string?> CodeOfAsync(Stream body, CancellationToken cancellationToken)
    {
        var problem = await JsonSerializer.DeserializeAsync(body, ProtocolJson.Default.Problem, cancellationToken);
        return problem?.Code is { Length: > 0 and <= MaxCodeLength } code
            && code.All(static c => char.IsAsciiLetterLower(c) || c == '_')
                ? code
                : null;
    }
}
