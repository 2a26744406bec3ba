using Microsoft.AspNetCore.Http.Features;

namespace GridTokenX.CloudCore.Api;

internal static class RequestBodyReader
{
    /// <summary>A sender's word about the length is believed so far; more has to arrive first.</summary>
    private const int MostReservedBytes = 64 * 1024;

    /// <summary>
    /// Reads the whole body, and puts it back for the handler; null when it has more than <paramref name="limit"/>
    /// bytes. The memory is taken back when the request ends.
    /// </summary>
    /// <exception cref="OverloadedException">The bodies of all requests have no more room.</exception>
    internal static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(
        HttpContext context, RequestMemory memory, int limit)
    {
        var request = context.Request;
        if (request.ContentLength > limit)
        {
            return null;
        }

        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        var buffer = new BodyBuffer(memory);
        context.Response.RegisterForDispose(buffer);
        buffer.Reserve((int)Math.Min(request.ContentLength ?? 0, MostReservedBytes));
        int read;
        while ((read = await request.Body.ReadAsync(buffer.Room(), context.RequestAborted)) > 0)
        {
            buffer.Advance(read);
            if (buffer.Length > limit)
            {
                return null;
            }
        }

        request.Body = buffer.ToStream();
        return buffer.Written;
    }
}
