using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;

namespace GridTokenX.Simulator.Tests;

public sealed class ProfileFolderTests : IDisposable
{
    private static readonly DateTimeOffset Midnight = new(2021, 7, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-profiles-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Run_starts_at_the_first_time_that_all_files_have()
    {
        Write("load/a.csv", Midnight, 200);
        Write("load/b.csv", Midnight.AddHours(3), 200);
        Write("pv/a.csv", Midnight.AddHours(1), 200);
        ProfileFolder.Load(_folder, 96, 1).Start.ShouldBe(Midnight.AddHours(3));
    }

    [Fact]
    public void Every_load_is_used_once_before_one_is_used_again()
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            Write($"load/{name}.csv", Midnight, 96);
        }

        Write("pv/roof.csv", Midnight, 96);
        for (var seed = 1; seed <= 20; seed++)
        {
            var (loads, pvs) = ProfileFolder.Load(_folder, 96, 1).Assign(seed, 8, 4);
            loads.Take(3).Select(static load => load.Name).ShouldBeUnique();
            loads.Skip(3).Take(3).Select(static load => load.Name).ShouldBeUnique();
            loads.Count.ShouldBe(8);
            pvs.Select(static pv => pv.Name).ShouldBe(Enumerable.Repeat("pv/roof.csv", 4));
        }
    }

    [Fact]
    public void Assignment_follows_from_the_seed()
    {
        for (var i = 0; i < 9; i++)
        {
            Write($"load/{i}.csv", Midnight, 96);
        }

        Write("pv/roof.csv", Midnight, 96);
        Names(1).ShouldBe(Names(1));
        Names(1).ShouldNotBe(Names(2));

        List<string> Names(long seed) =>
            [.. ProfileFolder.Load(_folder, 96, 1).Assign(seed, 9, 5).Loads.Select(static load => load.Name)];
    }

    [Fact]
    public void File_that_ends_too_early_is_named()
    {
        Write("load/a.csv", Midnight, 200);
        Write("load/short.csv", Midnight, 95);
        Write("pv/a.csv", Midnight, 200);
        Fault().ShouldStartWith("load/short.csv: ends at");
    }

    [Fact]
    public void Files_without_a_common_time_are_refused()
    {
        Write("load/a.csv", Midnight, 96);
        Write("pv/a.csv", Midnight.AddDays(2), 96);
        Fault().ShouldContain("no quarter hour");
    }

    [Fact]
    public void Folder_without_files_is_refused()
    {
        Write("load/a.csv", Midnight, 96);
        Fault().ShouldContain("no *.csv files");
    }

    [Fact]
    public void Every_other_home_is_a_prosumer_with_a_battery_and_the_first_one_in_any_case()
    {
        var homes = Neighbourhood.Plan(Some.Options with { Homes = 5 }).Homes;
        homes.Select(static home => home.IsProsumer).ShouldBe([true, false, true, false, true]);
        homes.ShouldAllBe(static home => home.IsProsumer == home.BatteryCapacityWh > 0);
        Neighbourhood.Plan(Some.Options with { Homes = 1 }).Homes.Single().IsProsumer.ShouldBeTrue();
    }

    private string Fault() => Should.Throw<ProfileException>(() => ProfileFolder.Load(_folder, 96, 1)).Message;

    private void Write(string name, DateTimeOffset first, int rows)
    {
        var path = Path.Combine(_folder, name);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var lines = Enumerable.Range(0, rows).Select(i => $"{first.AddMinutes(15 * i):yyyy-MM-ddTHH:mm},100");
        File.WriteAllText(path, "Time,power\n" + string.Join('\n', lines) + "\n");
    }
}
