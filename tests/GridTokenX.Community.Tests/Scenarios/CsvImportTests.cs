using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Community.Profiles;

namespace GridTokenX.Community.Tests.Scenarios;

public sealed class CsvImportTests
{
    private static readonly CsvOptions Watts = new(null, null, 1, Repeat: false);
    private static readonly DateOnly FirstOfJuly = new(2021, 7, 1);

    [Fact]
    public void Gsy_e_s_dated_files_are_read_as_they_are()
    {
        var profile = Import("Time,power\n2021-07-01T00:00,400\n2021-07-01T00:15,81.6\n").ForRun(FirstOfJuly, 2, false);
        profile.Wh(0).ShouldBe(100);
        profile.Wh(1).ShouldBe(20);
    }

    /// <summary>Header with and without the colon, as its documentation and its files have it.</summary>
    [Theory]
    [InlineData("INTERVAL;POWER(W)")]
    [InlineData("INTERVAL;POWER(W):")]
    public void Gsy_e_s_files_of_one_day_repeat_every_day(string header)
    {
        var rows = Enumerable.Range(0, 96).Select(static quarter =>
            string.Create(CultureInfo.InvariantCulture, $"{quarter / 4:00}:{quarter % 4 * 15:00};{quarter * 40}"));
        var profile = Import($"{header}\n{string.Join('\n', rows)}\n").ForRun(new DateOnly(2030, 5, 5), 3 * 96, false);
        profile.Wh(5).ShouldBe(50);
        profile.Wh(96 + 5).ShouldBe(50);
        profile.TotalWh.ShouldBe(Enumerable.Range(0, 96).Sum() * 10);
    }

    [Fact]
    public void Any_column_any_unit_and_a_decimal_comma_are_read()
    {
        const string Text = "Zeit;Bezug;Erzeugung\n01.07.2021 00:00;1,5;0,25\n01.07.2021 00:30;2;0,75\n";
        var import = Import(Text, new CsvOptions("erzeugung", "kWh", 2, Repeat: false));
        import.IntervalSeconds.ShouldBe(1_800);
        var profile = import.ForRun(FirstOfJuly, 4, false);
        Enumerable.Range(0, 4).Select(epoch => profile.Wh(epoch)).ShouldBe([250L, 250, 750, 750]);
    }

    [Fact]
    public void Times_of_another_zone_are_brought_to_the_site_s()
    {
        using var reader = new StringReader("Time,power\n2021-06-30T17:00Z,400\n2021-06-30T17:15Z,800\n");
        var profile = CsvImport.Read(reader, "x.csv", Watts, 7).ForRun(FirstOfJuly, 2, false);
        profile.Wh(1).ShouldBe(200);
    }

    [Fact]
    public void Resampling_keeps_energy_exactly_for_any_interval() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<NonEmptyArray<PositiveInt>>(), Gen.Elements(1, 9, 60, 300, 900, 3_600).ToArbitrary(),
            static (values, interval) =>
            {
                var energies = values.Get
                    .SelectMany(value => Enumerable.Repeat(value.Get * 1_234_567L * interval, 3_600 / interval))
                    .ToArray();
                var epochs = values.Get.Length * 4;
                var profile = EnergyProfile.Resample(energies, interval, 0, epochs);
                var exact = energies.Aggregate((Int128)0, static (sum, energy) => sum + energy);
                ((Int128)profile.TotalWh).ShouldBe(exact / EnergyProfile.MicrowattSecondsPerWh);
                for (var epoch = 1; epoch <= epochs; epoch++)
                {
                    var until = energies.Take(epoch * 900 / Math.Min(interval, 900))
                        .Aggregate((Int128)0, static (sum, energy) => sum + energy);
                    var sum = Enumerable.Range(0, epoch).Sum(i => profile.Wh(i));
                    if (interval <= 900 && 900 % interval == 0)
                    {
                        ((Int128)sum).ShouldBe(until / EnergyProfile.MicrowattSecondsPerWh);
                    }
                }
            }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", "x.csv is empty")]
    [InlineData("Time power\n", "x.csv, line 1: no comma")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n", "at least two rows")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n2021-07-01T00:15,many\n", "x.csv, line 3: 'many' is no number")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n2021-07-01T00:15,-2\n", "x.csv, line 3: -2 is out of range")]
    [InlineData("Time,power\nsoon,1\n", "x.csv, line 2: 'soon' is no time")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n2021-07-01T00:00,1\n", "x.csv, line 3: the time does not grow")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n2021-07-01T00:15,1\n2021-07-01T00:45,1\n", "x.csv, line 4: 1800 s")]
    [InlineData("Time,power\n00:00,1\n00:15,1\n", "must fill one day")]
    [InlineData("Time,power\n2021-07-01T00:00,1\n2021-07-01T00:15\n", "x.csv, line 3: has 1 columns")]
    public void Wrong_file_is_refused_with_its_line(string text, string message) =>
        Should.Throw<ProfileFormatException>(() => Import(text)).Message.ShouldContain(message);

    [Fact]
    public void Missing_column_is_named_with_those_that_are_there() =>
        Should.Throw<ProfileFormatException>(
            static () => Import("Time,a,b\n", new CsvOptions("c", "W", 1, Repeat: false)))
            .Message.ShouldContain("there is no column c after the time; there are a, b");

    [Fact]
    public void Run_outside_the_file_is_refused_unless_it_repeats()
    {
        const string Text = "Time,power\n2021-07-01T00:00,400\n2021-07-01T00:15,800\n";
        Should.Throw<ProfileFormatException>(static () => Import(Text).ForRun(FirstOfJuly, 96, false))
            .Message.ShouldContain("set repeat");
        var profile = Import(Text).ForRun(new DateOnly(2026, 1, 1), 96, repeat: true);
        Enumerable.Range(0, 4).Select(epoch => profile.Wh(epoch)).ShouldBe([100L, 200, 100, 200]);
    }

    private static CsvImport Import(string text, CsvOptions? options = null)
    {
        using var reader = new StringReader(text);
        return CsvImport.Read(reader, "x.csv", options ?? Watts, 7);
    }
}
