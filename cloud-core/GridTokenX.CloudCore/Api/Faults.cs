using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GridTokenX.CloudCore.Metrics;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Api;

/// <summary>
/// A kind of fault of the outside world, and the code it is answered with. Modules register their own.
/// </summary>
public sealed record FaultCode(Func<Exception, bool> Matches, string Code);

/// <summary>The one place where an exception of a request becomes an answer, and is logged once.</summary>
internal sealed class Faults(
    RequestDelegate next, IEnumerable<FaultCode> faultCodes, CloudMetrics metrics, ILogger<Faults> logger)
{
    private static readonly TimeSpan OverloadPause = TimeSpan.FromSeconds(1);

    public async Task InvokeAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            await AnswerFor(context, exception).ExecuteAsync(context);
        }

        if (context.GetEndpoint()?.Has(EndpointTrait.NotTimed) != true)
        {
            metrics.Answered(context.Response.StatusCode, Stopwatch.GetElapsedTime(started));
        }
    }

    private IResult AnswerFor(HttpContext context, Exception exception)
    {
        if (exception is BadHttpRequestException bad)
        {
            var code = bad.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? ProblemCodes.RequestTooLarge
                : ProblemCodes.MalformedRequest;
            return Problems.Of(
                code, bad.InnerException is JsonException json ? $"The JSON does not fit at {json.Path}." : null);
        }

        if (exception is OverloadedException)
        {
            return Problems.Of(ProblemCodes.Overloaded, exception.Message, OverloadPause);
        }

        if (DatabaseFaults.IsUnavailable(exception))
        {
            Log.DatabaseUnavailable(logger, context.Request.Path, exception.Message);
            return Problems.Of(ProblemCodes.DatabaseUnavailable);
        }

        if (faultCodes.FirstOrDefault(fault => fault.Matches(exception)) is { } known)
        {
            Log.OutsideFault(logger, context.Request.Path, known.Code, exception.Message);
            return Problems.Of(known.Code);
        }

        Log.RequestFailed(logger, exception, context.Request.Method, context.Request.Path, context.TraceIdentifier);
        return Problems.Of(
            ProblemCodes.InternalError, string.Create(
                CultureInfo.InvariantCulture, $"Trace {context.TraceIdentifier}."));
    }
}
