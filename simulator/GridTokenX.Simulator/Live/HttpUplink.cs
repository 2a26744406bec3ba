using System.Net;
using System.Text.Json;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Simulator.Cloud;

namespace GridTokenX.Simulator.Live;

/// <summary>Straight to the cloud core, in batches, as a gateway sends them.</summary>
internal sealed class HttpUplink(ApiClient cloud, SigningKey gateway) : ILiveUplink
{
    public int MaxBatch => 500;

    public async Task<IReadOnlyList<LiveVerdict>> SendAsync(
        IReadOnlyList<SignedReading> readings, CancellationToken cancellationToken)
    {
        var request = new ApiRequest(HttpMethod.Post, $"/api/gateways/{gateway.PublicKey}/readings")
        {
            Signer = gateway,
            Body = Body(readings),
        };
        try
        {
            var answer = await cloud.SendAsync(
                request, ProtocolJson.Default.ReadingBatchResponse, cancellationToken);
            return [.. answer.Results.Zip(readings, static (result, reading) => new LiveVerdict(
                reading,
                result.Status == ReadingResult.Rejected ? result.Code : null,
                result.Status == ReadingResult.Duplicate))];
        }
        catch (ApiException away) when (away.Status is null or HttpStatusCode.TooManyRequests)
        {
            throw new UplinkAwayException(
                away.Status is null ? UplinkCodes.CloudAway : UplinkCodes.CloudBusy,
                away.Message,
                away.Status is not null,
                away);
        }
    }

    private static byte[] Body(IReadOnlyList<SignedReading> readings)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartArray();
            foreach (var reading in readings)
            {
                JsonSerializer.Serialize(writer, reading, ProtocolJson.Default.SignedReading);
            }

            writer.WriteEndArray();
        }

        return body.ToArray();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
