using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Trading;

[Collection(ProgramTests.Name)]
public sealed class OpenSettlementPageTests(WorldFixture fixture)
{
    private readonly World _world = fixture.World;

    [Fact]
    public async Task Anybody_opens_a_page_once()
    {
        using var anybody = await _world.Chain.FundedAsync();
        await _world.Chain.RunAsync(_world.Trading.OpenSettlementPage(anybody.PublicKey, 77), anybody);
        var page = await _world.Chain.AccountAsync(
            _world.Trading.SettlementPage(77), SettlementPageAccount.Parse);
        page.Page.ShouldBe(77UL);
        page.IsUsed(77UL << 16).ShouldBeFalse();
        page.IsUsed((77UL << 16) + 65_535).ShouldBeFalse();
        (await _world.Chain.LamportsAsync(anybody.PublicKey))
            .ShouldBe((100 * ProgramChain.Sol) - await _world.RentAsync(SettlementPageAccount.Length));
        await _world.Chain.RefusesAsync(
            ProgramError.AlreadyInitialized, _world.Trading.OpenSettlementPage(anybody.PublicKey, 77), anybody);
    }

    [Fact]
    public async Task The_last_page_holds_the_last_number()
    {
        using var anybody = await _world.Chain.FundedAsync();
        var last = TradingProgram.PageOf(ulong.MaxValue);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidInstruction, _world.Trading.OpenSettlementPage(anybody.PublicKey, last + 1), anybody);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidInstruction, _world.Trading.OpenSettlementPage(anybody.PublicKey, ulong.MaxValue),
            anybody);
        await _world.Chain.RunAsync(_world.Trading.OpenSettlementPage(anybody.PublicKey, last), anybody);
    }

    [Fact]
    public async Task Malformed_instructions_and_wrong_accounts_are_refused()
    {
        using var anybody = await _world.Chain.FundedAsync();
        var valid = _world.Trading.OpenSettlementPage(anybody.PublicKey, 78);
        await _world.Chain.RefusesMalformedAsync(valid, anybody);
        (int Account, PublicKey Address, ProgramError Error)[] wrong =
        [
            (1, anybody.PublicKey, ProgramError.InvalidAccountOwner),
            (1, _world.Trading.SettlementPage(0), ProgramError.InvalidAccountData),
            (2, _world.Trading.SettlementPage(79), ProgramError.InvalidAddress),
            (2, _world.Trading.Market, ProgramError.InvalidAddress),
            (3, TokenProgram.Id, ProgramError.InvalidProgram),
        ];
        foreach (var (account, address, error) in wrong)
        {
            await _world.Chain.RefusesAsync(error, valid.With(account, address), anybody);
        }

        await _world.Chain.RunAsync(valid, anybody);
    }

    [Fact]
    public async Task Lamports_sent_there_before_do_not_keep_a_page_closed()
    {
        using var anybody = await _world.Chain.FundedAsync();
        await _world.Chain.AirdropAsync(_world.Trading.SettlementPage(80), 1_000_000);
        await _world.Chain.RunAsync(_world.Trading.OpenSettlementPage(anybody.PublicKey, 80), anybody);
    }
}
