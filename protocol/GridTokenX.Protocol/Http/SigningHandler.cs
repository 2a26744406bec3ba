using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.Protocol.Http;

/// <summary>Signs every request of an <see cref="HttpClient"/> with one key.</summary>
public sealed class SigningHandler(SigningKey key, WallTime time, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    public const string IdempotencyKeyHeader = "Idempotency-Key";

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var uri = request.RequestUri ?? throw new InvalidOperationException("A request needs an address to be signed.");
        var idempotencyKey = request.Headers.TryGetValues(IdempotencyKeyHeader, out var values) ? values.First() : null;
        var parts = new SignedParts(request.Method.Method, uri.AbsolutePath, uri.Query, body, idempotencyKey);
        var headers = MessageSignature.Sign(parts, key, time.UtcNow);
        request.Headers.Add("Signature-Input", headers.SignatureInput);
        request.Headers.Add("Signature", headers.Signature);
        if (headers.ContentDigest is not null)
        {
            request.Headers.Add("Content-Digest", headers.ContentDigest);
        }

        return await base.SendAsync(request, cancellationToken);
    }
}
