using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Chain;

/// <summary>Token accounts that somebody else than their token owner has, or had, a say in.</summary>
internal static class OddAccounts
{
    /// <summary>A token account of the owner's which the keeper made, and whose close authority he kept.</summary>
    public static async Task<PublicKey> KeptAccountAsync(
        this World world, PublicKey mint, PublicKey owner, Keypair keeper)
    {
        var account = await world.CreateTokenAccountAsync(mint, keeper.PublicKey);
        await world.Chain.RunAsync(
            [
                TokenProgram.SetAuthority(
                    account, keeper.PublicKey, AuthorityType.CloseAccount, keeper.PublicKey),
                TokenProgram.SetAuthority(account, keeper.PublicKey, AuthorityType.AccountOwner, owner),
            ],
            keeper);
        var made = await world.Chain.AccountAsync(account, TokenAccount.Parse);
        (made.Owner, made.CloseAuthority).ShouldBe((owner, (PublicKey?)keeper.PublicKey));
        return account;
    }

    /// <summary>The token account has another token owner from now on.</summary>
    public static Task GiveAwayAsync(this World world, PublicKey account, Keypair owner, PublicKey newOwner) =>
        world.Chain.RunAsync(
            TokenProgram.SetAuthority(account, owner.PublicKey, AuthorityType.AccountOwner, newOwner), owner);

    /// <summary>A full token account of a mint that the issuer may freeze; see <see cref="FreezeAsync"/>.</summary>
    public static async Task<(PublicKey Mint, PublicKey Account)> FreezableAccountAsync(
        this World world, PublicKey owner)
    {
        var mint = await world.CreateMintAsync(Quantities.GrxDecimals, isFreezable: true);
        var account = await world.CreateTokenAccountAsync(mint, owner);
        await world.Chain.RunAsync(
            TokenProgram.MintTo(mint, account, world.Issuer.PublicKey, ulong.MaxValue), world.Issuer);
        return (mint, account);
    }

    public static async Task FreezeAsync(this World world, PublicKey mint, PublicKey account)
    {
        const byte FreezeAccount = 10;
        await world.Chain.RunAsync(
            new Instruction(
                TokenProgram.Id,
                [
                    AccountMeta.Writable(account), AccountMeta.Readonly(mint),
                    AccountMeta.ReadonlySigner(world.Issuer.PublicKey),
                ],
                new[] { FreezeAccount }),
            world.Issuer);
        (await world.Chain.AccountAsync(account, TokenAccount.Parse)).State.ShouldBe(TokenAccountState.Frozen);
    }
}
