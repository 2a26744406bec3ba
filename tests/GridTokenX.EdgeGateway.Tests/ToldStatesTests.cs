using GridTokenX.EdgeGateway.Commands;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>Which repeated statements may be passed over.</summary>
public sealed class ToldStatesTests
{
    private static readonly Key32 Device = new([.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly Key32 Other = new([.. Enumerable.Repeat((byte)2, 32)]);

    private readonly SteppedTime _clock = new(Some.Noon);
    private readonly ToldStates _told;

    public ToldStatesTests()
    {
        _told = new ToldStates(_clock);
        Tell(Device, [1, 2, 3]);
    }

    [Fact]
    public void Only_the_very_bytes_of_the_same_device_were_told()
    {
        _told.Of(Device, [1, 2, 3]).ShouldBe(Telling.Told);

        _told.Of(Device, [1, 2, 4]).ShouldBe(Telling.News);
        _told.Of(Device, [1, 2]).ShouldBe(Telling.News);
        _told.Of(Device, []).ShouldBe(Telling.News);
        _told.Of(Other, [1, 2, 3]).ShouldBe(Telling.News);
    }

    [Fact]
    public void They_go_again_after_a_while_so_that_a_loss_heals()
    {
        _clock.Advance(ToldStates.Fresh - TimeSpan.FromSeconds(1));
        _told.Of(Device, [1, 2, 3]).ShouldBe(Telling.Told);

        _clock.Advance(TimeSpan.FromSeconds(1));
        _told.Of(Device, [1, 2, 3]).ShouldBe(Telling.Again);

        Tell(Device, [1, 2, 3]);
        _told.Of(Device, [1, 2, 3]).ShouldBe(Telling.Told);
    }

    [Fact]
    public void A_newer_statement_takes_the_place_of_the_older()
    {
        Tell(Device, [4]);

        _told.Of(Device, [4]).ShouldBe(Telling.Told);
        _told.Of(Device, [1, 2, 3]).ShouldBe(Telling.News);
    }

    [Fact]
    public void What_was_on_its_way_while_something_was_forgotten_is_not_remembered()
    {
        var before = _told.Forgotten;
        _told.Forget(Device);
        _told.Told([(Device, [1, 2, 3])], before);

        _told.Of(Device, [1, 2, 3]).ShouldBe(Telling.News);
    }

    [Fact]
    public void What_is_forgotten_is_news()
    {
        Tell(Other, [5]);

        _told.ForgetBut(static device => device == Other);
        _told.Of(Device, [1, 2, 3]).ShouldBe(Telling.News);
        _told.Of(Other, [5]).ShouldBe(Telling.Told);

        _told.Forget(Other);
        _told.Of(Other, [5]).ShouldBe(Telling.News);

        Tell(Device, [6]);
        _told.ForgetAll();
        _told.Of(Device, [6]).ShouldBe(Telling.News);
    }

    private void Tell(Key32 device, byte[] payload) => _told.Told([(device, payload)], _told.Forgotten);
}
