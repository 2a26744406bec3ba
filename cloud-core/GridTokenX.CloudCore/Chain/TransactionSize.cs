using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Chain;

/// <param name="Accounts">With which the instruction begins whatever it does.</param>
/// <param name="Data">Likewise, in bytes.</param>
internal readonly record struct SharedPart(int Accounts, int Data);

/// <summary>
/// How long a legacy transaction is, without making it. What is added merges with what is there, instruction by
/// instruction, beyond the parts that they share; without shared parts it follows it.
/// </summary>
internal sealed class TransactionSize(PublicKey payer, IReadOnlyList<SharedPart>? shared)
{
    private const int MaxAccounts = 64;
    private const int Header = 3;

    private readonly HashSet<PublicKey> _accounts = [payer];
    private readonly HashSet<PublicKey> _signers = [payer];
    private List<(int Accounts, int Data)> _instructions = [];

    public int Length => LengthOf(_accounts.Count, _signers.Count, _instructions);

    /// <summary>False, and nothing is added, when it would become too long or name too many accounts.</summary>
    public bool TryAdd(IReadOnlyList<Instruction> added)
    {
        var named = added
            .SelectMany(static i => i.Accounts.Select(static meta => meta.Address).Append(i.Program))
            .Where(address => !_accounts.Contains(address))
            .ToHashSet();
        var signing = added
            .SelectMany(static i => i.Accounts)
            .Where(meta => meta.IsSigner && !_signers.Contains(meta.Address))
            .Select(static meta => meta.Address)
            .ToHashSet();
        var instructions = Merge(added);
        if (_accounts.Count + named.Count > MaxAccounts
            || LengthOf(_accounts.Count + named.Count, _signers.Count + signing.Count, instructions)
                > Transaction.MaxLength)
        {
            return false;
        }

        _accounts.UnionWith(named);
        _signers.UnionWith(signing);
        _instructions = instructions;
        return true;
    }

    private List<(int Accounts, int Data)> Merge(IReadOnlyList<Instruction> added)
    {
        var lengths = added.Select(static i => (Accounts: i.Accounts.Count, Data: i.Data.Length));
        return shared is null || _instructions.Count == 0
            ? [.. _instructions, .. lengths]
            : [.. _instructions.Zip(lengths, shared).Select(static part => (
                part.First.Accounts + part.Second.Accounts - part.Third.Accounts,
                part.First.Data + part.Second.Data - part.Third.Data))];
    }

    private static int LengthOf(int accounts, int signers, List<(int Accounts, int Data)> instructions) =>
        1 + (signers * Signature.Length) + Header
        + CompactLength(accounts) + (accounts * PublicKey.Length)
        + Blockhash.Length
        + CompactLength(instructions.Count)
        + instructions.Sum(static i => 1 + CompactLength(i.Accounts) + i.Accounts + CompactLength(i.Data) + i.Data);

    private static int CompactLength(int value) => value <= 0x7f ? 1 : 2;
}
