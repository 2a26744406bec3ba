using GridTokenX.Community.Scenarios;
using GridTokenX.Firmware.Board;
using GridTokenX.Firmware.Readings;
using GridTokenX.Protocol.Keys;
using GridTokenX.Simulator.Faults;
using GridTokenX.Simulator.Profiles;

namespace GridTokenX.Simulator.Tests.Faults;

/// <summary>The real firmware on a board whose gateway is away.</summary>
public sealed class MeterFaultTests : IDisposable
{
    private const string Config = """
        {"wifi_ssid":"home","broker":"127.0.0.1","broker_port":1,"impulses_per_kwh":1000,"interval_s":900}
        """;

    private static readonly DateTimeOffset Start = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FaultyNetwork _network = new(
        SeededRandom.For(1, "wire"),
        new Forgery(SigningKey.FromSeed(SeededRandom.For(1, "forger").Bytes(Ed25519.SeedLength))),
        static (_, _) => { });

    public void Dispose() => _network.Forgery.Dispose();

    /// <summary>More than two days: also longer than a meter goes without a restart.</summary>
    [Fact]
    public void Readings_that_gave_way_in_a_silent_meter_are_counted()
    {
        const int Silent = 200;
        var faults = new MeterFaults([Fault(FaultKind.GatewayDown, Silent)], _network);
        using var board = SimulatedBoard.Start(Config, Start, network: _network);
        faults.Begin(0, board);
        for (var quarter = 1; quarter <= Silent; quarter++)
        {
            board.AddProductionPulses(1);
            board.Step(Start + (Quarter.Length * quarter), quarter * 1_000L * Quarter.Seconds);
        }

        faults.IsCutOff.ShouldBeTrue();
        faults.GivenWay.ShouldBe(0);
        faults.Settled(board.Device.ShouldNotBeNull()).ShouldBe(0);
        faults.Begin(Silent, board);
        faults.Settled(board.Device.ShouldNotBeNull()).ShouldBe(0);
        faults.IsCutOff.ShouldBeFalse();
        var device = board.Device.ShouldNotBeNull();
        device.UnacknowledgedReadings.ShouldBe(ReadingRing.Capacity);
        device.ReadingSequence.ShouldBe(Silent - 1, "a meter's first quarter hour is not whole");
        faults.GivenWay.ShouldBe(device.ReadingSequence - ReadingRing.Capacity);
        device.ProductionWh.ShouldBe(Silent);
    }

    [Fact]
    public void Clock_is_wrong_for_as_long_as_the_fault_lasts()
    {
        var faults = new MeterFaults([Fault(FaultKind.ClockError, 4) with { Seconds = -600 }], _network);
        using var board = SimulatedBoard.Start(Config, Start, network: _network);
        faults.Begin(0, board);
        (faults.ClockError, faults.IsCutOff).ShouldBe((TimeSpan.FromMinutes(-10), false));
        faults.Begin(4, board);
        faults.ClockError.ShouldBe(TimeSpan.Zero);
    }

    private static Fault Fault(FaultKind kind, int until) => new(kind, 1, -1, 0, until, 1, 0, 0);
}
