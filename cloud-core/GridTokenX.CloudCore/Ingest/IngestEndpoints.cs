using System.Text.Json;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.CloudCore.Ingest;

internal static class IngestEndpoints
{
    private const int MaxReadings = 500;
    private const int MaxBatchBytes = 2 * 1024 * 1024;
    private const int MaxUnpackedBytes = 8 * 1024 * 1024;

    internal static void MapIngest(this IEndpointRouteBuilder routes)
    {
        _ = routes.MapPost("/api/gateways/{gateway}/readings", TakeBatchAsync)
            .RequireGateway().WithBodyLimit(MaxBatchBytes);

        // The meter's own signature speaks for each reading, whoever brings it.
        _ = routes.MapPost("/api/meters/submit-reading", TakeOneAsync).AllowPublic();
    }

    private static async Task<IResult> TakeBatchAsync(
        HttpContext context, ReadingIngest ingest, RequestMemory memory, CancellationToken cancellationToken)
    {
        IReadOnlyList<Submission> submissions;
        try
        {
            submissions = ReadBatch(context, memory);
        }
        catch (BatchTooLargeException exception)
        {
            return Problems.Of(ProblemCodes.RequestTooLarge, exception.Message);
        }
        catch (Exception exception) when (exception is InvalidDataException or JsonException)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, exception.Message);
        }

        var results = await ingest.TakeAsync(submissions, context.Caller().Key, cancellationToken);
        return Results.Ok(new ReadingBatchResponse(results));
    }

    private static IReadOnlyList<Submission> ReadBatch(HttpContext context, RequestMemory memory)
    {
        var body = context.RequestBody();
        using var unpacked = new BodyBuffer(memory);
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        if (encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase))
        {
            ReadingBatchParser.Unpack(body, unpacked, MaxUnpackedBytes);
            body = unpacked.Written;
        }
        else if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidDataException("The Content-Encoding is gzip or none.");
        }

        return body.IsEmpty
            ? throw new InvalidDataException("There is no body.")
            : ReadingBatchParser.Parse(body.Span, MaxReadings);
    }

    private static async Task<IResult> TakeOneAsync(
        SubmitReadingRequest request, ReadingIngest ingest, CancellationToken cancellationToken)
    {
        var reading = new SignedReading
        {
            Device = request.PublicKey,
            Sequence = request.Sequence,
            Timestamp = request.ReadingTimestamp,
            ProductionWh = request.ProductionWh,
            ConsumptionWh = request.ConsumptionWh,
            SocPermille = request.SocPermille,
            Flags = request.Flags,
            IntervalSeconds = request.IntervalSeconds,
            Signature = request.MeterSignature,
        };
        var claims = new ReadingClaims(request.MeterId, request.WalletAddress, request.KwhAmount);
        var results = await ingest.TakeAsync([Submission.Of(reading, claims)], gateway: null, cancellationToken);
        return results[0].Code is { } code ? Problems.Of(code) : Results.Ok(results[0]);
    }
}
