using System.Globalization;
using System.Net;
using System.Text.Json;
using GridTokenX.Testing;

namespace GridTokenX.EndToEnd.Tests;

/// <summary>What <c>./gridtokenx demo --keep</c> leaves behind is alive.</summary>
public sealed class KeepTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Time_goes_on_after_the_run_and_after_a_restart_of_the_core()
    {
        await using var run = DemoRun.Start("--homes", "3", "--seed", "2", "--keep", "--speed", "900");
        (await run.FinishAsync()).ShouldBeConserved();
        try
        {
            using var client = new HttpClient { BaseAddress = run.Core };
            await GoesOnAsync(client);
            File.Exists(Path.Combine(run.Home, "guests", "prosumer.json")).ShouldBeTrue();
            await run.KillAndStartAsync("core");
            await GoesOnAsync(client);
        }
        finally
        {
            await run.DownAsync();
        }
    }

    /// <summary>An hour passes, and somebody measures in it.</summary>
    private static async Task GoesOnAsync(HttpClient client)
    {
        DateTimeOffset? since = null;
        var said = "nothing";
        try
        {
            await Eventually.HoldsAsync(HasPassedAsync, Patience);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"Time stands still; last said: {said}", exception);
        }

        async Task<bool> HasPassedAsync()
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(
                    "/api/neighbourhood?zone=zone-1", UriKind.Relative));
                said = await answer.Content.ReadAsStringAsync();
                if (answer.StatusCode != HttpStatusCode.OK)
                {
                    return false;
                }

                var view = JsonSerializer.Deserialize<JsonElement>(said);
                var time = DateTimeOffset.Parse(view.GetProperty("time").GetString()!, CultureInfo.InvariantCulture);
                since ??= time;
                return time - since >= TimeSpan.FromHours(1) && view.GetProperty("meters_read").GetInt32() == 3;
            }
            catch (HttpRequestException exception)
            {
                said = exception.Message;
                return false;
            }
        }
    }
}
