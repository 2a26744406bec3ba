using GridTokenX.Programs.Tests.Chain;

namespace GridTokenX.Programs.Tests.Initialization;

public sealed class NoUpgradeAuthorityTests
{
    [Fact]
    public async Task A_program_that_nobody_may_upgrade_cannot_be_initialised()
    {
        await using var world = await World.StartAsync(hasUpgradeAuthority: false);
        await world.Chain.RefusesAsync(ProgramError.Unauthorized, world.InitializeEnergyToken(), world.Admin);
        await world.Chain.RefusesAsync(ProgramError.Unauthorized, world.InitializeRegistry(), world.Admin);
        await world.Chain.RefusesAsync(
            ProgramError.Unauthorized, world.InitializeMarket(world.Settings), world.Admin);
    }
}
