using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Tests.Registry;

/// <summary>The registry's limits: 300 s between readings, 36 MW (10,000 Wh a second), 120 s ahead.</summary>
[Collection(ProgramTests.Name)]
public sealed class SubmitMeterReadingTests(WorldFixture fixture)
{
    private readonly World _world = fixture.World;

    [Fact]
    public async Task A_reading_moves_the_registers()
    {
        var meterId = await MeterReadAsync(1_000, 200);
        var before = await _world.MeterOfAsync(meterId);
        await RunAsync(meterId, 1_500, 200, 300);
        (await _world.MeterOfAsync(meterId)).ShouldBe(before with
        {
            TotalProduction = 1_500,
            LastReadingAt = before.LastReadingAt + 300,
            Readings = before.Readings + 1,
        });
    }

    [Fact]
    public async Task Registers_never_fall()
    {
        var meterId = await MeterReadAsync(1_000, 200);
        await RefusesAsync(ProgramError.RegisterRegression, meterId, 999, 200, 300);
        await RefusesAsync(ProgramError.RegisterRegression, meterId, 1_000, 199, 300);
        await RunAsync(meterId, 1_000, 200, 300);
    }

    [Fact]
    public async Task Readings_keep_their_distance()
    {
        var meterId = await MeterReadAsync(1_000, 200);
        await RefusesAsync(ProgramError.ReadingTooEarly, meterId, 1_000, 200, 299);
        await RefusesAsync(ProgramError.ReadingTooEarly, meterId, 1_000, 200, 0);
        await RefusesAsync(ProgramError.ReadingTooEarly, meterId, 1_000, 200, -1);
        await RefusesAsync(ProgramError.ReadingTooEarly, meterId, 1_000, 200, long.MinValue + (1L << 40));
        await RunAsync(meterId, 1_000, 200, 300);
    }

    [Fact]
    public async Task The_first_reading_may_follow_the_installation_at_once()
    {
        using var owner = await _world.UserAsync();
        await _world.Chain.RunAsync(
            _world.Registry.RegisterMeter(
                _world.Registrar.PublicKey, owner.PublicKey, "at-once", World.Device("at-once"), _world.Chain.Now),
            _world.Registrar);
        // As much as in the shortest interval between readings.
        await RefusesAsync(ProgramError.ReadingOutOfRange, "at-once", 3_000_001, 0, 0);
        await RunAsync("at-once", 3_000_000, 3_000_000, 0);
    }

    [Fact]
    public async Task Readings_are_not_from_the_future()
    {
        var meterId = await MeterReadAsync(1_000, 200);
        var now = _world.Chain.Now - (await _world.MeterOfAsync(meterId)).LastReadingAt;
        await RefusesAsync(ProgramError.ReadingInFuture, meterId, 1_000, 200, now + 121);
        await RefusesAsync(ProgramError.ReadingInFuture, meterId, 1_000, 200, long.MaxValue - _world.Chain.Now);
        await RunAsync(meterId, 1_000, 200, now + 120);
    }

    [Fact]
    public async Task Registers_grow_no_faster_than_a_connection_carries()
    {
        var meterId = await MeterReadAsync(1_000, 200);
        await RefusesAsync(ProgramError.ReadingOutOfRange, meterId, 1_000 + 3_010_001, 200, 301);
        await RefusesAsync(ProgramError.ReadingOutOfRange, meterId, 1_000, 200 + 3_010_001, 301);
        await RefusesAsync(ProgramError.ReadingOutOfRange, meterId, ulong.MaxValue, 200, 301);
        await RefusesAsync(ProgramError.ReadingOutOfRange, meterId, 1_000, ulong.MaxValue, 301);
        await RunAsync(meterId, 1_000 + 3_010_000, 200 + 3_010_000, 301);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Times_as_far_apart_as_can_be_are_refused_by_name(int readings)
    {
        using var owner = await _world.UserAsync();
        var meterId = await _world.MeterAsync(owner.PublicKey);
        if (readings > 0)
        {
            await _world.ReadAsync(meterId, 1_000, 200, _world.Chain.Now);
        }

        foreach (var (timestamp, error) in ((long, ProgramError)[])[
            (long.MinValue, ProgramError.ReadingTooEarly), (-1, ProgramError.ReadingTooEarly),
            (long.MaxValue, ProgramError.ReadingInFuture)])
        {
            var reading = new MeterRegisters(meterId, 1_000, 200, timestamp);
            await _world.Chain.RefusesAsync(
                error, _world.Registry.SubmitMeterReading(_world.Oracle.PublicKey, reading), _world.Oracle);
        }
    }

    [Fact]
    public async Task A_deactivated_meter_takes_no_readings()
    {
        var meterId = await MeterReadAsync(1_000, 200);
        await _world.Chain.RunAsync(
            _world.Registry.DeactivateMeter(_world.Registrar.PublicKey, meterId), _world.Registrar);
        await RefusesAsync(ProgramError.MeterNotActive, meterId, 1_000, 200, 300);
    }

    [Fact]
    public async Task Only_the_oracle_submits()
    {
        var meterId = await MeterReadAsync(1_000, 200);
        foreach (var key in (Keypair[])[_world.Registrar, _world.Admin, _world.Issuer])
        {
            var instruction = _world.Registry.SubmitMeterReading(
                key.PublicKey, await AfterAsync(meterId, 1_000, 200, 300));
            await _world.Chain.RefusesAsync(ProgramError.Unauthorized, instruction, key);
        }
    }

    [Fact]
    public async Task Malformed_instructions_and_wrong_accounts_are_refused()
    {
        var meterId = await MeterReadAsync(1_000, 200);
        var owner = (await _world.MeterOfAsync(meterId)).Owner;
        var valid = _world.Registry.SubmitMeterReading(
            _world.Oracle.PublicKey, await AfterAsync(meterId, 1_000, 200, 300));
        await _world.Chain.RefusesMalformedAsync(valid, _world.Oracle);
        var meter = _world.Registry.Meter(meterId);
        (int Account, PublicKey Address, ProgramError Error)[] wrong =
        [
            (1, owner, ProgramError.InvalidAccountOwner),
            (1, meter, ProgramError.InvalidAccountData),
            (1, _world.Trading.Market, ProgramError.InvalidAccountOwner),
            (2, owner, ProgramError.InvalidAccountOwner),
            (2, _world.Registry.Meter("not-registered"), ProgramError.InvalidAccountOwner),
            (2, _world.Registry.User(owner), ProgramError.InvalidAccountData),
            (2, _world.Registry.Registry, ProgramError.InvalidAccountData),
            (2, _world.GridOf(owner), ProgramError.InvalidAccountOwner),
        ];
        foreach (var (account, address, error) in wrong)
        {
            await _world.Chain.RefusesAsync(error, valid.With(account, address), _world.Oracle);
        }

        await _world.Chain.RunAsync(valid, _world.Oracle);
    }

    private async Task<string> MeterReadAsync(ulong production, ulong consumption)
    {
        using var owner = await _world.UserAsync();
        var meterId = await _world.MeterAsync(owner.PublicKey);
        await _world.ReadAsync(meterId, production, consumption, _world.Chain.Now - 10_000);
        return meterId;
    }

    private async Task RunAsync(string meterId, ulong production, ulong consumption, long after) =>
        await _world.Chain.RunAsync(
            _world.Registry.SubmitMeterReading(
                _world.Oracle.PublicKey, await AfterAsync(meterId, production, consumption, after)),
            _world.Oracle);

    private async Task RefusesAsync(
        ProgramError error, string meterId, ulong production, ulong consumption, long after) =>
        await _world.Chain.RefusesAsync(
            error,
            _world.Registry.SubmitMeterReading(
                _world.Oracle.PublicKey, await AfterAsync(meterId, production, consumption, after)),
            _world.Oracle);

    private async Task<MeterRegisters> AfterAsync(string meterId, ulong production, ulong consumption, long after) =>
        new(meterId, production, consumption, (await _world.MeterOfAsync(meterId)).LastReadingAt + after);
}
