using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Tests.Registry;

[Collection(ProgramTests.Name)]
public sealed class SubmitMeterReadingsTests(WorldFixture fixture)
{
    private readonly World _world = fixture.World;

    [Fact]
    public async Task Many_meters_are_read_at_once()
    {
        using var owner = await _world.UserAsync();
        var readings = await ReadingsAsync(owner, 9);
        await RunAsync(readings);
        foreach (var reading in readings)
        {
            var meter = await _world.MeterOfAsync(reading.MeterId);
            meter.TotalProduction.ShouldBe(reading.TotalProduction);
            meter.TotalConsumption.ShouldBe(reading.TotalConsumption);
            meter.LastReadingAt.ShouldBe(reading.Timestamp);
            meter.Readings.ShouldBe(1UL);
        }
    }

    [Fact]
    public async Task One_wrong_reading_refuses_all()
    {
        using var owner = await _world.UserAsync();
        var readings = await ReadingsAsync(owner, 3);
        readings[2] = readings[2] with { Timestamp = _world.Chain.Now + 1_000 };
        await RefusesAsync(ProgramError.ReadingInFuture, Submit(readings));
        (await _world.MeterOfAsync(readings[0].MeterId)).Readings.ShouldBe(0UL);
        readings[2] = readings[2] with { TotalProduction = ulong.MaxValue, Timestamp = _world.Chain.Now };
        await RefusesAsync(ProgramError.ReadingOutOfRange, Submit(readings));
    }

    [Fact]
    public async Task There_are_as_many_meters_as_readings()
    {
        using var owner = await _world.UserAsync();
        var valid = Submit(await ReadingsAsync(owner, 3));
        await RefusesAsync(ProgramError.AmountMismatch, valid.WithAccounts([.. valid.Accounts.SkipLast(1)]));
        await RefusesAsync(ProgramError.AmountMismatch, valid.WithAccounts([.. valid.Accounts, valid.Accounts[2]]));
        await RefusesAsync(ProgramError.InvalidInstruction, valid.WithByte(8, 2));
        await RefusesAsync(ProgramError.InvalidInstruction, valid.WithByte(8, 4));
        await RefusesAsync(ProgramError.InvalidInstruction, valid.WithByte(11, 0xff));
        await RefusesAsync(ProgramError.InvalidInstruction, valid.WithData([.. valid.Data.Span, 0]));
        await RefusesAsync(ProgramError.NotEnoughAccounts, valid.WithAccounts([.. valid.Accounts.Take(1)]));
        await RunAsync(await ReadingsAsync(owner, 1));
    }

    [Fact]
    public async Task A_meter_that_is_listed_twice_keeps_all_rules()
    {
        using var owner = await _world.UserAsync();
        var reading = (await ReadingsAsync(owner, 1))[0];
        await RefusesAsync(ProgramError.ReadingTooEarly, Submit([reading, reading]));
        var later = reading with { Timestamp = reading.Timestamp + 300 };
        await RefusesAsync(
            ProgramError.RegisterRegression, Submit([reading, later with { TotalProduction = 0 }]));
        await RunAsync([reading, later with { TotalProduction = reading.TotalProduction + 5 }]);
        (await _world.MeterOfAsync(reading.MeterId)).TotalProduction.ShouldBe(reading.TotalProduction + 5);
    }

    [Fact]
    public async Task Only_the_oracle_submits()
    {
        using var owner = await _world.UserAsync();
        var readings = await ReadingsAsync(owner, 2);
        await _world.Chain.RefusesAsync(
            ProgramError.Unauthorized,
            _world.Registry.SubmitMeterReadings(_world.Registrar.PublicKey, readings), _world.Registrar);
        await RefusesAsync(ProgramError.MissingSignature, Submit(readings).Unsigned(0));
    }

    [Fact]
    public async Task Wrong_accounts_are_refused()
    {
        using var owner = await _world.UserAsync();
        var valid = Submit(await ReadingsAsync(owner, 2));
        await RefusesAsync(ProgramError.InvalidAccountOwner, valid.With(1, owner.PublicKey));
        await RefusesAsync(ProgramError.InvalidAccountData, valid.With(1, valid.Accounts[2].Address));
        await RefusesAsync(ProgramError.InvalidAccountOwner, valid.With(3, owner.PublicKey));
        await RefusesAsync(ProgramError.InvalidAccountData, valid.With(3, _world.Registry.User(owner.PublicKey)));
        await RefusesAsync(ProgramError.AccountNotWritable, valid.Readonly(3));
    }

    private async Task<List<MeterRegisters>> ReadingsAsync(Keypair owner, int count)
    {
        var readings = new List<MeterRegisters>();
        for (var i = 0; i < count; i++)
        {
            readings.Add(new MeterRegisters(
                await _world.MeterAsync(owner.PublicKey), 100UL + (ulong)i, (ulong)i, _world.Chain.Now - 1_000 + i));
        }

        return readings;
    }

    private Instruction Submit(IReadOnlyList<MeterRegisters> readings) =>
        _world.Registry.SubmitMeterReadings(_world.Oracle.PublicKey, readings);

    private Task<Executed> RunAsync(IReadOnlyList<MeterRegisters> readings) =>
        _world.Chain.RunAsync(Submit(readings), _world.Oracle);

    private Task<Executed> RefusesAsync(ProgramError error, Instruction instruction) =>
        _world.Chain.RefusesAsync(error, instruction, _world.Oracle);
}
