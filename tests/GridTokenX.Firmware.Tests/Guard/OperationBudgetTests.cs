using System.Reflection;
using System.Security.Cryptography;
using GridTokenX.Protocol.Keys;
using Xunit.Abstractions;

namespace GridTokenX.Firmware.Tests.Guard;

/// <summary>
/// At some 0.5 million interpreted operations a second, a signature has to come to about two seconds.
/// </summary>
public sealed class OperationBudgetTests(ITestOutputHelper output)
{
    private const long SignatureBudget = 1_000_000;
    private const long MultiplicationBudget = 837;
    private const long IntervalBudget = 300_000;

    private static readonly OperationCounter Counter = new();

    [Theory]
    [InlineData(88)]
    [InlineData(112)]
    public void Signature_stays_within_a_million_operations(int length)
    {
        var seed = RandomNumberGenerator.GetBytes(32);
        var message = RandomNumberGenerator.GetBytes(length);
        var signature = new byte[64];
        var type = Counter.Assembly.GetType("GridTokenX.Firmware.Signing.DeviceKey", throwOnError: true)!;
        var key = Activator.CreateInstance(type, seed);
        var sign = type.GetMethod("Sign")!;

        var operations = Counter.Count(() => sign.Invoke(key, [message, length, signature, 0]));

        output.WriteLine($"signature over {length} bytes: {operations} operations");
        operations.ShouldBeInRange(SignatureBudget / 2, SignatureBudget);
        using var reference = SigningKey.FromSeed(seed);
        signature.ShouldBe(reference.Sign(message));
    }

    [Fact]
    public void Field_multiplication_costs_no_more_than_the_measured_one()
    {
        var field = Counter.Assembly.GetType("GridTokenX.Firmware.Signing.Field", throwOnError: true)!;
        var multiply = field.GetMethod("Multiply", BindingFlags.NonPublic | BindingFlags.Static)!;
        var element = Enumerable.Range(1, 10).ToArray();

        var operations = Counter.Count(() => multiply.Invoke(null, [new int[10], element, element]));

        output.WriteLine($"field multiplication: {operations} operations");
        operations.ShouldBeInRange(MultiplicationBudget / 2, MultiplicationBudget);
    }

    [Fact]
    public void Everything_else_of_an_interval_stays_within_300_thousand_operations()
    {
        var device = new WovenDevice(Counter.Assembly);
        var start = new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
        device.Connect();
        device.Step(start, 0);
        Live(device, start, 0);
        Live(device, start, 1);
        var published = device.Published;

        var operations = Counter.Count(() => Live(device, start, 2));
        var signature = SignatureOperations(88);

        output.WriteLine($"interval: {signature} operations for the signature, {operations - signature} for the rest");
        (device.Published - published, device.Unacknowledged).ShouldBe((2, 0));
        (operations - signature).ShouldBeInRange(1, IntervalBudget);
    }

    /// <summary>Once at a press of the button.</summary>
    [Fact]
    public void Qr_code_takes_less_than_a_signature()
    {
        var type = Counter.Assembly.GetType("GridTokenX.Firmware.Panel.QrCode", throwOnError: true)!;
        var line = type.GetMethod("Line")!;
        var operations = Counter.Count(() =>
        {
            var code = Activator.CreateInstance(type, "gridtokenx:device:" + new string('w', 44));
            for (var i = 0; i < 21; i++)
            {
                line.Invoke(code, [i]);
            }
        });

        output.WriteLine($"QR code: {operations} operations");
        operations.ShouldBeInRange(50_000, SignatureOperations(88));
    }

    /// <summary>Five minutes, a step every second, a reading, its acknowledgement, the state again.</summary>
    private static void Live(WovenDevice device, DateTimeOffset start, int interval)
    {
        for (var second = 1; second <= 300; second++)
        {
            device.Pulses += 3;
            var at = (300 * interval) + second;
            device.Step(start.AddSeconds(at), at * 1000L);
        }

        device.Acknowledge(interval + 1);
    }

    private static long SignatureOperations(int length)
    {
        var type = Counter.Assembly.GetType("GridTokenX.Firmware.Signing.DeviceKey", throwOnError: true)!;
        var key = Activator.CreateInstance(type, new byte[32]);
        var sign = type.GetMethod("Sign")!;
        return Counter.Count(() => sign.Invoke(key, [new byte[length], length, new byte[64], 0]));
    }
}
