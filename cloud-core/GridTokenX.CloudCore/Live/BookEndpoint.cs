using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Registration;
using GridTokenX.Protocol.Api;
using Npgsql;

namespace GridTokenX.CloudCore.Live;

internal static class BookEndpoint
{
    /// <summary>The same levels as the channel's.</summary>
    internal static async Task<IResult> GetAsync(
        string? zone, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (zone is null || RegistrationForms.FaultOfZone(zone) is not null)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "zone has 1 to 32 characters of A-Z a-z 0-9 - _ .");
        }

        var levels = await BookChannel.LevelsAsync(database, [zone], cancellationToken);
        var bySide = levels.ToLookup(static level => level.Side, static level => level.ToView());
        return Results.Ok(new BookView(zone, [.. bySide["buy"]], [.. bySide["sell"]]));
    }
}
