using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Web;

/// <summary>What the page asks for and nobody else needs.</summary>
internal static class WebEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapGet("/api/web", Settings).AllowPublic().WithoutDatabase().WithoutMarketTime();
        _ = routes.MapGet("/api/neighbourhood", NeighbourhoodAsync).AllowPublic();
        _ = routes.MapPost("/api/web/welcome", WelcomeAsync).RequireWallet();
    }

    private static IResult Settings(WebOptions web, CloudOptions cloud, SimulationOptions simulation) =>
        Results.Ok(new WebSettings(
            web.DevelopmentWallet,
            web.ThbPerGrx,
            cloud.GrantsEnabled ? web.WelcomeGrx : null,
            simulation.Enabled));

    private static async Task<IResult> NeighbourhoodAsync(
        string? zone, NeighbourhoodQuery query, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(zone) || RegistrationForms.FaultOfZone(zone) is not null)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "zone names a grid zone.");
        }

        return await query.ReadAsync(zone, cancellationToken) is { } view
            ? Results.Ok(view)
            : Problems.Of(ProblemCodes.UnknownZone);
    }

    /// <summary>The grant's id follows from the user: asking again gives the same one.</summary>
    private static async Task<IResult> WelcomeAsync(
        HttpContext context,
        WebOptions web,
        CloudOptions cloud,
        NpgsqlDataSource database,
        IChainOutbox outbox,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!cloud.GrantsEnabled || web.WelcomeGrx is not { } grx || !MicroGrx.TryFromGrx(grx, out var amount))
        {
            return Problems.Of(ProblemCodes.Forbidden, "Nothing is given away here.");
        }

        if (await database.FindUserAsync(context.Caller().Key, cancellationToken) is not { } user)
        {
            return Problems.Of(ProblemCodes.NotFound, "Nobody is registered with this key.");
        }

        var grant = new GrantMoney(IntentKinds.IdOf("welcome", user.UserId.ToString()), user.Wallet, amount);
        var written = await database.TransactAsync(
            unit => Grants.WriteAsync(unit, grant, outbox, time.GetUtcNow(), cancellationToken), cancellationToken);
        outbox.Wake();
        return Results.Json(written, statusCode: StatusCodes.Status202Accepted);
    }
}
