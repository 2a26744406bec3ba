using GridTokenX.CloudCore.Api;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Api;

public sealed class RequestMemoryTests
{
    private readonly RequestMemory _memory = new(
        new ApiOptions { MaxBodyBytesInHand = 16 * 1024 * 1024 },
        new CloudCore.Metrics.CloudMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider()
            .GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()));

    [Fact]
    public void A_buffer_keeps_what_was_written_while_it_grows()
    {
        using var buffer = new BodyBuffer(_memory);
        var expected = new List<byte>();
        for (var i = 0; i < 100_000;)
        {
            var room = buffer.Room().Span;
            var count = Math.Min(room.Length, 777);
            for (var j = 0; j < count; j++, i++)
            {
                room[j] = (byte)(i & 0xFF);
                expected.Add((byte)(i & 0xFF));
            }

            buffer.Advance(count);
        }

        buffer.Written.ToArray().ShouldBe(expected);
        buffer.ToStream().Length.ShouldBe(expected.Count);
    }

    [Fact]
    public void All_buffers_together_are_bounded_and_disposing_one_makes_room()
    {
        using var first = new BodyBuffer(_memory);
        first.Reserve((8 * 1024 * 1024) - 1);
        var second = new BodyBuffer(_memory);
        second.Reserve((8 * 1024 * 1024) - 1);
        using var third = new BodyBuffer(_memory);
        _ = Should.Throw<OverloadedException>(() => third.Room());
        second.Dispose();
        third.Room().Length.ShouldBeGreaterThan(0);
    }
}
