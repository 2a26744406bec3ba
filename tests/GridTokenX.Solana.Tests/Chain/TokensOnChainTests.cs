using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Solana.Tests.Chain;

[Collection(LocalnetTests.Name)]
public sealed class TokensOnChainTests(LocalnetFixture chain) : IAsyncDisposable
{
    private readonly ChainClient _client = new(chain.Localnet);

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task Tokens_are_minted_transferred_burned_and_counted_to_the_base_unit()
    {
        using var payer = await _client.FundedAsync();
        var mint = await _client.CreateMintAsync(payer, decimals: 9);
        var (mine, theirs) = (Ata(payer.PublicKey, mint), Ata(Some.Address("them"), mint));
        await _client.RunAsync(
            [
                AssociatedTokenProgram.Create(payer.PublicKey, payer.PublicKey, mint),
                AssociatedTokenProgram.CreateIdempotent(payer.PublicKey, Some.Address("them"), mint),
                AssociatedTokenProgram.CreateIdempotent(payer.PublicKey, Some.Address("them"), mint),
                TokenProgram.MintTo(mint, mine, payer.PublicKey, ulong.MaxValue - 5),
                TokenProgram.MintToChecked(mint, mine, payer.PublicKey, 5, 9),
                TokenProgram.TransferChecked(mine, mint, theirs, payer.PublicKey, 9_007_199_254_740_993, 9),
                TokenProgram.Burn(mine, mint, payer.PublicKey, 2),
                TokenProgram.BurnChecked(mine, mint, payer.PublicKey, 1, 9),
            ],
            payer);

        (await _client.Rpc.GetTokenSupplyAsync(mint)).ShouldBe(new TokenAmount(ulong.MaxValue - 3, 9));
        (await _client.Rpc.GetTokenAccountBalanceAsync(theirs)).ShouldBe(new TokenAmount(9_007_199_254_740_993, 9));
        var account = TokenAccount.Parse((await _client.Rpc.GetAccountInfoAsync(mine))!.Data.Span);
        account.Amount.ShouldBe(ulong.MaxValue - 3 - 9_007_199_254_740_993);
        account.Owner.ShouldBe(payer.PublicKey);
        var stored = Mint.Parse((await _client.Rpc.GetAccountInfoAsync(mint))!.Data.Span);
        stored.ShouldBe(new Mint(payer.PublicKey, ulong.MaxValue - 3, 9, true, null));
    }

    [Fact]
    public async Task A_delegate_moves_what_was_approved_until_it_is_revoked()
    {
        using var platform = await _client.FundedAsync();
        using var user = await _client.FundedAsync();
        var mint = await _client.CreateMintAsync(platform, decimals: 6);
        var (users, platforms) = (Ata(user.PublicKey, mint), Ata(platform.PublicKey, mint));
        await _client.RunAsync(
            [
                AssociatedTokenProgram.CreateIdempotent(user.PublicKey, user.PublicKey, mint),
                TokenProgram.Approve(users, platform.PublicKey, user.PublicKey, ulong.MaxValue),
            ],
            user);
        await _client.RunAsync(
            [
                AssociatedTokenProgram.CreateIdempotent(platform.PublicKey, platform.PublicKey, mint),
                TokenProgram.MintTo(mint, users, platform.PublicKey, 1000),
                TokenProgram.Transfer(users, platforms, platform.PublicKey, 400),
            ],
            platform);
        var account = TokenAccount.Parse((await _client.Rpc.GetAccountInfoAsync(users))!.Data.Span);
        account.Amount.ShouldBe(600UL);
        account.Delegate.ShouldBe(platform.PublicKey);
        account.DelegatedAmount.ShouldBe(ulong.MaxValue - 400);

        await _client.RunAsync([TokenProgram.Revoke(users, user.PublicKey)], user);
        var refused = await _client.Sender.SendAndConfirmAsync(
            [TokenProgram.Transfer(users, platforms, platform.PublicKey, 1)], [platform]);
        // 4 is the token program's OwnerMismatch.
        refused.Error!.Instruction.ShouldBe(new InstructionError(0, "Custom", 4));
    }

    [Fact]
    public async Task Token_accounts_are_found_by_owner_mint_and_filter()
    {
        using var payer = await _client.FundedAsync();
        var first = await _client.CreateMintAsync(payer, decimals: 0);
        var second = await _client.CreateMintAsync(payer, decimals: 0);
        await _client.RunAsync(
            [
                AssociatedTokenProgram.Create(payer.PublicKey, payer.PublicKey, first),
                AssociatedTokenProgram.Create(payer.PublicKey, payer.PublicKey, second),
            ],
            payer);

        (await _client.Rpc.GetTokenAccountsByOwnerAsync(payer.PublicKey)).Select(row => row.Address)
            .ShouldBe([Ata(payer.PublicKey, first), Ata(payer.PublicKey, second)], ignoreOrder: true);
        (await _client.Rpc.GetTokenAccountsByOwnerAsync(payer.PublicKey, second))
            .ShouldHaveSingleItem().Address.ShouldBe(Ata(payer.PublicKey, second));
        var filtered = await _client.Rpc.GetProgramAccountsAsync(
            TokenProgram.Id,
            [
                AccountFilter.OfSize(TokenAccount.Length),
                AccountFilter.With(TokenAccount.OwnerOffset, payer.PublicKey.Span),
                AccountFilter.With(TokenAccount.MintOffset, first.Span),
            ]);
        filtered.ShouldHaveSingleItem().Address.ShouldBe(Ata(payer.PublicKey, first));
    }

    [Fact]
    public async Task An_account_of_its_own_key_is_initialised_handed_over_and_closed()
    {
        using var payer = await _client.FundedAsync();
        using var pool = Keypair.Generate();
        var mint = await _client.CreateMintAsync(payer, decimals: 6);
        var rent = await _client.Rpc.GetMinimumBalanceForRentExemptionAsync(TokenAccount.Length);
        await _client.RunAsync(
            [
                SystemProgram.CreateAccount(
                    payer.PublicKey, pool.PublicKey, rent, TokenAccount.Length, TokenProgram.Id),
                TokenProgram.InitializeAccount3(pool.PublicKey, mint, payer.PublicKey),
                TokenProgram.SetAuthority(
                    pool.PublicKey, payer.PublicKey, AuthorityType.CloseAccount, Some.Address("closer")),
                TokenProgram.SetAuthority(mint, payer.PublicKey, AuthorityType.MintTokens, null),
            ],
            payer, pool);
        var account = TokenAccount.Parse((await _client.Rpc.GetAccountInfoAsync(pool.PublicKey))!.Data.Span);
        account.CloseAuthority.ShouldBe(Some.Address("closer"));
        Mint.Parse((await _client.Rpc.GetAccountInfoAsync(mint))!.Data.Span).MintAuthority.ShouldBeNull();

        await _client.RunAsync(
            [
                AssociatedTokenProgram.Create(payer.PublicKey, payer.PublicKey, mint),
                TokenProgram.CloseAccount(Ata(payer.PublicKey, mint), payer.PublicKey, payer.PublicKey),
            ],
            payer);
        (await _client.Rpc.GetAccountInfoAsync(Ata(payer.PublicKey, mint))).ShouldBeNull();
    }

    [Fact]
    public async Task Allocate_and_assign_make_an_account_a_programs()
    {
        using var payer = await _client.FundedAsync();
        using var account = Keypair.Generate();
        await _client.RunAsync(
            [
                SystemProgram.Transfer(payer.PublicKey, account.PublicKey, ChainClient.Sol),
                SystemProgram.Allocate(account.PublicKey, 100),
                SystemProgram.Assign(account.PublicKey, TokenProgram.Id),
            ],
            payer, account);
        var stored = (await _client.Rpc.GetAccountInfoAsync(account.PublicKey))!;
        stored.Owner.ShouldBe(TokenProgram.Id);
        stored.Data.Length.ShouldBe(100);
    }

    private static PublicKey Ata(PublicKey owner, PublicKey mint) =>
        AssociatedTokenProgram.AssociatedTokenAddress(owner, mint);
}
