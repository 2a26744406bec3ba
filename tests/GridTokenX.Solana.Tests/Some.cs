using System.Security.Cryptography;
using System.Text;

namespace GridTokenX.Solana.Tests;

/// <summary>Valid values that differ by their label and are the same in every run.</summary>
internal static class Some
{
    public static Keypair Keypair(string label) => Solana.Keypair.FromSeed(Hash(label));

    public static PublicKey Address(string label) => new(Hash(label));

    public static Blockhash Blockhash(string label = "blockhash") => new(Hash(label));

    public static Instruction Instruction(int accounts = 0, int dataLength = 0) => new(
        Address("program"),
        [.. Enumerable.Range(0, accounts).Select(i => AccountMeta.Writable(Address($"account {i}")))],
        new byte[dataLength]);

    public static Transaction Transfer(Keypair from, Blockhash? blockhash = null, ulong lamports = 1) => new(
        Message.CompileV0(from.PublicKey, blockhash ?? Blockhash(),
            [Programs.SystemProgram.Transfer(from.PublicKey, Address("receiver"), lamports)]));

    private static byte[] Hash(string label) => SHA256.HashData(Encoding.UTF8.GetBytes(label));
}
