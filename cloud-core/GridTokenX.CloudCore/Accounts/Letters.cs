using System.Globalization;
using System.Text;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// Letters are written in the transaction of their cause, and delivered afterwards: into the folder that a mail server
/// takes them from, or by the administrator's hand. Their text is never logged.
/// </summary>
internal sealed class Letters(NpgsqlDataSource database, AccountsOptions options, WallTime wall)
{
    private const int Batch = 100;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    internal Task WriteAsync(
        NpgsqlTransaction transaction,
        string recipient,
        string subject,
        string body,
        CancellationToken cancellationToken)
    {
        var now = wall.UtcNow;
        return transaction.ExecuteAsync(
            """
            insert into letters (id, recipient, subject, body, created_at)
            values (@id, @recipient, @subject, @body, @now)
            """,
            new { id = Guid.CreateVersion7(now), recipient, subject, body, now },
            cancellationToken);
    }

    /// <summary>Oldest first.</summary>
    internal Task<IReadOnlyList<LetterView>> ReadAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<LetterView>(
            "select id, recipient, subject, body, created_at from letters order by created_at, id limit @Batch",
            new { Batch },
            cancellationToken);

    /// <summary>
    /// Puts letters into the folder; how many. A file has its letter's id as name: after a crash the same letter is
    /// there once.
    /// </summary>
    internal async Task<int> DeliverAsync(CancellationToken cancellationToken)
    {
        if (options.LetterFolder is not { } folder)
        {
            return 0;
        }

        var letters = await ReadAsync(cancellationToken);
        foreach (var letter in letters)
        {
            await PutAsync(folder, letter, cancellationToken);
            _ = await database.TransactAsync(
                unit => unit.Transaction.ExecuteAsync(
                    "delete from letters where id = @Id", new { letter.Id }, cancellationToken),
                cancellationToken);
        }

        return letters.Count;
    }

    private static async Task PutAsync(string folder, LetterView letter, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, $"{letter.Id}.eml");
        var draft = $"{path}.new";
        var date = letter.CreatedAt.ToString("r", CultureInfo.InvariantCulture);
        var text = $"""
            To: {letter.Recipient}
            Subject: {letter.Subject}
            Date: {date}
            Message-ID: <{letter.Id}@gridtokenx>
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8

            {letter.Body}

            """;
        var file = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        };
        await using (var stream = new FileStream(draft, file))
        {
            await stream.WriteAsync(
                Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")), cancellationToken);
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }
}
