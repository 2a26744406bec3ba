using System.Reflection;
using GridTokenX.Market.Matching;

namespace GridTokenX.Market.Tests;

public sealed class PurityTests
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Fact]
    public void Nothing_in_the_market_is_a_floating_point_number()
    {
        var types = typeof(BookRules).Assembly.GetTypes();
        types.ShouldNotBeEmpty();
        types.SelectMany(static type => type.GetFields(Any)).Where(static field => IsFloating(field.FieldType))
            .ShouldBeEmpty();
        types.SelectMany(static type => type.GetMethods(Any))
            .Where(static method => IsFloating(method.ReturnType)
                || method.GetParameters().Any(static parameter => IsFloating(parameter.ParameterType))
                || (method.GetMethodBody()?.LocalVariables.Any(static local => IsFloating(local.LocalType)) ?? false))
            .ShouldBeEmpty();
    }

    private static bool IsFloating(Type type) =>
        type == typeof(double) || type == typeof(float) || type == typeof(Half)
        || (type.HasElementType && IsFloating(type.GetElementType()!))
        || (type.IsGenericType && Array.Exists(type.GetGenericArguments(), IsFloating));
}
