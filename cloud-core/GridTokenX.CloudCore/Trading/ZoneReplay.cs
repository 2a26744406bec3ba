using System.Globalization;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Matching;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>What a replay of a zone's journal came to.</summary>
/// <param name="Fault">What does not fit; null when everything does.</param>
/// <param name="Lines">That were replayed.</param>
/// <param name="Hashes">Of these lines and of snapshots, that were compared.</param>
/// <param name="Book">As the database has it.</param>
internal sealed record ReplayOutcome(string? Fault, long Lines, int Hashes, ZoneBook Book);

/// <summary>
/// Applies a zone's journal to its oldest snapshot, compares every state hash and every later snapshot on the way, and
/// the book in the end with the live orders. In a transaction that sees one state of the database.
/// </summary>
/// <param name="isContinued">From the newest snapshot that a replay has come to already, where there is one.</param>
internal sealed class ZoneReplay(NpgsqlTransaction transaction, string zone, bool isContinued = false)
{
    private const int PageLines = 5_000;

    private sealed record Line(long Sequence, byte[] Operation, byte[]? StateHash);

    private OrderBook<SilentListener> _book = null!;
    private long _at;
    private long _lines;
    private int _hashes;

    /// <exception cref="InvalidOperationException">There is no such zone, or its live orders make no book.</exception>
    internal async Task<ReplayOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var state = await ZoneRecords.StateAsync(transaction, zone, cancellationToken)
            ?? throw new InvalidOperationException($"Nobody has written to a zone {zone}.");
        var live = await ZoneRecords.LiveAsync(transaction, zone, cancellationToken);
        var book = ZoneBook.Restore(
            BookKind.Parse(state.Mode),
            live.Select(static order => (order.Id, order.ToNewOrder())),
            state.Position);
        var snapshots = new Queue<ZoneSnapshot>(isContinued
            ? await ZoneSnapshots.SinceVerifiedAsync(transaction, zone, cancellationToken)
            : await ZoneSnapshots.AllAsync(transaction, zone, cancellationToken));
        if (!snapshots.TryDequeue(out var first))
        {
            return new ReplayOutcome("There is no snapshot.", 0, 0, book);
        }

        (_book, _at) = (ZoneSnapshots.Open(first), first.Sequence);
        var fault = FaultOf(first.StateHash, $"snapshot {first.Sequence}")
            ?? await ReplayAsync(state.Sequence, snapshots, cancellationToken)
            ?? FaultOf(BookBytes.Of(book.StateHash()), "the live orders");
        return new ReplayOutcome(fault, _lines, _hashes, book);
    }

    private async Task<string?> ReplayAsync(
        long last, Queue<ZoneSnapshot> snapshots, CancellationToken cancellationToken)
    {
        while (_at < last)
        {
            var page = await transaction.QueryAsync<Line>(
                """
                select sequence, operation, state_hash from market_journal
                where zone = @zone and sequence > @_at order by sequence limit @PageLines
                """,
                new { zone, _at, PageLines },
                cancellationToken);
            if (page.Count == 0)
            {
                return $"The journal ends with line {_at}, not {last}.";
            }

            foreach (var line in page)
            {
                if (Apply(line, snapshots) is { } fault)
                {
                    return fault;
                }
            }
        }

        return _at == last ? null : $"The journal goes on to line {_at}, beyond {last}.";
    }

    private string? Apply(Line line, Queue<ZoneSnapshot> snapshots)
    {
        if (line.Sequence != _at + 1)
        {
            return $"After line {_at} comes line {line.Sequence}.";
        }

        var answer = BookOperation.Read(line.Operation).ApplyTo(_book);
        (_at, _lines) = (line.Sequence, _lines + 1);
        if (answer != RejectReason.None)
        {
            return $"The book refuses line {_at}: {answer}.";
        }

        var fault = line.StateHash is null ? null : FaultOf(line.StateHash, $"line {_at}");
        if (fault is not null || !snapshots.TryPeek(out var next) || next.Sequence != _at)
        {
            return fault;
        }

        _ = snapshots.Dequeue();
        fault = FaultOf(next.StateHash, $"snapshot {_at}");
        _book = ZoneSnapshots.Open(next);
        return fault;
    }

    private string? FaultOf(byte[] expected, string where)
    {
        _hashes++;
        var found = BookBytes.Of(_book.StateHash());
        return expected.AsSpan().SequenceEqual(found)
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"The replay gives {Convert.ToHexStringLower(found)}, {where} {Convert.ToHexStringLower(expected)}.");
    }
}
