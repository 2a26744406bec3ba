using System.Globalization;
using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Profiles;
using GridTokenX.Community.Scenarios;

namespace GridTokenX.Community.Tests.Scenarios;

public sealed class CsvDialectTests
{
    private static readonly CsvOptions Plain = new(null, null, 1, Repeat: false);
    private static readonly DateOnly FirstOfJuly = new(2021, 7, 1);

    /// <summary>gsy-e's documentation shows the header with and without a colon.</summary>
    [Theory]
    [InlineData("INTERVAL;ENERGY(Wh)", 40, 40)]
    [InlineData("INTERVAL;ENERGY(kWh):", 40, 40_000)]
    [InlineData("INTERVAL;ENERGY (kWh)", 40, 40_000)]
    [InlineData("INTERVAL;POWER(W)", 40, 10)]
    [InlineData("INTERVAL;POWER[kW]", 40, 10_000)]
    [InlineData("INTERVAL;POWER(site 1)", 40, 10)]
    public void Unit_of_the_header_counts(string header, int value, long wh)
    {
        var profile = Import($"{header}\n{Day(value)}").ForRun(FirstOfJuly, 96, false);
        profile.Wh(7).ShouldBe(wh);
        profile.TotalWh.ShouldBe(96 * wh);
    }

    [Theory]
    [InlineData("Time,power(W)", "kW", "line 1: the column power(W) is in W; the scenario says kW")]
    [InlineData("Time,power(MW)", null, "line 1: the column power(MW) is in MW; that may be W, kW, Wh, kWh")]
    public void Unit_that_cannot_be_is_refused(string header, string? unit, string message) =>
        Should.Throw<ProfileFormatException>(() => Import($"{header}\n", Plain with { Unit = unit }))
            .Message.ShouldContain(message);

    [Theory]
    [InlineData("01.07.2021 00:00;1.234,5\n01.07.2021 00:15;234,5\n", 1_234.5)]
    [InlineData("01.07.2021 00:00;1,234.5\n01.07.2021 00:15;234.5\n", 1_234.5)]
    [InlineData("01.07.2021 00:00;1.234.567,5\n01.07.2021 00:15;1\n", 1_234_567.5)]
    [InlineData("01.07.2021 00:00;1e3\n01.07.2021 00:15;1\n", 1_000)]
    public void Thousands_are_grouped_by_the_other_sign(string rows, double watts) =>
        FirstWh(Import($"Zeit;W\n{rows}")).ShouldBe((long)(watts / 4));

    [Theory]
    [InlineData("comma", 1_234_000)]
    [InlineData("point", 1_234)]
    public void Sign_that_the_file_leaves_open_is_the_scenario_s(string sign, long milliwattHours) =>
        FirstWh(Import(
            "Time;W\n2021-07-01T00:00;1.234\n2021-07-01T00:15;0\n",
            Plain with { Scale = 4, Decimal = Enum.Parse<DecimalSign>(sign, ignoreCase: true) }))
            .ShouldBe(milliwattHours / 1_000);

    [Theory]
    [InlineData("Time;W\n2021-07-01T00:00;1,5\n2021-07-01T00:15;1.234\n", "line 3: '1.234' can mean two numbers")]
    [InlineData("Time;W\n2021-07-01T00:00;12.34,5\n", "line 2: '12.34,5' is no number")]
    [InlineData("Time,W\n2021-07-01T00:00,1,5\n", "line 2: has 3 columns, and the header has 2")]
    [InlineData("Time,W\n2021-07-01T00:00,\"1,5\"\n", "line 2: '1,5' is no number: where commas separate")]
    [InlineData("Time,W\n2021-07-01T00:00,\n", "line 2: the value is empty; say empty: zero, or empty: previous")]
    [InlineData("Time,W\n2021-07-01T00:00,1\n2021-07-01T00:15,1e11\n", "line 3: 1e11 is out of range")]
    [InlineData("Time,W\n2021-07-01T00:00,1\n2021-07-01T00:15,1e40\n", "line 3: '1e40' is no number")]
    [InlineData("Time,P(kW)\n2021-07-01T00:00,9999\n2021-07-01T01:00,9000000\n", "line 3: 9000000 is out of range")]
    [InlineData("Time,E(kWh)\n2021-07-01T00:00,10000000\n2021-07-02T00:00,1\n", "line 2: 10000000 is out of range")]
    [InlineData("Time,W\n2021-07-01T00:00:00.500,1\n", "'2021-07-01T00:00:00.500' is not on a whole second")]
    [InlineData("Time,W\n2021-07-01T00:00,1\n2021-08-01T00:00,1\n", "line 3: 2678400 s after the row before")]
    public void Doubtful_file_is_refused_with_its_line(string text, string message) =>
        Should.Throw<ProfileFormatException>(() => Import(text)).Message.ShouldContain(message);

    [Theory]
    [InlineData("zero", 0)]
    [InlineData("previous", 100)]
    public void Empty_cell_is_what_the_scenario_says(string empty, long wh) =>
        Import(
            "Time,W\n2021-07-01T00:00,400\n2021-07-01T00:15,\n",
            Plain with { Empty = Enum.Parse<EmptyCell>(empty, ignoreCase: true) })
            .ForRun(FirstOfJuly, 2, false).Wh(1).ShouldBe(wh);

    [Fact]
    public void Fractions_of_a_second_and_quoted_cells_are_read() =>
        FirstWh(Import(
            "Time,\"power, W\"\n\"2021-07-01T00:00:00.000\",\"400\"\n2021-07-01T00:15:00.000Z,1\n",
            utcOffsetHours: 0)).ShouldBe(100);

    [Fact]
    public void Net_meter_is_a_load_and_a_roof()
    {
        const string Text = "Time,W\n2021-07-01T00:00,400\n2021-07-01T00:15,-800\n";
        var drawn = Import(Text, Plain with { Part = CsvPart.Drawn }).ForRun(FirstOfJuly, 2, false);
        var given = Import(Text, Plain with { Part = CsvPart.Given }).ForRun(FirstOfJuly, 2, false);
        (drawn.Wh(0), drawn.Wh(1), given.Wh(0), given.Wh(1)).ShouldBe((100L, 0L, 0L, 200L));
    }

    /// <summary>
    /// Berlin's clocks went forward on 28 March 2021 at 2 and back on 31 October 2021 at 3; the site knows standard
    /// time alone, so that in summer an hour of its day is one earlier than on the clocks.
    /// </summary>
    [Fact]
    public void Clocks_that_go_forward_and_back_lose_and_double_nothing()
    {
        var berlin = Plain with { Zone = "Europe/Berlin" };
        var spring = Import("Time,W\n2021-03-28T01:00,4\n2021-03-28T03:00,8\n2021-03-28T04:00,12\n", berlin, 1);
        spring.IntervalSeconds.ShouldBe(3_600);
        string[] autumn = ["01:00", "02:00", "02:00", "03:00", "04:00"];
        var rows = string.Join('\n', autumn.Select(static (time, i) =>
            string.Create(CultureInfo.InvariantCulture, $"2021-10-31T{time},{i * 400}")));
        var import = Import($"Time,W\n2021-10-31T00:00,1\n{rows}\n", berlin, 1);
        import.Rows.ShouldBe(6);

        // Until 3 in the morning summer time is an hour ahead: 1 o'clock is midnight of the site's day.
        Should.Throw<ProfileFormatException>(() => import.ForRun(new DateOnly(2021, 10, 31), 96, false))
            .Message.ShouldContain("reaches from 2021-10-30 23:00:00Z to 2021-10-31 05:00:00Z");
        Should.Throw<ProfileFormatException>(() => Import("Time,W\n2021-03-28T02:30,1\n", berlin))
            .Message.ShouldContain("line 2: 2021-03-28T02:30 is never on the clocks of Europe/Berlin");
        Should.Throw<ProfileFormatException>(() => Import("Time,W\n", Plain with { Zone = "Mars/Base" }))
            .Message.ShouldContain("There is no time zone Mars/Base");
    }

    [Fact]
    public void Homes_of_a_group_take_a_column_each()
    {
        var scenario = Some.Scenario(
            "name: x\ndays: 1\nstart: 2021-07-01\nhomes:\n  - name: a\n    count: 2\n    variation: 0\n"
            + "    load: { csv: { file: m.csv, columns: each, column: b } }\n");
        var run = new MarketRun(scenario, file => Import(
            $"Time,a,b,c\n{Day("1,400,800", ',')}", file.Options).ForRun(scenario.Start, scenario.Epochs, false));
        run.Step();
        run.Flows.Select(static flows => flows.Consumption).ShouldBe([100L, 200]);
        scenario.Groups[0].SharedFiles().ShouldBeEmpty();
        Should.Throw<ProfileFormatException>(() => Import("Time,a,b,c\n", Plain with { Column = "b", ColumnsOn = 2 }))
            .Message.ShouldContain("there are 2 columns of values, and the group's home 3 would have the next one");
    }

    [Fact]
    public void Net_meter_of_a_scenario_gives_to_its_neighbours()
    {
        var scenario = Some.Scenario(
            "name: x\ndays: 1\nhomes:\n  - name: a\n    count: 2\n    load: { csv: { file: m.csv, net: true } }\n");
        var run = new MarketRun(scenario, file => Import(
            $"Time;W\n{Day(-400)}", file.Options).ForRun(scenario.Start, scenario.Epochs, false));
        run.Step();
        run.Flows.ShouldAllBe(static flows => flows.Export == 100 && flows.Consumption == 0);
        scenario.Groups[0].SharedFiles().ShouldBe(["m.csv"]);
    }

    [Theory]
    [InlineData("    load: { csv: { file: a, net: true } }\n    pv: { peak_kw: 1 }\n", "homes.load.csv.net holds what")]
    [InlineData("    pv: { csv: { file: a, net: true } }\n", "homes.pv.csv.net belongs to load.csv")]
    [InlineData("    load: { csv: { file: a, zone: Mars/Base } }\n", "csv.zone is 'Mars/Base'")]
    [InlineData("    load: { csv: { file: a/, columns: each } }\n", "csv.columns is for one file")]
    public void File_that_cannot_be_meant_so_is_refused(string group, string message) =>
        Should.Throw<ScenarioException>(() => Some.Scenario($"name: x\nhomes:\n  - name: a\n    count: 1\n{group}"))
            .Message.ShouldContain(message);

    private static long FirstWh(CsvImport import) => import.ForRun(FirstOfJuly, 1, false).Wh(0);

    private static string Day(int value) => Day(value.ToString(CultureInfo.InvariantCulture), ';');

    private static string Day(string values, char separator) => string.Concat(Enumerable.Range(0, 96).Select(
        quarter => string.Create(
            CultureInfo.InvariantCulture, $"{quarter / 4:00}:{quarter % 4 * 15:00}{separator}{values}\n")));

    private static CsvImport Import(string text, CsvOptions? options = null, double utcOffsetHours = 7)
    {
        using var reader = new StringReader(text);
        return CsvImport.Read(reader, "x.csv", options ?? Plain, utcOffsetHours);
    }
}
