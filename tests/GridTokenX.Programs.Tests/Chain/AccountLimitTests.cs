using GridTokenX.Solana;

namespace GridTokenX.Programs.Tests.Chain;

[Collection(ProgramTests.Name)]
public sealed class AccountLimitTests(WorldFixture fixture)
{
    private const int Most = 64;

    private readonly World _world = fixture.World;

    [Fact]
    public async Task An_instruction_has_at_most_64_accounts()
    {
        var admin = _world.Admin.PublicKey;
        Instruction[] programs =
        [
            _world.Registry.SetMaintenance(admin, false), _world.EnergyToken.SetMaintenance(admin, false),
            _world.Trading.SetMaintenance(admin, false),
        ];
        foreach (var instruction in programs)
        {
            await _world.Chain.RunAsync(Stretched(instruction, Most), _world.Admin);
            await _world.Chain.RefusesAsync(
                ProgramError.InvalidInstruction, Stretched(instruction, Most + 1), _world.Admin);
            await _world.Chain.RefusesAsync(
                ProgramError.InvalidInstruction, Stretched(instruction, 200), _world.Admin);
        }
    }

    // The last account again and again, which takes one byte each in the transaction.
    private static Instruction Stretched(Instruction instruction, int count) => instruction.WithAccounts(
        [.. instruction.Accounts, .. Enumerable.Repeat(instruction.Accounts[^1], count - instruction.Accounts.Count)]);
}
