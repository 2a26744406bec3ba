using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Gateways;

/// <summary>What a claimed gateway does for its owner.</summary>
internal static class PairingEndpoints
{
    private sealed record Owner(Guid UserId, Key32 Wallet);

    internal static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapPost("/api/gateways/{gateway}/meters", PairAsync).RequireGateway();
        _ = routes.MapPost("/api/gateways/{gateway}/devices/{device}/confirm", ConfirmAsync).RequireGateway();
    }

    private static async Task<IResult> PairAsync(
        PairMeterRequest request,
        HttpContext context,
        NpgsqlDataSource database,
        MeterEnrolment enrolments,
        ILogger<GatewayClaims> logger,
        CancellationToken cancellationToken)
    {
        var gateway = context.Caller().Key;
        if (RegistrationForms.FaultOfMeterId(request.MeterId) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        var (answer, problem) = await EnrolAsync(gateway, request, database, enrolments, cancellationToken);
        if (problem is null)
        {
            return Results.Ok(answer);
        }

        Log.GatewayRefused(logger, gateway, context.Connection.RemoteIpAddress, problem);
        return Problems.Of(problem);
    }

    private static async Task<(RegisterMeterResponse? Answer, string? Problem)> EnrolAsync(
        Key32 gateway,
        PairMeterRequest request,
        NpgsqlDataSource database,
        MeterEnrolment enrolments,
        CancellationToken cancellationToken)
    {
        var owner = await database.FirstOrDefaultAsync<Owner>(
            """
            select u.id as user_id, u.wallet from gateways g join users u on u.id = g.owner_id
            where g.gateway = @gateway
            """,
            new { gateway },
            cancellationToken);
        if (owner is null)
        {
            return (null, ProblemCodes.PairingClosed);
        }

        if (!RegistrationForms.DeviceConsents(request.Device, owner.Wallet, gateway, request.Consent))
        {
            return (null, ProblemCodes.BadConsent);
        }

        // Should the gateway have changed hands just now, the enrolment finds another owner than this one.
        var enrolment = new Enrolment(
            request.MeterId,
            request.Device,
            Zone: null,
            gateway,
            request.Consent,
            request.Replaces,
            owner.UserId,
            Actor: gateway);
        return await enrolments.EnrolAsync(enrolment, cancellationToken);
    }

    private static async Task<IResult> ConfirmAsync(
        string device, HttpContext context, PairingProbes probes, CancellationToken cancellationToken) =>
        Key32.TryParse(device, out var key)
        && await probes.AskAsync(context.Caller().Key, key, cancellationToken) is { } paired
            ? Results.Ok(new PairingProof(key, paired))
            : Problems.Of(ProblemCodes.UnknownDevice);
}
