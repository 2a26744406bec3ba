using System.Globalization;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;
using GridTokenX.Simulator.Profiles;

namespace GridTokenX.Simulator.Live;

/// <summary>
/// A meter that lives in real time: signs its registers as a device does, and keeps what nobody has acknowledged, up to
/// a bound.
/// </summary>
internal sealed class LiveMeter : IDisposable
{
    /// <summary>A day of quarter hours; the device's ring in flash holds 128.</summary>
    public const int MaxPending = 96;

    private const int ModelDays = 7;

    private readonly SigningKey _key;
    private readonly LoadModel _load;
    private readonly PvModel? _pv;
    private readonly EnergyCounter _production = new();
    private readonly EnergyCounter _consumption = new();
    private readonly Queue<SignedReading> _pending = new();
    private readonly uint _interval;
    private readonly TimeZoneInfo _homeTime;
    private long _sequence;
    private long _productionAtFirst;
    private long _consumptionAtFirst;
    private DateTimeOffset? _last;

    public LiveMeter(LiveKeys keys, LiveOptions options, int number)
    {
        _key = keys.Device(number);
        _interval = (uint)options.Interval.TotalSeconds;
        _homeTime = options.HomeTime;
        _load = new LoadModel(options.Seed, number, ModelDays * Quarter.PerDay);
        _pv = number % 2 == 1 ? new PvModel(options.Seed, number, ModelDays * Quarter.PerDay) : null;
        MeterId = string.Create(CultureInfo.InvariantCulture, $"live-{keys.Prefix}-{number:00000}");
    }

    public string MeterId { get; }

    public Key32 Device => _key.PublicKey;

    public IReadOnlyCollection<SignedReading> Pending => _pending;

    /// <summary>Readings that had to give way because nobody acknowledged any for so long.</summary>
    public long Dropped { get; private set; }

    /// <summary>Goes on where an earlier run with the same keys ended.</summary>
    public void Resume(MeterView known)
    {
        _sequence = known.LastSequence;
        _productionAtFirst = (long)(known.ProductionKwh * 1_000);
        _consumptionAtFirst = (long)(known.ConsumptionKwh * 1_000);
        _last = known.LastReadingAt;
    }

    public byte[] Consent(Key32 owner, Key32 gateway)
    {
        var bytes = new byte[RegistrationBytes.Length];
        RegistrationBytes.Write(bytes, Device.ToArray(), owner.ToArray(), gateway.ToArray());
        return _key.Sign(bytes);
    }

    /// <summary>Measures up to this moment and signs; not a reading at a time that has one already.</summary>
    public bool TryRead(DateTimeOffset now)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        if (at <= _last)
        {
            return false;
        }

        // After a pause the meter stood still: an interval's energy is the most that a reading brings.
        var seconds = _last is null ? 0 : Math.Min((long)(at - _last.Value).TotalSeconds, _interval);
        Count(at, seconds);
        _last = at;
        _sequence++;
        if (_pending.Count == MaxPending)
        {
            _ = _pending.Dequeue();
            Dropped++;
        }

        _pending.Enqueue(Sign(at));
        return true;
    }

    /// <summary>The oldest ones have been decided, up to this sequence.</summary>
    /// <returns>How many.</returns>
    public int Settle(long sequence)
    {
        var settled = 0;
        while (_pending.TryPeek(out var oldest) && oldest.Sequence <= sequence)
        {
            _ = _pending.Dequeue();
            settled++;
        }

        return settled;
    }

    public void Dispose() => _key.Dispose();

    private void Count(DateTimeOffset at, long seconds)
    {
        var home = at.ToUnixTimeSeconds() + (long)_homeTime.GetUtcOffset(at).TotalSeconds;
        var quarter = (int)(home / Quarter.Seconds % (ModelDays * Quarter.PerDay));
        _ = _consumption.Add(_load.MicrowattSeconds(quarter) / Quarter.Seconds * seconds);
        if (_pv is not null)
        {
            _ = _production.Add(_pv.MicrowattSeconds(quarter) / Quarter.Seconds * seconds);
        }
    }

    private SignedReading Sign(DateTimeOffset at)
    {
        var reading = new SignedReading
        {
            Device = Device,
            Sequence = _sequence,
            Timestamp = at,
            ProductionWh = checked(_productionAtFirst + _production.TotalWh),
            ConsumptionWh = checked(_consumptionAtFirst + _consumption.TotalWh),
            SocPermille = ReadingBytes.NoBattery,
            Flags = 0,
            IntervalSeconds = _interval,
            Signature = [],
        };
        return reading with { Signature = _key.Sign(reading.CanonicalBytes()) };
    }
}
