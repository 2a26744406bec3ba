using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>
/// Stands between the cloud core and the real local chain, and brings about what a real chain does not do on demand:
/// requests that get lost, answers that get lost, and answers of our own.
/// </summary>
internal sealed class ScriptedRpc() : DelegatingHandler(new SocketsHttpHandler())
{
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);

    /// <summary>
    /// Called before a request goes out: throws, or returns the JSON of a result to answer with, or null to let it
    /// pass.
    /// </summary>
    public Func<string, JsonElement, string?>? Before { get; set; }

    /// <summary>Called when the chain has answered: throws, so that the answer gets lost, or does nothing.</summary>
    public Action<string, JsonElement>? After { get; set; }

    public static HttpRequestException Lost => new("lost on the way");

    public int CallsOf(string method) => _calls.GetValueOrDefault(method);

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var bytes = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        using var call = JsonDocument.Parse(bytes);
        var method = call.RootElement.GetProperty("method").GetString()!;
        _ = _calls.AddOrUpdate(method, 1, static (_, count) => count + 1);
        if (Before?.Invoke(method, call.RootElement.GetProperty("params")) is { } answer)
        {
            return Answer(answer, call.RootElement.GetProperty("id").GetInt64());
        }

        request.Content = new ByteArrayContent(bytes)
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
        };
        var response = await base.SendAsync(request, cancellationToken);
        After?.Invoke(method, call.RootElement.GetProperty("params"));
        return response;
    }

    private static HttpResponseMessage Answer(string result, long id)
    {
        var member = result.StartsWith("error:", StringComparison.Ordinal) ? "error" : "result";
        var value = result.StartsWith("error:", StringComparison.Ordinal) ? result["error:".Length..] : result;
        return new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StringContent(
                $$"""{"jsonrpc":"2.0","id":{{id}},"{{member}}":{{value}}}""", Encoding.UTF8, "application/json"),
        };
    }
}
