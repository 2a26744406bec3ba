using GridTokenX.CloudCore.Storage;

namespace GridTokenX.CloudCore.Tests.Storage;

public sealed class RememberedTests
{
    private readonly Remembered<int, string> _remembered = new(3);

    [Fact]
    public void Beyond_the_bound_all_but_the_newest_is_forgotten()
    {
        Set(1, 2, 3);
        Known().ShouldBe([1, 2, 3]);
        Set(4);
        Known().ShouldBe([4]);
        Set(5, 6);
        Known().ShouldBe([4, 5, 6]);
    }

    [Fact]
    public void What_is_set_again_takes_no_more_room()
    {
        Set(1, 2, 3, 3, 2, 1);
        _remembered.Set(2, "other");
        Known().ShouldBe([1, 2, 3]);
        _remembered.TryGet(2, out var value).ShouldBeTrue();
        value.ShouldBe("other");
    }

    [Fact]
    public void What_was_forgotten_leaves_room()
    {
        Set(1, 2, 3);
        _remembered.Forget(2);
        _remembered.Forget(2);
        Set(4);
        Known().ShouldBe([1, 3, 4]);
        _remembered.Clear();
        Set(5, 6, 7);
        Known().ShouldBe([5, 6, 7]);
    }

    [Fact]
    public async Task Many_at_once_never_keep_more_than_the_bound()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(part => Task.Run(() =>
            Set([.. Enumerable.Range(part * 1_000, 1_000)]))));
        Enumerable.Range(0, 4_000).Count(_remembered.Contains).ShouldBeInRange(1, 3);
    }

    private void Set(params int[] keys)
    {
        foreach (var key in keys)
        {
            _remembered.Set(key, "it");
        }
    }

    private IEnumerable<int> Known() => Enumerable.Range(0, 10).Where(_remembered.Contains);
}
