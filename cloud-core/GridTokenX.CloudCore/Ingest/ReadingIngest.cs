using System.Runtime.InteropServices;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Metrics;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
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
/// Takes readings in: looks for stored ones first, verifies the signatures of the others on all cores, then applies
/// the rules and stores what passes, together with other requests' readings. The same readings again, also at the same
/// time, change nothing.
/// </summary>
internal sealed class ReadingIngest(
    NpgsqlDataSource source,
    SignatureChecks signatures,
    ReadingCommit commit,
    LateReadings late,
    IngestOptions limits,
    CloudMetrics metrics)
{
    private int _inHand;

    /// <param name="submissions">In the order in which the results are wanted.</param>
    /// <param name="gateway">The gateway that speaks for the devices; null when each reading speaks for itself.</param>
    /// <exception cref="OverloadedException">
    /// More readings are in hand than <see cref="IngestOptions.MaxReadingsInHand"/>.
    /// </exception>
    internal async Task<IReadOnlyList<ReadingResult>> TakeAsync(
        IReadOnlyList<Submission> submissions, Key32? gateway, CancellationToken cancellationToken)
    {
        if (Interlocked.Add(ref _inHand, submissions.Count) > limits.MaxReadingsInHand)
        {
            _ = Interlocked.Add(ref _inHand, -submissions.Count);
            metrics.Limited("readings");
            throw new OverloadedException("Too many readings are being taken in.");
        }

        try
        {
            var batch = new SubmittedBatch(submissions);
            await LookUpAsync(batch, gateway, cancellationToken);
            await VerifyAsync(batch, cancellationToken);
            if (batch.HasNews)
            {
                await commit.CommitAsync(batch, cancellationToken);
            }

            metrics.Judged(batch.Verdicts);
            return [.. submissions.Select((submission, index) => ResultOf(submission, batch.Verdicts[index]))];
        }
        finally
        {
            _ = Interlocked.Add(ref _inHand, -submissions.Count);
        }
    }

    /// <summary>Judges what needs no signature: unreadable, unknown, stored already.</summary>
    private async Task LookUpAsync(SubmittedBatch batch, Key32? gateway, CancellationToken cancellationToken)
    {
        batch.Settle(static s => s.Reading is null ? Verdict.Rejected(ProblemCodes.MalformedReading) : null);
        if (batch.Open.Count == 0)
        {
            return;
        }

        var meters = await ReadingStore.MetersAsync(source, batch.Readings(batch.Open), cancellationToken);
        batch.Settle(s => IsOf(s, meters, gateway) ? null : Verdict.Rejected(ProblemCodes.UnknownDevice));

        // Above the last accepted sequence number nothing is stored.
        var old = batch.Open.FindAll(i => batch.Reading(i).Sequence <= meters[batch.Reading(i).Device].LastSequence);
        var stored = old.Count == 0
            ? new StoredReadings()
            : await ReadingStore.StoredAsync(source, batch.Readings(old), cancellationToken);
        batch.Settle(s => stored.Holds(s.Reading!) ? Verdict.Duplicate : OwnerVerdict(s, meters[s.Reading!.Device]));
        if (gateway is { } bringer)
        {
            await late.TakeAsync(batch, meters, bringer, cancellationToken);
        }
    }

    private static bool IsOf(Submission submission, Dictionary<Key32, MeterState> meters, Key32? gateway) =>
        meters.TryGetValue(submission.Reading!.Device, out var meter)
        && (gateway is null || meter.Gateway == gateway)
        && (submission.Claims is null || submission.Claims.MeterId == meter.MeterId);

    private static Verdict? OwnerVerdict(Submission submission, MeterState meter)
    {
        var refusal = ReadingRules.OwnerRefusal(meter)
            ?? (submission.Claims is { } claims && claims.Wallet != meter.Wallet ? ProblemCodes.InvalidWallet : null);
        return refusal is null ? null : Verdict.Rejected(refusal);
    }

    private async Task VerifyAsync(SubmittedBatch batch, CancellationToken cancellationToken)
    {
        var valid = await signatures.VerifyAsync(batch.Readings(batch.Open), cancellationToken);
        var next = 0;
        batch.Settle(_ => valid[next++] ? null : Verdict.Rejected(ProblemCodes.BadSignature));
    }

    private static ReadingResult ResultOf(Submission submission, Verdict verdict) =>
        new(submission.Device, submission.Sequence, verdict.Status, verdict.Code);
}

/// <summary>The readings of one request, and what has been found out about them.</summary>
internal sealed class SubmittedBatch(IReadOnlyList<Submission> submissions)
{
    /// <summary>Indexes of those without a verdict yet, ascending.</summary>
    internal List<int> Open { get; private set; } = [.. Enumerable.Range(0, submissions.Count)];

    /// <summary>By index; without meaning for the open ones.</summary>
    internal Verdict[] Verdicts { get; } = new Verdict[submissions.Count];

    /// <summary>There is something to write: readings, or refusals to be counted.</summary>
    internal bool HasNews => Open.Count > 0 || Array.Exists(Verdicts, static verdict => verdict.Code is not null);

    internal Submission this[int index] => submissions[index];

    internal SignedReading Reading(int index) => submissions[index].Reading!;

    internal List<SignedReading> Readings(List<int> indexes) => indexes.ConvertAll(Reading);

    /// <summary>Asks for a verdict on every open one, in order; null leaves it open.</summary>
    internal void Settle(Func<Submission, Verdict?> judge)
    {
        var open = new List<int>(Open.Count);
        foreach (var index in CollectionsMarshal.AsSpan(Open))
        {
            if (judge(submissions[index]) is { } verdict)
            {
                Verdicts[index] = verdict;
            }
            else
            {
                open.Add(index);
            }
        }

        Open = open;
    }

    /// <summary>Verdicts by index, also on those that have one; the others stay as they are.</summary>
    internal void Settle(IReadOnlyDictionary<int, Verdict> verdicts)
    {
        foreach (var (index, verdict) in verdicts)
        {
            Verdicts[index] = verdict;
        }

        Open = Open.FindAll(index => !verdicts.ContainsKey(index));
    }

    /// <summary>The verdicts on all the open ones, in their order.</summary>
    internal void Settle(ReadOnlySpan<Verdict> verdicts)
    {
        for (var i = 0; i < Open.Count; i++)
        {
            Verdicts[Open[i]] = verdicts[i];
        }

        Open = [];
    }
}
