using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Time;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>A cloud that says when it wants to be asked again.</summary>
public sealed class RetryAfterTests
{
    private const int LongestSeconds = 300;

    [Theory]
    [InlineData(429, 120, false, 120)]
    [InlineData(503, 120, false, 120)]
    [InlineData(429, 120, true, 120)]
    [InlineData(429, 86_400, false, LongestSeconds)]
    [InlineData(429, 86_400, true, LongestSeconds)]
    [InlineData(429, -60, true, 0)]
    public async Task Its_wish_is_kept_and_bounded(int status, int seconds, bool asDate, int atLeastSeconds)
    {
        var wall = new SteppedTime(Some.Noon.AddMinutes(15));
        await using var world = await World.StartAsync(wall);
        var askedAt = wall.GetUtcNow();
        world.Cloud.Faults.Enqueue((context, _, _) =>
        {
            askedAt = wall.GetUtcNow();
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter =
                asDate ? wall.GetUtcNow().AddSeconds(seconds).ToString("R") : $"{seconds}";
            return Task.CompletedTask;
        });
        DateTimeOffset? againAt = null;
        world.Cloud.Faults.Enqueue((context, batch, take) =>
        {
            againAt = wall.GetUtcNow();
            return ScriptedCloud.Answer(static answer => answer)(context, batch, take);
        });

        await world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(world.Device, 1)]);
        await Eventually.HoldsAsync(() =>
        {
            if (world.Cloud.IsIdle)
            {
                wall.Advance(TimeSpan.FromSeconds(1));
            }

            return world.Cloud.Accepted.Count == 1;
        });

        var waited = againAt.ShouldNotBeNull() - askedAt;
        waited.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(atLeastSeconds));
        waited.ShouldBeLessThan(TimeSpan.FromSeconds(86_400 / 2), "nobody waits for a day because a cloud says so");
    }
}
