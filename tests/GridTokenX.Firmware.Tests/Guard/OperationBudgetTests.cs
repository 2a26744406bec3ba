using System.Reflection;
using GridTokenX.Protocol.Keys;
using Xunit.Abstractions;

namespace GridTokenX.Firmware.Tests.Guard;

/// <summary>At some 0.5 million interpreted operations a second, a signature has to come to about two seconds.</summary>
public sealed class OperationBudgetTests(ITestOutputHelper output) : IDisposable
{
    private const long SignatureBudget = 1_000_000;
    private const long MultiplicationBudget = 837;

    private readonly OperationCounter _counter = new();

    [Theory]
    [InlineData(88)]
    [InlineData(112)]
    public void Signature_stays_within_a_million_operations(int length)
    {
        var seed = new byte[32];
        var message = new byte[length];
        Random.Shared.NextBytes(seed);
        Random.Shared.NextBytes(message);
        var signature = new byte[64];
        var type = _counter.Assembly.GetType("GridTokenX.Firmware.Signing.DeviceKey", throwOnError: true)!;
        var key = Activator.CreateInstance(type, seed);
        var sign = type.GetMethod("Sign")!;

        var operations = _counter.Count(() => sign.Invoke(key, [message, length, signature, 0]));

        output.WriteLine($"signature over {length} bytes: {operations} operations");
        operations.ShouldBeInRange(SignatureBudget / 2, SignatureBudget);
        using var reference = SigningKey.FromSeed(seed);
        signature.ShouldBe(reference.Sign(message));
    }

    [Fact]
    public void Field_multiplication_costs_no_more_than_the_measured_one()
    {
        var field = _counter.Assembly.GetType("GridTokenX.Firmware.Signing.Field", throwOnError: true)!;
        var multiply = field.GetMethod("Multiply", BindingFlags.NonPublic | BindingFlags.Static)!;
        var element = Enumerable.Range(1, 10).ToArray();

        var operations = _counter.Count(() => multiply.Invoke(null, [new int[10], element, element]));

        output.WriteLine($"field multiplication: {operations} operations");
        operations.ShouldBeInRange(MultiplicationBudget / 2, MultiplicationBudget);
    }

    public void Dispose() => _counter.Dispose();
}
