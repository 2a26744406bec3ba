using System.Diagnostics;
using GridTokenX.CloudCore.Metrics;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Ingest;

/// <summary>
/// The last step: with the meters locked, the rules, and what passes them is written; the batches of several requests
/// in one transaction.
/// </summary>
internal sealed class ReadingCommit
{
    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly IngestOptions _limits;
    private readonly CloudMetrics _metrics;
    private readonly GroupCommit<SubmittedBatch, Verdict[]> _group;

    public ReadingCommit(NpgsqlDataSource source, TimeProvider time, IngestOptions limits, CloudMetrics metrics)
    {
        (_source, _time, _limits, _metrics) = (source, time, limits, metrics);
        _group = new GroupCommit<SubmittedBatch, Verdict[]>(
            new GroupLimits(limits.Writers, limits.MaxReadingsInTransaction, limits.MaxReadingsInHand),
            static batch => batch.Verdicts.Length,
            CommitAsync,
            DatabaseFaults.IsUnavailable);
    }

    /// <summary>Batches that no transaction has yet.</summary>
    internal int Waiters => _group.Waiters;

    /// <summary>Returns once the batch is committed, with a verdict on every reading.</summary>
    internal async Task CommitAsync(SubmittedBatch batch, CancellationToken cancellationToken) =>
        batch.Settle(await _group.CommitAsync(batch, cancellationToken));

    private async Task<IReadOnlyList<Verdict[]>> CommitAsync(IReadOnlyList<SubmittedBatch> batches)
    {
        var started = Stopwatch.GetTimestamp();

        // Worked out anew in every attempt, and kept only when the transaction was committed.
        var judged = await _source.TransactAsync(unit => WriteAsync(unit, batches), CancellationToken.None);
        _metrics.Committed(batches.Count, Stopwatch.GetElapsedTime(started));
        return judged;
    }

    private async Task<Verdict[][]> WriteAsync(UnitOfWork unit, IReadOnlyList<SubmittedBatch> batches)
    {
        var now = _time.GetUtcNow();
        var known = await LockAsync(unit, batches);
        var changes = new ReadingChanges();
        var judged = new Verdict[batches.Count][];
        for (var i = 0; i < batches.Count; i++)
        {
            judged[i] = Judge(batches[i], known, now, changes);
        }

        await ReadingStore.WriteAsync(unit, changes, now, CancellationToken.None);
        return judged;
    }

    private static async Task<KnownReadings> LockAsync(UnitOfWork unit, IReadOnlyList<SubmittedBatch> batches)
    {
        var readings = batches.SelectMany(static batch => batch.Readings(batch.Open)).ToList();
        if (readings.Count == 0)
        {
            return new KnownReadings([], new StoredReadings());
        }

        var meters = await ReadingStore.LockMetersAsync(unit, readings, CancellationToken.None);

        // Not above the last accepted one, although it was not stored a moment ago: another request was faster,
        // perhaps with the very same reading.
        var late = readings.FindAll(reading =>
            meters.TryGetValue(reading.Device, out var meter) && reading.Sequence <= meter.LastSequence);
        var stored = late.Count == 0
            ? new StoredReadings()
            : await ReadingStore.StoredAsync(unit, late, CancellationToken.None);
        return new KnownReadings(meters, stored);
    }

    /// <summary>Each device's readings in the order of their sequence numbers.</summary>
    private Verdict[] Judge(SubmittedBatch batch, KnownReadings known, DateTimeOffset now, ReadingChanges changes)
    {
        foreach (var verdict in batch.Verdicts)
        {
            changes.Count(verdict.Code);
        }

        var verdicts = new Verdict[batch.Open.Count];
        var order = Enumerable.Range(0, verdicts.Length).ToArray();
        Array.Sort(order, (a, b) =>
            batch.Reading(batch.Open[a]).Sequence.CompareTo(batch.Reading(batch.Open[b]).Sequence) is var c and not 0
                ? c
                : a.CompareTo(b));
        foreach (var position in order)
        {
            var submission = batch[batch.Open[position]];
            var reading = submission.Reading!;

            // Gone since it was looked up: the meter has another device.
            var verdict = known.Meters.TryGetValue(reading.Device, out var meter)
                ? Judge(submission, meter, known.Stored, now)
                : Verdict.Rejected(ProblemCodes.UnknownDevice);
            if (verdict == Verdict.Accepted)
            {
                known.Meters[reading.Device] = meter!.After(reading);
                known.Stored.Add(reading);
                changes.Add(reading);
            }

            changes.Count(verdict.Code);
            verdicts[position] = verdict;
        }

        return verdicts;
    }

    private Verdict Judge(Submission submission, MeterState meter, StoredReadings stored, DateTimeOffset now)
    {
        var reading = submission.Reading!;
        if (stored.Holds(reading))
        {
            return Verdict.Duplicate;
        }

        var refusal = ReadingRules.Refusal(meter, reading, now, _limits);
        if (refusal is null && submission.Claims is { } claims
            && !IsNet(claims.NetKwh, ReadingRules.NetSince(meter, reading)))
        {
            refusal = ProblemCodes.AmountMismatch;
        }

        return refusal is null ? Verdict.Accepted : Verdict.Rejected(refusal);
    }

    private static bool IsNet(decimal claimedKwh, WattHours net) =>
        WattHours.TryFromKwh(claimedKwh, out var claimed) && claimed == net;
}

/// <summary>What is known while a group is judged; moves on with every accepted reading.</summary>
internal sealed record KnownReadings(Dictionary<Key32, MeterState> Meters, StoredReadings Stored);

/// <summary>Readings that are stored, to be compared with others of the same device and sequence number.</summary>
internal sealed class StoredReadings
{
    private readonly Dictionary<(Key32 Device, long Sequence), SignedReading> _readings = [];

    internal void Add(SignedReading reading) => _readings[(reading.Device, reading.Sequence)] = reading;

    /// <summary>One of the same device and sequence number, with this or other content.</summary>
    internal bool HasNumberOf(SignedReading reading) => _readings.ContainsKey((reading.Device, reading.Sequence));

    /// <summary>The very same reading, byte for byte.</summary>
    internal bool Holds(SignedReading reading) =>
        _readings.Count > 0
        && _readings.TryGetValue((reading.Device, reading.Sequence), out var stored)
        && stored.Sequence == reading.Sequence
        && stored.Timestamp == reading.Timestamp
        && stored.ProductionWh == reading.ProductionWh
        && stored.ConsumptionWh == reading.ConsumptionWh
        && stored.SocPermille == reading.SocPermille
        && stored.Flags == reading.Flags
        && stored.IntervalSeconds == reading.IntervalSeconds
        && stored.Signature.AsSpan().SequenceEqual(reading.Signature);
}

/// <summary>What a transaction writes.</summary>
internal sealed class ReadingChanges
{
    private readonly Dictionary<Key32, DeviceChange> _devices = [];
    private readonly SortedDictionary<string, long> _refusals = new(StringComparer.Ordinal);

    internal List<SignedReading> Accepted { get; } = [];

    internal IReadOnlyCollection<DeviceChange> Devices => _devices.Values;

    /// <summary>How many were refused, by code.</summary>
    internal IReadOnlyDictionary<string, long> Refusals => _refusals;

    /// <summary>Each device's in the order of their sequence numbers.</summary>
    internal void Add(SignedReading accepted)
    {
        Accepted.Add(accepted);
        _devices[accepted.Device] = _devices.TryGetValue(accepted.Device, out var change)
            ? change with { Last = accepted, Count = change.Count + 1 }
            : new DeviceChange(accepted, accepted, 1);
    }

    internal void Count(string? refusal)
    {
        if (refusal is not null)
        {
            _refusals[refusal] = _refusals.GetValueOrDefault(refusal) + 1;
        }
    }
}

/// <summary>A device's first and last accepted reading, and how many there were.</summary>
internal readonly record struct DeviceChange(SignedReading First, SignedReading Last, long Count);
