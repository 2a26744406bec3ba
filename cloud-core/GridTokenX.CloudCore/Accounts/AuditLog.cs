using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>Who did what to whom; none of it a secret.</summary>
internal sealed record AuditEvent(
    string Actor, string Action, string? Subject = null, string? Detail = null, string? Address = null);

/// <summary>A row of the log; what is hashed of it is drawn at <see cref="Canonical"/>.</summary>
internal sealed record AuditRow
{
    private static readonly byte[] Tag = "GTX/audit/v1\0\0\0\0"u8.ToArray();

    public required long Number { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Actor { get; init; }

    public required string Action { get; init; }

    public required string? Subject { get; init; }

    public required string? Detail { get; init; }

    public required string? Address { get; init; }

    public required byte[] Previous { get; init; }

    public byte[] Hash { get; init; } = [];

    public byte[] Seal { get; init; } = [];

    /// <remarks>
    /// <code>
    /// tag 16 · previous hash 32 · number u64 · time i64 (Unix microseconds), big-endian
    /// actor, action, subject, detail, address: each u32 length · UTF-8; 0xFFFFFFFF without text for none
    /// </code>
    /// </remarks>
    internal byte[] Canonical()
    {
        using var bytes = new MemoryStream();
        Span<byte> number = stackalloc byte[sizeof(long)];
        bytes.Write(Tag);
        bytes.Write(Previous);
        BinaryPrimitives.WriteInt64BigEndian(number, Number);
        bytes.Write(number);
        BinaryPrimitives.WriteInt64BigEndian(
            number, (At.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        bytes.Write(number);
        foreach (var text in new[] { Actor, Action, Subject, Detail, Address })
        {
            var encoded = text is null ? [] : Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteUInt32BigEndian(number, text is null ? uint.MaxValue : (uint)encoded.Length);
            bytes.Write(number[..sizeof(uint)]);
            bytes.Write(encoded);
        }

        return bytes.ToArray();
    }
}

/// <summary>
/// The append-only log of everything privileged. Each row carries the hash of the one before; its own hash is sealed
/// with a key outside of the database, so that whoever can write there cannot make the chain anew.
/// </summary>
internal sealed class AuditLog(NpgsqlDataSource database, SessionSecrets secrets, WallTime wall)
{
    // "gtxaudit" in ASCII: one appending transaction at a time.
    private const long AppendLock = 0x6774_7861_7564_6974;
    private const string SealPurpose = "GTX/audit-seal/v1";
    private const int Batch = 1_000;
    private const string Columns =
        "number, at, actor, action, subject, detail, address, previous, hash, seal";

    private static readonly byte[] Origin = new byte[SHA256.HashSizeInBytes];

    internal Task AppendAsync(AuditEvent entry, CancellationToken cancellationToken) => database.TransactAsync(
        async unit =>
        {
            await AppendAsync(unit.Transaction, entry, cancellationToken);
            return true;
        },
        cancellationToken);

    /// <summary>To be the last statement of its transaction: until then everybody else waits.</summary>
    internal async Task AppendAsync(
        NpgsqlTransaction transaction, AuditEvent entry, CancellationToken cancellationToken)
    {
        _ = await transaction.ExecuteAsync(
            "select pg_advisory_xact_lock(@AppendLock)", new { AppendLock }, cancellationToken);
        var last = await transaction.FirstOrDefaultAsync<AuditRow>(
            $"select {Columns} from audit_log order by number desc limit 1", null, cancellationToken);
        var at = wall.UtcNow.ToUniversalTime();
        var row = new AuditRow
        {
            Number = (last?.Number ?? 0) + 1,
            At = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond)),
            Actor = Plain(entry.Actor)!,
            Action = entry.Action,
            Subject = Plain(entry.Subject),
            Detail = Plain(entry.Detail),
            Address = entry.Address,
            Previous = last?.Hash ?? Origin,
        };
        var hash = SHA256.HashData(row.Canonical());
        row = row with { Hash = hash, Seal = secrets.Mac(SealPurpose, hash) };
        _ = await transaction.ExecuteAsync(
            $"""
            insert into audit_log ({Columns})
            values (@Number, @At, @Actor, @Action, @Subject, @Detail, @Address, @Previous, @Hash, @Seal)
            """,
            row,
            cancellationToken);
    }

    /// <summary>Reads the whole log from its beginning.</summary>
    internal async Task<AuditReport> VerifyAsync(CancellationToken cancellationToken)
    {
        var (number, previous) = (0L, Origin);
        while (true)
        {
            var rows = await database.QueryAsync<AuditRow>(
                $"select {Columns} from audit_log where number > @number order by number limit @Batch",
                new { number, Batch },
                cancellationToken);
            foreach (var row in rows)
            {
                if (row.Number != number + 1 || !Fits(row, previous))
                {
                    return new AuditReport(false, number, number + 1, Convert.ToHexStringLower(previous));
                }

                (number, previous) = (row.Number, row.Hash);
            }

            if (rows.Count < Batch)
            {
                return new AuditReport(true, number, null, number == 0 ? null : Convert.ToHexStringLower(previous));
            }
        }
    }

    /// <summary>Newest first, only entries before the number.</summary>
    internal async Task<AuditPage> ReadAsync(long before, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync<AuditRow>(
            $"select {Columns} from audit_log where number < @before order by number desc limit @most",
            new { before, most = limit + 1 },
            cancellationToken);
        var page = rows.Take(limit).Select(static row => new AuditEntryView(
            row.Number,
            row.At,
            row.Actor,
            row.Action,
            row.Subject,
            row.Detail,
            row.Address,
            Convert.ToHexStringLower(row.Hash))).ToList();
        return new AuditPage(page, rows.Count > limit ? Cursor.Of("audit", page[^1].Number) : null);
    }

    private bool Fits(AuditRow row, byte[] previous) =>
        row.Previous.AsSpan().SequenceEqual(previous)
        && row.Hash.AsSpan().SequenceEqual(SHA256.HashData(row.Canonical()))
        && CryptographicOperations.FixedTimeEquals(row.Seal, secrets.Mac(SealPurpose, row.Hash));

    // PostgreSQL has no text with a zero byte.
    private static string? Plain(string? text) => text?.Replace('\0', ' ');
}
