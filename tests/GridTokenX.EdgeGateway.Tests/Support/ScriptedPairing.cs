using System.Collections.Concurrent;
using System.Text.Json;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GridTokenX.EdgeGateway.Tests.Support;

/// <summary>The cloud's side of claiming and pairing; a test says what it knows and what it refuses.</summary>
internal sealed class ScriptedPairing
{
    private static readonly byte[] Secret = [.. Enumerable.Range(1, Protocol.Keys.Pairing.SecretLength).Select(i =>
        (byte)i)];

    /// <summary>What a code is answered with.</summary>
    internal ConcurrentDictionary<string, ClaimedGateway> Codes { get; } = new();

    /// <summary>The code that every claim and pairing is refused with; null for none.</summary>
    internal string? Refusal { get; set; }

    internal ConcurrentQueue<PairMeterRequest> Registered { get; } = new();

    /// <summary>Devices that have answered under their new key.</summary>
    internal ConcurrentDictionary<Key32, bool> Proved { get; } = new();

    internal static Protocol.Keys.Pairing With(Key32 device) => Protocol.Keys.Pairing.Of(Secret, device);

    internal void Map(WebApplication application, ScriptedCloud cloud)
    {
        _ = application.MapPost(
            "/api/gateways/{gateway}/claim",
            async (HttpContext context, string gateway) => await AnswerAsync(context, cloud, Claim));
        _ = application.MapPost(
            "/api/gateways/{gateway}/meters",
            async (HttpContext context, string gateway) =>
                await AnswerAsync(context, cloud, body => Pair(body, cloud)));
        _ = application.MapPost(
            "/api/gateways/{gateway}/devices/{device}/confirm",
            async (HttpContext context, string device) =>
                await AnswerAsync(context, cloud, _ => Confirm(device)));
    }

    private static IResult Problem(string code) => Results.Json(
        new Problem("urn:x", code, 422, code, null),
        ProtocolJson.Default.Problem,
        "application/problem+json",
        StatusCodes.Status422UnprocessableEntity);

    private static async Task<IResult> AnswerAsync(
        HttpContext context, ScriptedCloud cloud, Func<byte[], IResult> answer)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        return cloud.Authentic(context, buffer.ToArray())
            ? answer(buffer.ToArray())
            : Results.StatusCode(StatusCodes.Status401Unauthorized);
    }

    private IResult Claim(byte[] body)
    {
        var code = JsonSerializer.Deserialize(body, ProtocolJson.Default.ClaimGatewayRequest)!.Code;
        return Refusal is null && Codes.TryGetValue(code, out var claimed)
            ? Results.Json(claimed, ProtocolJson.Default.ClaimedGateway)
            : Problem(Refusal ?? ProblemCodes.UnknownClaim);
    }

    private IResult Pair(byte[] body, ScriptedCloud cloud)
    {
        if (Refusal is { } refusal)
        {
            return Problem(refusal);
        }

        var request = JsonSerializer.Deserialize(body, ProtocolJson.Default.PairMeterRequest)!;
        Registered.Enqueue(request);
        cloud.Devices[request.Device] = request.MeterId;
        if (request.Replaces is { } old)
        {
            _ = cloud.Devices.TryRemove(old, out _);
        }

        var pairing = With(request.Device);
        return Results.Json(
            new RegisterMeterResponse(request.MeterId, request.Device, pairing.CloudKey, pairing.Code),
            ProtocolJson.Default.RegisterMeterResponse);
    }

    private IResult Confirm(string device) =>
        Results.Json(
            new PairingProof(Key32.Parse(device), Proved.ContainsKey(Key32.Parse(device))),
            ProtocolJson.Default.PairingProof);
}
