using GridTokenX.CloudCore.Ingest;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Units;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.CloudCore.Tests.Ingest;

public sealed class ReadingRulesTests
{
    private static readonly DateTimeOffset Now = CloudHost.Noon;
    private static readonly IngestOptions Limits = new();
    private static readonly Key32 Device = new([.. Enumerable.Repeat((byte)7, 32)]);

    /// <summary>A meter whose last reading came a quarter hour ago: sequence 10, 5 kWh out, 3 kWh in.</summary>
    private static readonly MeterState Meter = new(
        "MTR-1",
        Device,
        default,
        Device,
        UserVerified: true,
        Now.AddDays(-30),
        10,
        Now.AddMinutes(-15),
        new(5_000),
        new(3_000));

    private static readonly SignedReading Good = new()
    {
        Device = Device,
        Sequence = 11,
        Timestamp = Now,
        ProductionWh = 6_000,
        ConsumptionWh = 3_500,
        SocPermille = 500,
        Flags = 0,
        IntervalSeconds = 900,
        Signature = new byte[64],
    };

    [Fact]
    public void A_good_reading_is_accepted() => Refusal(Good).ShouldBeNull();

    [Fact]
    public void Nothing_is_taken_for_a_user_who_is_not_verified() =>
        Refusal(Good, Meter with { UserVerified = false }).ShouldBe(ProblemCodes.UserNotVerified);

    [Fact]
    public void Nothing_is_taken_for_a_wallet_that_cannot_be() =>
        Refusal(Good, Meter with { Wallet = default }).ShouldBe(ProblemCodes.InvalidWallet);

    [Theory]
    [InlineData(ReadingBytes.FlagTimeNotSynchronised, ProblemCodes.TimeNotSynchronised)]
    [InlineData(ReadingBytes.FlagLocked, null)]
    [InlineData(ReadingBytes.FlagTamper, null)]
    [InlineData(ReadingBytes.FlagRegistersRestored, null)]
    [InlineData(15, ProblemCodes.TimeNotSynchronised)]
    public void Only_a_device_that_does_not_know_the_time_is_refused_for_its_flags(int flags, string? code) =>
        Refusal(Good with { Flags = (ushort)flags }).ShouldBe(code);

    [Theory]
    [InlineData(-7 * 86_400, null)]
    [InlineData((-7 * 86_400) - 1, ProblemCodes.TooOld)]
    [InlineData(300, null)]
    [InlineData(301, ProblemCodes.InFuture)]
    public void A_reading_is_at_most_seven_days_old_and_five_minutes_ahead(int seconds, string? code) =>
        Refusal(Good with { Timestamp = Now.AddSeconds(seconds) }, Meter with { LastReadingAt = Now.AddDays(-20) })
            .ShouldBe(code);

    [Theory]
    [InlineData(10)]
    [InlineData(9)]
    [InlineData(1)]
    public void A_sequence_number_is_never_used_again(long sequence) =>
        Refusal(Good with { Sequence = sequence }).ShouldBe(ProblemCodes.SequenceReused);

    [Fact]
    public void Sequence_numbers_may_have_gaps() => Refusal(Good with { Sequence = long.MaxValue }).ShouldBeNull();

    [Fact]
    public void A_register_never_goes_back()
    {
        Refusal(Good with { ProductionWh = 4_999 }).ShouldBe(ProblemCodes.RegisterRegression);
        Refusal(Good with { ConsumptionWh = 2_999 }).ShouldBe(ProblemCodes.RegisterRegression);
        Refusal(Good with { ProductionWh = 5_000, ConsumptionWh = 3_000 }).ShouldBeNull();
    }

    [Theory]
    [InlineData(299, ProblemCodes.RateLimited)]
    [InlineData(300, null)]
    [InlineData(0, ProblemCodes.RateLimited)]
    [InlineData(-900, ProblemCodes.RateLimited)]
    public void Readings_are_five_minutes_apart_by_their_own_times(int seconds, string? code) =>
        Refusal(Good with { Timestamp = Now.AddMinutes(-15).AddSeconds(seconds) }).ShouldBe(code);

    [Fact]
    public void The_first_reading_may_come_at_once() =>
        Refusal(Good, Meter with { LastReadingAt = null, RegisteredAt = Now }).ShouldBeNull();

    [Theory]
    [InlineData(900, 900u, 100_000, null)]
    [InlineData(900, 900u, 100_001, ProblemCodes.EnergyOutOfRange)]
    [InlineData(2_700, 900u, 300_000, null)]
    [InlineData(2_700, 900u, 300_001, ProblemCodes.EnergyOutOfRange)]
    [InlineData(1_000, 900u, 111_111, null)] // 100 000 × 1000 ÷ 900 = 111 111.1, rounded down
    [InlineData(1_000, 900u, 111_112, ProblemCodes.EnergyOutOfRange)]
    [InlineData(900, 3_600u, 100_000, null)] // at least one interval's worth
    [InlineData(900, 3_600u, 100_001, ProblemCodes.EnergyOutOfRange)]
    [InlineData(900, 1u, 300_000, null)] // a claimed second counts as the five minutes between readings
    [InlineData(900, 1u, 300_001, ProblemCodes.EnergyOutOfRange)]
    public void Energy_is_bounded_pro_rata(int elapsed, uint interval, long energy, string? code)
    {
        var meter = Meter with { LastReadingAt = Now.AddSeconds(-elapsed) };
        var reading = Good with { IntervalSeconds = interval };
        Refusal(reading with { ProductionWh = 5_000 + energy }, meter).ShouldBe(code);
        Refusal(reading with { ConsumptionWh = 3_000 + energy }, meter).ShouldBe(code);
    }

    [Fact]
    public void The_first_readings_energy_counts_from_registration()
    {
        var fresh = Meter with
        {
            LastReadingAt = null,
            RegisteredAt = Now.AddMinutes(-30),
            Production = default,
            Consumption = default,
        };
        Refusal(Good with { ProductionWh = 200_000, ConsumptionWh = 0 }, fresh).ShouldBeNull();
        Refusal(Good with { ProductionWh = 200_001, ConsumptionWh = 0 }, fresh).ShouldBe(ProblemCodes.EnergyOutOfRange);
        Refusal(Good with { ProductionWh = 100_001, ConsumptionWh = 0 }, fresh with { RegisteredAt = Now.AddDays(1) })
            .ShouldBe(ProblemCodes.EnergyOutOfRange);
    }

    [Fact]
    public void The_largest_numbers_are_no_trouble() =>
        Refusal(
            Good with { ProductionWh = long.MaxValue, ConsumptionWh = long.MaxValue, Timestamp = Now },
            Meter with { LastReadingAt = DateTimeOffset.UnixEpoch }).ShouldBe(ProblemCodes.EnergyOutOfRange);

    [Fact]
    public void The_first_broken_rule_in_the_documented_order_gives_the_code()
    {
        var worst = Good with
        {
            Flags = 1,
            Timestamp = Now.AddDays(-8),
            Sequence = 10,
            ProductionWh = 1,
            ConsumptionWh = 10_000_000,
        };
        var knowsTheTime = worst with { Flags = 0 };
        var young = knowsTheTime with { Timestamp = Now.AddMinutes(-15) };
        var next = young with { Sequence = 11 };
        var grown = next with { ProductionWh = 5_000 };
        var apart = grown with { Timestamp = Now };
        List<string?> codes =
        [
            Refusal(worst, Meter with { UserVerified = false, Wallet = default }),
            Refusal(worst, Meter with { Wallet = default }),
            Refusal(worst),
            Refusal(knowsTheTime),
            Refusal(young),
            Refusal(next),
            Refusal(grown),
            Refusal(apart),
            Refusal(apart with { ConsumptionWh = 3_000 }),
        ];

        codes.ShouldBe([
            ProblemCodes.UserNotVerified,
            ProblemCodes.InvalidWallet,
            ProblemCodes.TimeNotSynchronised,
            ProblemCodes.TooOld,
            ProblemCodes.SequenceReused,
            ProblemCodes.RegisterRegression,
            ProblemCodes.RateLimited,
            ProblemCodes.EnergyOutOfRange,
            null,
        ]);
    }

    [Fact]
    public void Net_energy_is_production_less_consumption_since_the_last_reading() =>
        ReadingRules.NetSince(Meter, Good).ShouldBe(new WattHours(500));

    private static string? Refusal(SignedReading reading, MeterState? meter = null) =>
        ReadingRules.Refusal(meter ?? Meter, reading, Now, Limits);
}
