using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Ingest;

/// <summary>
/// What became of a submission: a status of <see cref="ReadingResult"/>, with the code when it was rejected.
/// </summary>
internal readonly record struct Verdict(string Status, string? Code)
{
    internal static Verdict Accepted => new(ReadingResult.Accepted, null);

    internal static Verdict Duplicate => new(ReadingResult.Duplicate, null);

    internal static Verdict Rejected(string code) => new(ReadingResult.Rejected, code);
}

/// <summary>
/// Takes readings in: looks for stored ones first, verifies the signatures of the others in parallel, then applies
/// the rules and stores what passes in one transaction. The same readings again, also at the same time, change
/// nothing.
/// </summary>
internal sealed class ReadingIngest(
    NpgsqlDataSource source, TimeProvider time, IngestOptions limits, LateReadings late)
{
    /// <param name="submissions">In the order in which the results are wanted.</param>
    /// <param name="gateway">The gateway that speaks for the devices; null when each reading speaks for itself.</param>
    internal async Task<IReadOnlyList<ReadingResult>> TakeAsync(
        IReadOnlyList<Submission> submissions, Key32? gateway, CancellationToken cancellationToken)
    {
        var verdicts = new Verdict?[submissions.Count];
        var readable = Open(
            submissions, verdicts, static s => s.Reading is null ? ProblemCodes.MalformedReading : null);
        if (readable.Count > 0)
        {
            var known = await ReadingStore.LookUpAsync(source, ReadingsOf(submissions, readable), cancellationToken);
            foreach (var index in readable)
            {
                verdicts[index] = BeforeVerifying(submissions[index], known, gateway);
            }

            if (gateway is { } bringer)
            {
                await late.TakeAsync(submissions, verdicts, known, bringer, cancellationToken);
            }
        }

        VerifySignatures(submissions, verdicts);

        await StoreAsync(submissions, verdicts, cancellationToken);
        return [.. submissions.Select((submission, index) => ResultOf(submission, verdicts[index]!.Value))];
    }

    private static List<int> Open(
        IReadOnlyList<Submission> submissions, Verdict?[] verdicts, Func<Submission, string?> refusal)
    {
        var open = new List<int>(submissions.Count);
        for (var index = 0; index < submissions.Count; index++)
        {
            if (refusal(submissions[index]) is { } code)
            {
                verdicts[index] = Verdict.Rejected(code);
            }
            else
            {
                open.Add(index);
            }
        }

        return open;
    }

    /// <summary>What can be said of a reading without its signature; null when that has to be verified.</summary>
    private static Verdict? BeforeVerifying(Submission submission, KnownReadings known, Key32? gateway)
    {
        var reading = submission.Reading!;
        var claims = submission.Claims;
        if (!known.Meters.TryGetValue(reading.Device, out var meter)
            || (gateway is not null && meter.Gateway != gateway)
            || (claims is not null && claims.MeterId != meter.MeterId))
        {
            return Verdict.Rejected(ProblemCodes.UnknownDevice);
        }

        if (known.Holds(reading))
        {
            return Verdict.Duplicate;
        }

        var refusal = ReadingRules.OwnerRefusal(meter)
            ?? (claims is not null && claims.Wallet != meter.Wallet ? ProblemCodes.InvalidWallet : null);
        return refusal is null ? null : Verdict.Rejected(refusal);
    }

    private static void VerifySignatures(IReadOnlyList<Submission> submissions, Verdict?[] verdicts) =>
        Parallel.For(0, submissions.Count, index =>
        {
            if (verdicts[index] is null && !submissions[index].Reading!.HasValidSignature())
            {
                verdicts[index] = Verdict.Rejected(ProblemCodes.BadSignature);
            }
        });

    private async Task StoreAsync(
        IReadOnlyList<Submission> submissions, Verdict?[] verdicts, CancellationToken cancellationToken)
    {
        var open = Enumerable.Range(0, submissions.Count).Where(index => verdicts[index] is null).ToList();
        if (open.Count == 0 && !verdicts.Any(static verdict => verdict?.Code is not null))
        {
            return;
        }

        // Worked out anew in every attempt, and kept only when the transaction was committed.
        var judged = await source.TransactAsync(
            async unit =>
            {
                var now = time.GetUtcNow();
                var found = await JudgeAsync(unit, submissions, open, now, cancellationToken);
                var accepted = found.Where(static f => f.Value == Verdict.Accepted);
                var codes = verdicts.Select(static v => v?.Code).Concat(found.Values.Select(static v => v.Code))
                    .OfType<string>();
                await ReadingStore.WriteAsync(
                    unit,
                    [.. accepted.Select(f => submissions[f.Key].Reading!)],
                    codes.CountBy(static code => code).ToDictionary(),
                    now,
                    cancellationToken);
                return found;
            },
            cancellationToken);
        foreach (var (index, verdict) in judged)
        {
            verdicts[index] = verdict;
        }
    }

    private async Task<Dictionary<int, Verdict>> JudgeAsync(
        UnitOfWork unit,
        IReadOnlyList<Submission> submissions,
        List<int> open,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var judged = new Dictionary<int, Verdict>(open.Count);
        if (open.Count == 0)
        {
            return judged;
        }

        var meters = await ReadingStore.LockMetersAsync(unit, ReadingsOf(submissions, open), cancellationToken);

        // Not above the last accepted one, although it was not stored a moment ago: another request was faster,
        // perhaps with the very same reading.
        var late = open.FindAll(index =>
            submissions[index].Reading is { } reading && reading.Sequence <= meters[reading.Device].LastSequence);
        var stored = late.Count == 0
            ? []
            : await ReadingStore.StoredAsync(unit, ReadingsOf(submissions, late), cancellationToken);
        foreach (var index in open.OrderBy(index => submissions[index].Reading!.Sequence).ThenBy(static index => index))
        {
            var reading = submissions[index].Reading!;
            var verdict = Judge(submissions[index], meters[reading.Device], new KnownReadings(meters, stored), now);
            if (verdict == Verdict.Accepted)
            {
                meters[reading.Device] = meters[reading.Device].After(reading);
                stored[(reading.Device, reading.Sequence)] = reading;
            }

            judged[index] = verdict;
        }

        return judged;
    }

    private Verdict Judge(Submission submission, MeterState meter, KnownReadings known, DateTimeOffset now)
    {
        var reading = submission.Reading!;
        if (known.Holds(reading))
        {
            return Verdict.Duplicate;
        }

        var refusal = ReadingRules.Refusal(meter, reading, now, limits);
        if (refusal is null && submission.Claims is { } claims
            && !IsNet(claims.NetKwh, ReadingRules.NetSince(meter, reading)))
        {
            refusal = ProblemCodes.AmountMismatch;
        }

        return refusal is null ? Verdict.Accepted : Verdict.Rejected(refusal);
    }

    private static bool IsNet(decimal claimedKwh, WattHours net) =>
        WattHours.TryFromKwh(claimedKwh, out var claimed) && claimed == net;

    private static List<SignedReading> ReadingsOf(IReadOnlyList<Submission> submissions, List<int> indexes) =>
        indexes.ConvertAll(index => submissions[index].Reading!);

    private static ReadingResult ResultOf(Submission submission, Verdict verdict) =>
        new(submission.Device, submission.Sequence, verdict.Status, verdict.Code);
}
