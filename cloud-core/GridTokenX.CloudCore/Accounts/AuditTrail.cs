using System.Globalization;
using System.Security.Cryptography;
using GridTokenX.CloudCore.Api;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// Writes down every request that changes something by the right of an operator or administrator, before it is done and
/// with its answer: what cannot be written down does not happen.
/// </summary>
internal sealed class AuditTrail(RequestDelegate next, AuditLog log)
{
    public Task InvokeAsync(HttpContext context)
    {
        var access = context.GetEndpoint()?.Metadata.GetMetadata<Access>()?.Kind;
        return HttpMethods.IsGet(context.Request.Method)
            || HttpMethods.IsHead(context.Request.Method)
            || access is null or AccessKind.Public
            || context.Caller().Kind != CallerKind.Operator
                ? next(context)
                : WriteAsync(context);
    }

    private async Task WriteAsync(HttpContext context)
    {
        var caller = context.Caller();
        var pattern = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        var entry = new AuditEvent(
            caller.Key.ToString(),
            $"{context.Request.Method} {pattern}",
            context.Request.Path,
            $"body {Convert.ToHexStringLower(SHA256.HashData(context.RequestBody().Span))}",
            ClientAddress.Of(context));
        await log.AppendAsync(entry, context.RequestAborted);
        await next(context);
        await log.AppendAsync(
            entry with
            {
                Detail = string.Create(CultureInfo.InvariantCulture, $"answered {context.Response.StatusCode}"),
            },
            CancellationToken.None);
    }
}
