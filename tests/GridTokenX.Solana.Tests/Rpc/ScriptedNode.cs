using System.Net;
using System.Text;
using System.Text.Json;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Solana.Tests.Rpc;

/// <summary>A node that answers each request by the next step of a script, and remembers what it was asked.</summary>
internal sealed class ScriptedNode : HttpMessageHandler
{
    private readonly Queue<Func<JsonElement, CancellationToken, Task<HttpResponseMessage>>> _steps = new();
    private readonly Lock _lock = new();

    public List<JsonElement> Requests { get; } = [];

    /// <summary>What is answered when the script has ended; none is a failure.</summary>
    public Func<JsonElement, string>? Otherwise { get; set; }

    public ScriptedNode Result(string json) => Body(id => $$"""{"jsonrpc":"2.0","id":{{id}},"result":{{json}}}""");

    public ScriptedNode Error(string json, HttpStatusCode status = HttpStatusCode.OK) =>
        Body(id => $$"""{"jsonrpc":"2.0","id":{{id}},"error":{{json}}}""", status);

    public ScriptedNode Raw(string body, HttpStatusCode status = HttpStatusCode.OK) => Body(_ => body, status);

    public ScriptedNode Breaks() => Step((_, _) => throw new HttpRequestException("connection refused"));

    public ScriptedNode NeverAnswers() => Step(async (_, cancellation) =>
    {
        await Task.Delay(Timeout.Infinite, cancellation);
        throw new InvalidOperationException("unreachable");
    });

    public SolanaRpcClient Client(TimeProvider? time = null, Func<SolanaRpcOptions, SolanaRpcOptions>? change = null)
    {
        var options = new SolanaRpcOptions { Endpoint = new Uri("http://node.test"), BaseDelay = TimeSpan.Zero };
        return new SolanaRpcClient(
            new HttpClient(this), change?.Invoke(options) ?? options,
            time ?? new SteppedTime(DateTimeOffset.UnixEpoch));
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(await request.Content!.ReadAsByteArrayAsync(cancellationToken));
        var asked = document.RootElement.Clone();
        Func<JsonElement, CancellationToken, Task<HttpResponseMessage>>? step;
        lock (_lock)
        {
            Requests.Add(asked);
            _ = _steps.TryDequeue(out step);
        }

        if (step is not null)
        {
            return await step(asked, cancellationToken);
        }

        return Otherwise is { } answer
            ? Response($$"""{"jsonrpc":"2.0","id":{{asked.GetProperty("id")}},"result":{{answer(asked)}}}""")
            : throw new InvalidOperationException($"The script has no answer to {asked}.");
    }

    private ScriptedNode Body(Func<string, string> body, HttpStatusCode status = HttpStatusCode.OK) =>
        Step((asked, _) => Task.FromResult(Response(body(asked.GetProperty("id").GetRawText()), status)));

    private ScriptedNode Step(Func<JsonElement, CancellationToken, Task<HttpResponseMessage>> step)
    {
        _steps.Enqueue(step);
        return this;
    }

    private static HttpResponseMessage Response(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
}
