using GridTokenX.Community.MarketMode;

namespace GridTokenX.Community.Tests;

public sealed class PurityTests
{
    /// <summary>What a run depends on is its scenario; a static field that changes would be something else.</summary>
    [Fact]
    public void Nothing_static_can_change() =>
        typeof(MarketRun).Assembly.GetTypes()
            .Where(static type => !type.Name.Contains('<', StringComparison.Ordinal))
            .SelectMany(static type => type.GetFields(
                System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public
                | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.DeclaredOnly))
            .Where(static field => !field.IsInitOnly && !field.IsLiteral)
            .Where(static field => !field.Name.Contains('<', StringComparison.Ordinal) || !field.IsInitOnly)
            .Select(static field => $"{field.DeclaringType!.Name}.{field.Name}")
            .ShouldBeEmpty();
}
