namespace GridTokenX.CloudCore.Api;

internal static class RequestBodyReader
{
    private const int ChunkBytes = 16 * 1024;

    /// <summary>
    /// Reads the whole body, and puts it back for the handler; null when it has more than <paramref name="limit"/>
    /// bytes, of which no more than that were kept.
    /// </summary>
    internal static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContext context, int limit)
    {
        var request = context.Request;
        if (request.ContentLength > limit)
        {
            return null;
        }

        using var buffer = new MemoryStream((int)(request.ContentLength ?? 0));
        var chunk = new byte[ChunkBytes];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, context.RequestAborted)) > 0)
        {
            if (buffer.Length + read > limit)
            {
                return null;
            }

            await buffer.WriteAsync(chunk.AsMemory(0, read));
        }

        var body = buffer.ToArray();
        request.Body = new MemoryStream(body, writable: false);
        context.Response.RegisterForDispose(request.Body);
        return body;
    }
}
