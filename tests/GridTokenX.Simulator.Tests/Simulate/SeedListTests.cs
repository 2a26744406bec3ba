using GridTokenX.Simulator.Simulate;

namespace GridTokenX.Simulator.Tests.Simulate;

public sealed class SeedListTests
{
    [Fact]
    public void A_number_is_so_many_seeds_and_a_list_is_itself()
    {
        SeedList.Read(null, 7).ShouldBe([7]);
        SeedList.Read("3", 7).ShouldBe([7, 8, 9]);
        SeedList.Read("1,-5,9", 7).ShouldBe([1, -5, 9]);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("many")]
    [InlineData("1,1")]
    [InlineData("1,")]
    public void Anything_else_is_refused(string text) =>
        Should.Throw<FormatException>(() => SeedList.Read(text, 7)).Message.ShouldContain("--seeds");
}
