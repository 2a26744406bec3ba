using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Live;

/// <summary>
/// The book of a zone, the same levels as the channel's; however many poll it, it is read once at a time.
/// </summary>
internal sealed class BookEndpoint
{
    private readonly NpgsqlDataSource _database;
    private readonly SharedReads<string, TaggedBody> _books;

    public BookEndpoint(NpgsqlDataSource database, WallTime wall)
    {
        _database = database;
        _books = new SharedReads<string, TaggedBody>(ReadAsync, wall.Clock, TimeSpan.Zero);
    }

    internal static async Task<IResult> GetAsync(
        string? zone, BookEndpoint endpoint, HttpContext context, CancellationToken cancellationToken) =>
        zone is null || RegistrationForms.FaultOfZone(zone) is not null
            ? Problems.Of(ProblemCodes.MalformedRequest, "zone has 1 to 32 characters of A-Z a-z 0-9 - _ .")
            : (await endpoint._books.ReadAsync(zone).WaitAsync(cancellationToken)).AnswerTo(context);

    private async Task<TaggedBody> ReadAsync(string zone)
    {
        // Whoever asks may go; the others wait on.
        var levels = await BookChannel.LevelsAsync(_database, [zone], CancellationToken.None);
        var bySide = levels.ToLookup(static level => level.Side, static level => level.ToView());
        return TaggedBody.Of(new BookView(zone, [.. bySide["buy"]], [.. bySide["sell"]]));
    }
}
