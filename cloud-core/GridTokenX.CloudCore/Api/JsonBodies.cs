using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GridTokenX.CloudCore.Api;

/// <summary>
/// The JSON of a handler that reads its request and writes its answer by itself, for the requests of which there are
/// many: the body is in memory already, and the answer goes out with its head, in one piece of known length. What it
/// takes and refuses is what the framework's own handlers take and refuse.
/// </summary>
/// <param name="options">Of all handlers.</param>
internal sealed class JsonBodies<TRequest, TAnswer>(JsonSerializerOptions options)
    where TRequest : class
{
    private const string ContentType = "application/json; charset=utf-8";

    private readonly JsonTypeInfo<TRequest> _request = (JsonTypeInfo<TRequest>)options.GetTypeInfo(typeof(TRequest));
    private readonly JsonTypeInfo<TAnswer> _answer = (JsonTypeInfo<TAnswer>)options.GetTypeInfo(typeof(TAnswer));

    /// <exception cref="BadHttpRequestException">It is not such a request.</exception>
    internal TRequest Read(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException(
                "The Content-Type is not JSON.", StatusCodes.Status415UnsupportedMediaType);
        }

        var body = context.RequestBody().Span;
        body = body.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;
        try
        {
            return JsonSerializer.Deserialize(body, _request)
                ?? throw new BadHttpRequestException("The body is null.");
        }
        catch (JsonException exception)
        {
            throw new BadHttpRequestException("The body does not fit.", exception);
        }
    }

    internal Task WriteAsync(HttpContext context, TAnswer answer)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(answer, _answer);
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = bytes.Length;
        var written = context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
        return written.IsCompletedSuccessfully ? Task.CompletedTask : written.AsTask();
    }
}
