using System.Net;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Tests.Api;

public sealed class RequestLimiterTests
{
    private readonly SteppedTime _time = new(CloudHost.Noon);

    [Fact]
    public void A_burst_is_let_in_and_the_next_one_is_told_when_to_come_back()
    {
        var limiter = new RequestLimiter("address", perSecond: 2, burst: 3, _time);
        var caller = IPAddress.Parse("192.0.2.1");

        Enumerable.Range(0, 3).Select(_ => limiter.Take(caller).Remaining).ShouldBe([2, 1, 0]);
        limiter.Take(caller).ShouldBe(new Allowance(false, 0, TimeSpan.FromMilliseconds(500)));
        _time.Advance(TimeSpan.FromMilliseconds(499));
        limiter.Take(caller).Granted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        limiter.Take(caller).ShouldBe(new Allowance(true, 0, TimeSpan.Zero));
    }

    [Fact]
    public void In_the_long_run_it_lets_in_its_rate_and_after_a_pause_no_more_than_a_burst()
    {
        var limiter = new RequestLimiter("signer", perSecond: 100, burst: 10, _time);
        using var key = SigningKey.Generate();
        var granted = 0;
        for (var ms = 0; ms < 10_000; ms++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            granted += limiter.Take(key.PublicKey).Granted ? 1 : 0;
        }

        granted.ShouldBeInRange(1_009, 1_010);
        _time.Advance(TimeSpan.FromHours(1));
        Enumerable.Range(0, 100).Count(_ => limiter.Take(key.PublicKey).Granted).ShouldBe(10);
    }

    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8::1", "2001:db8::ffff:2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    public void Addresses_of_one_network_share_an_allowance(string one, string other, bool shared)
    {
        var limiter = new RequestLimiter("address", perSecond: 1, burst: 1, _time);
        limiter.Take(IPAddress.Parse(one)).Granted.ShouldBeTrue();
        limiter.Take(IPAddress.Parse(other)).Granted.ShouldBe(!shared);
    }

    [Fact]
    public void Callers_at_the_same_time_get_no_more_than_the_burst()
    {
        var limiter = new RequestLimiter("address", perSecond: 1, burst: 1_000, _time);
        var granted = 0;
        _ = Parallel.For(0, 5_000, (_, _) =>
        {
            if (limiter.Take(IPAddress.Loopback).Granted)
            {
                Interlocked.Increment(ref granted);
            }
        });
        granted.ShouldBe(1_000);
    }
}
