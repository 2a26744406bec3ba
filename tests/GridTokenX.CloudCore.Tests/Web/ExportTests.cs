using Microsoft.Playwright;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Web;

/// <summary>What the page shows is the newest; what it saves is everything.</summary>
public sealed class ExportTests(BrowserFixture fixture) : IClassFixture<BrowserFixture>
{
    private const int Readings = 2_400;
    private const int Mints = 520;

    [Fact]
    public async Task A_file_has_every_reading_of_its_span_and_the_whole_history()
    {
        await using var world = await BrowserWorld.StartAsync();
        using var home = await VirtualHome.RegisteredAsync(world.Host, world.Gateway);
        await world.QuietAsync();
        await FillAsync(world.Host.Database, home);
        await using var visit = await Visit.StartAsync(fixture.Browser, world.Host.Address, Look.Desktop);
        await visit.GoAsync("/sign-in");
        await visit.TakeKeyAsync(home.Wallet);
        await visit.Button("Sign in with the development wallet").ClickAsync();

        await visit.Page.GetByLabel("Span").SelectOptionAsync("lastWeek");
        var readings = await DownloadAsync(visit, "Readings", "readings.csv");
        readings[0].ShouldBe(
            "meter_id,sequence,timestamp,production_kwh,consumption_kwh,soc_permille,flags,interval_s");
        readings.Skip(1).Select(static line => int.Parse(line.Split(',')[1], null))
            .ShouldBe(Enumerable.Range(1, Readings).Reverse());

        var history = await DownloadAsync(visit, "History", "history.csv");
        history[0].ShouldBe("time,what,energy_kwh,grx,status,signature");
        history.Skip(1).Select(static line => line.Split(',')).ShouldAllBe(
            static cells => cells[1] == "minted" && cells[2] == "0.001" && cells[3].Length == 0);
        history.Skip(1).Select(static line => line.Split(',')[5]).Distinct().Count().ShouldBe(Mints);
    }

    private static Task<string[]> DownloadAsync(Visit visit, string title, string name)
    {
        var card = visit.Page.GetByRole(AriaRole.Region, new() { Name = title, Exact = true }).First;
        return visit.DownloadAsync(name, card.GetByRole(AriaRole.Button, new() { Name = "Download as CSV" }));
    }

    /// <summary>A week of readings, every four minutes until noon, and a mint for some.</summary>
    private static async Task FillAsync(NpgsqlDataSource database, VirtualHome home)
    {
        await using var command = database.CreateCommand(
            """
            with stored as (
                insert into readings (device, sequence, ended_at, production_wh, consumption_wh, soc_permille, flags,
                                      interval_s, signature, received_at)
                select $1, n, $2 - (($3 - n) * interval '4 minutes'), n * 10, n * 5, 500, 0, 240, '', $2
                from generate_series(1, $3) n),
            minted as (
                insert into mints (id, meter_id, owner_id, from_net_wh, to_net_wh, status, tx_signature, created_at,
                                   completed_at, production_wh, consumption_wh, reading_at)
                select gen_random_uuid(), meter_id, owner_id, n, n + 1, 'completed', 'signature-' || n, $2, $2, n, 0, $2
                from meters, generate_series(1, $4) n where device = $1)
            update meters set last_reading_at = $2, last_sequence = $3 where device = $1
            """);
        command.Parameters.Add(new() { Value = home.Device.PublicKey.ToArray() });
        command.Parameters.Add(new() { Value = CloudHost.Noon });
        command.Parameters.Add(new() { Value = Readings });
        command.Parameters.Add(new() { Value = Mints });
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }
}
