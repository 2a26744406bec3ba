using System.Text;

namespace GridTokenX.Solana.Programs;

/// <summary>Writes text into the transaction's log; fails unless every named signer has signed.</summary>
public static class MemoProgram
{
    /// <summary>The memo program that every cluster has.</summary>
    public static PublicKey Id { get; } = PublicKey.Parse("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");

    public static Instruction AddMemo(string text, params ReadOnlySpan<PublicKey> signers)
    {
        var accounts = new AccountMeta[signers.Length];
        for (var i = 0; i < signers.Length; i++)
        {
            accounts[i] = AccountMeta.ReadonlySigner(signers[i]);
        }

        return new Instruction(Id, accounts, Encoding.UTF8.GetBytes(text));
    }
}
