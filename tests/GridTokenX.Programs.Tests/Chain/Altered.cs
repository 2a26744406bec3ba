using GridTokenX.Solana;

namespace GridTokenX.Programs.Tests.Chain;

/// <summary>A valid instruction with one thing wrong.</summary>
internal static class Altered
{
    public static Instruction With(this Instruction instruction, int account, PublicKey address) =>
        instruction.With(account, meta => meta with { Address = address });

    public static Instruction Unsigned(this Instruction instruction, int account) =>
        instruction.With(account, meta => meta with { IsSigner = false });

    public static Instruction Readonly(this Instruction instruction, int account) =>
        instruction.With(account, meta => meta with { IsWritable = false });

    public static Instruction Swapped(this Instruction instruction, int first, int second) => instruction
        .With(first, instruction.Accounts[second].Address).With(second, instruction.Accounts[first].Address);

    public static Instruction WithAccounts(this Instruction instruction, params IReadOnlyList<AccountMeta> accounts) =>
        instruction with { Accounts = accounts };

    public static Instruction WithData(this Instruction instruction, params byte[] data) =>
        instruction with { Data = data };

    public static Instruction WithByte(this Instruction instruction, int offset, byte value)
    {
        var data = instruction.Data.ToArray();
        data[offset] = value;
        return instruction with { Data = data };
    }

    private static Instruction With(this Instruction instruction, int account, Func<AccountMeta, AccountMeta> change)
    {
        var accounts = instruction.Accounts.ToArray();
        accounts[account] = change(accounts[account]);
        return instruction with { Accounts = accounts };
    }

    /// <summary>What is wrong with any instruction that has the wrong form: data too long or short, accounts missing,
    /// not signed for or not writable. The accounts and signers given make it valid otherwise.</summary>
    public static async Task RefusesMalformedAsync(
        this ProgramChain chain, Instruction valid, params IReadOnlyList<Keypair> signers)
    {
        byte[] data = valid.Data.ToArray();
        await chain.RefusesAsync(ProgramError.InvalidInstruction, valid.WithData([.. data, 0]), signers);
        await chain.RefusesAsync(ProgramError.InvalidInstruction, valid.WithData(data[..^1]), signers);
        await chain.RefusesAsync(ProgramError.InvalidInstruction, valid.WithData(), signers);
        await chain.RefusesAsync(
            ProgramError.NotEnoughAccounts, valid.WithAccounts([.. valid.Accounts.SkipLast(1)]), signers);
        await chain.RefusesAsync(ProgramError.NotEnoughAccounts, valid.WithAccounts(), signers);
        for (var i = 0; i < valid.Accounts.Count; i++)
        {
            // An account that is there twice keeps the rights of its other place.
            var isTwice = valid.Accounts.Count(meta => meta.Address == valid.Accounts[i].Address) > 1;
            if (valid.Accounts[i].IsSigner && !isTwice)
            {
                await chain.RefusesAsync(ProgramError.MissingSignature, valid.Unsigned(i), signers);
            }

            if (valid.Accounts[i].IsWritable && !isTwice)
            {
                (await chain.RefusesAsync(valid.Readonly(i), signers)).ShouldBeUnwritable(i);
            }
        }
    }

    // Where a program only hands the account on, the runtime refuses it.
    private static void ShouldBeUnwritable(this Executed executed, int account)
    {
        var error = executed.Error!.Instruction.ShouldNotBeNull();
        var isRefused = executed.ProgramError == ProgramError.AccountNotWritable
            || error.Name is "PrivilegeEscalation" or "ReadonlyDataModified" or "ReadonlyLamportChange";
        isRefused.ShouldBeTrue($"account {account}: {error}\n{string.Join('\n', executed.Logs)}");
    }
}
