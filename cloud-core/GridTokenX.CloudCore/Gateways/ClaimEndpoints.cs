using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Gateways;

internal static class ClaimEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapPost("/api/gateways/claims", MakeAsync).RequireWallet();
        _ = routes.MapPost("/api/gateways/{gateway}/claim", RedeemAsync).RequireAnyGateway();
        _ = routes.MapPost("/api/gateways/{gateway}/release", ReleaseAsync).RequireWallet();
    }

    private static async Task<IResult> MakeAsync(
        MakeClaimRequest request,
        HttpContext context,
        NpgsqlDataSource database,
        GatewayClaims claims,
        CancellationToken cancellationToken)
    {
        if (RegistrationForms.Fault(request) is { } fault)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, fault);
        }

        if (await database.FindUserAsync(context.Caller().Key, cancellationToken) is not { } owner)
        {
            return Problems.Of(ProblemCodes.Forbidden, "Nobody is registered with this key.");
        }

        return await claims.MakeAsync(owner.UserId, request, cancellationToken) is { } made
            ? Results.Ok(made)
            : Problems.Of(ProblemCodes.TooManyClaims, $"At most {GatewayClaims.MaxOpen} that nobody has used yet.");
    }

    /// <summary>Only unknown codes count as guesses: whoever has a real one is no stranger.</summary>
    private static async Task<IResult> RedeemAsync(
        ClaimGatewayRequest request,
        HttpContext context,
        GatewayClaims claims,
        ClaimAttempts attempts,
        ILogger<GatewayClaims> logger,
        CancellationToken cancellationToken)
    {
        var gateway = context.Caller().Key;
        var from = context.Connection.RemoteIpAddress;
        string? problem = ProblemCodes.TooManyAttempts;
        ClaimedGateway? claimed = null;
        if (attempts.MayTry(gateway, from))
        {
            (claimed, problem) = ClaimCode.TryNormalise(request.Code, out var code)
                ? await claims.RedeemAsync(gateway, code, cancellationToken)
                : (null, ProblemCodes.UnknownClaim);
        }

        if (problem is null)
        {
            return Results.Ok(claimed);
        }

        if (problem == ProblemCodes.UnknownClaim)
        {
            attempts.CountWrong(gateway, from);
        }

        Log.GatewayRefused(logger, gateway, from, problem);
        return Problems.Of(problem);
    }

    private static async Task<IResult> ReleaseAsync(
        string gateway, HttpContext context, GatewayClaims claims, CancellationToken cancellationToken)
    {
        if (!Key32.TryParse(gateway, out var key))
        {
            return Problems.Of(ProblemCodes.NotFound);
        }

        var caller = context.Caller();
        var isOperator = caller.Kind == CallerKind.Operator;
        return await claims.ReleaseAsync(key, caller.Key, isOperator, cancellationToken) is { } problem
            ? Problems.Of(problem)
            : Results.NoContent();
    }
}
