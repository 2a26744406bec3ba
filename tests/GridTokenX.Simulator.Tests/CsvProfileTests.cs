using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Simulator.Profiles;

namespace GridTokenX.Simulator.Tests;

public sealed class CsvProfileTests
{
    private static readonly DateTimeOffset Midnight = new(2021, 7, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("time,power\n2021-07-01T00:00,1\n2021-07-01T00:15,1", "x.csv, line 1: the header")]
    [InlineData("", "x.csv, line 1: the header")]
    [InlineData("Time,power\n2021-07-01T00:00,1", "at least two lines")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n2021-07-01T00:15", "x.csv, line 3: two columns")]
    [InlineData("Time,power\n2021-07-01T00:00,1,2\n2021-07-01T00:15,1", "x.csv, line 2: two columns")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n2021-07-01T00:15,many", "x.csv, line 3: 'many' is not a number")]
    [InlineData("Time,power\n2021-07-01T00:00,NaN\n2021-07-01T00:15,1", "x.csv, line 2: 'NaN' is not a number")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n2021-07-01T00:15,-0.5", "x.csv, line 3: -0.5 W is negative")]
    [InlineData("Time,power\nyesterday,1\n2021-07-01T00:15,1", "x.csv, line 2: 'yesterday' is not an ISO time")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n2021-07-01T00:15,1\n2021-07-01T00:45,1", "x.csv, line 4:")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n2021-07-01T00:15,1\n2021-07-01T00:15,1", "x.csv, line 4:")]
    [InlineData("Time,power\n2021-07-01T00:15,1\n2021-07-01T00:00,1", "x.csv, line 3: an interval of -00:15:00")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n2021-07-01T00:07,1", "x.csv, line 3: an interval of 00:07:00")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n2021-07-01T00:15,400001", "x.csv, line 3: 400001 W")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n\n2021-07-01T00:15,1", "x.csv, line 3: two columns")]
    public void Wrong_file_is_refused_by_name_and_line(string text, string message) =>
        Should.Throw<ProfileException>(() => Parse(text)).Message.ShouldContain(message);

    [Fact]
    public void Watts_with_decimals_are_exact()
    {
        var file = Parse("Time,power\n2021-07-01T00:00,81.621\n2021-07-01T00:15,0.000001\n");
        var profile = file.From(Midnight, 2);
        profile.MicrowattSeconds(0).ShouldBe(81_621_000L * 900);
        profile.MicrowattSeconds(1).ShouldBe(900);
    }

    [Fact]
    public void Windows_line_ends_and_zones_are_understood()
    {
        var file = Parse("Time,power\r\n2021-07-01T02:00+02:00,1\r\n2021-07-01T00:15:00Z,2\r\n");
        file.First.ShouldBe(Midnight);
        file.End.ShouldBe(Midnight.AddMinutes(30));
    }

    [Fact]
    public void Finer_intervals_are_summed_to_quarter_hours()
    {
        var rows = Enumerable.Range(0, 30).Select(static i => $"2021-07-01T00:{i:00},{i}");
        var profile = Parse("Time,power\n" + string.Join('\n', rows)).From(Midnight, 2);
        profile.MicrowattSeconds(0).ShouldBe(Enumerable.Range(0, 15).Sum() * 60_000_000L);
        profile.MicrowattSeconds(1).ShouldBe(Enumerable.Range(15, 15).Sum() * 60_000_000L);
    }

    [Fact]
    public void Coarser_intervals_hold_for_each_of_their_quarter_hours()
    {
        var profile = Parse("Time,power\n2021-07-01T00:00,100\n2021-07-01T01:00,200").From(Midnight.AddMinutes(45), 2);
        profile.MicrowattSeconds(0).ShouldBe(90_000_000_000);
        profile.MicrowattSeconds(1).ShouldBe(180_000_000_000);
    }

    [Fact]
    public void Scale_multiplies_the_powers()
    {
        var file = CsvProfile.Parse(
            new StringReader("Time,power\n2021-07-01T00:00,3\n2021-07-01T00:15,0"), "x.csv", 1.5m);
        file.From(Midnight, 1).MicrowattSeconds(0).ShouldBe(4_500_000L * 900);
    }

    [Fact]
    public void Registers_differ_from_the_files_sum_by_less_than_a_watt_hour()
    {
        var milliwatts = Gen.Choose(0, 400_000_000).NonEmptyListOf().Where(static list => list.Count >= 2);
        Prop.ForAll(milliwatts.ToArbitrary(), static powers =>
        {
            var rows = powers.Select(
                static (power, i) => $"{Midnight.AddMinutes(15 * i):yyyy-MM-ddTHH:mm},{power / 1000m}");
            var profile = Parse("Time,power\n" + string.Join('\n', rows)).From(Midnight, powers.Count);
            var counter = new EnergyCounter();
            var counted = Enumerable.Range(0, powers.Count)
                .Sum(quarter => counter.Add(profile.MicrowattSeconds(quarter)));
            var exactWh = powers.Sum(static power => (decimal)power) / 1000m / 4m;
            counted.ShouldBe((long)decimal.Floor(exactWh));
            counter.TotalWh.ShouldBe(counted);
        }).QuickCheckThrowOnFailure();
    }

    private static CsvProfile Parse(string text) => CsvProfile.Parse(new StringReader(text), "x.csv", 1);
}
