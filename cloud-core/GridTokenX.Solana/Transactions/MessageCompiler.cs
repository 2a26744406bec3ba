using System.Runtime.InteropServices;

namespace GridTokenX.Solana;

/// <summary>Turns instructions into a message: merges what they say about each account, orders the accounts, and
/// replaces addresses by indices.</summary>
internal static class MessageCompiler
{
    // What a cluster accepts, and the limits at which @solana/kit refuses.
    private const int MaxAccounts = 64;
    private const int MaxSigners = 12;
    private const int MaxInstructions = 64;
    private const int MaxInstructionAccounts = 255;

    public static Message Compile(MessageVersion version, PublicKey feePayer, Blockhash blockhash,
        IReadOnlyList<Instruction> instructions, IReadOnlyList<AddressLookupTable> tables)
    {
        var accounts = Order(Merge(feePayer, instructions), tables);
        CheckLimits(accounts, instructions);
        var fixedAccounts = accounts.Where(account => account.Table is null).ToList();
        var index = new Dictionary<PublicKey, byte>(accounts.Count);
        foreach (var account in accounts)
        {
            index.Add(account.Address, (byte)index.Count);
        }

        return new Message(
            version,
            (byte)fixedAccounts.Count(account => account.IsSigner),
            (byte)fixedAccounts.Count(account => account is { IsSigner: true, IsWritable: false }),
            (byte)fixedAccounts.Count(account => account is { IsSigner: false, IsWritable: false }),
            [.. fixedAccounts.Select(account => account.Address)],
            blockhash,
            [.. instructions.Select(instruction => CompileOne(instruction, index))],
            Lookups(accounts));
    }

    private static Dictionary<PublicKey, Account> Merge(PublicKey feePayer, IReadOnlyList<Instruction> instructions)
    {
        var accounts = new Dictionary<PublicKey, Account>
        {
            [feePayer] = new(feePayer) { IsFeePayer = true, IsSigner = true, IsWritable = true },
        };
        foreach (var instruction in instructions)
        {
            Find(accounts, instruction.Program).IsProgram = true;
            foreach (var meta in instruction.Accounts)
            {
                var account = Find(accounts, meta.Address);
                account.IsSigner |= meta.IsSigner;
                account.IsWritable |= meta.IsWritable;
            }
        }

        var wrong = accounts.Values.FirstOrDefault(account => account is { IsProgram: true, IsWritable: true });
        return wrong is null
            ? accounts
            : throw new ArgumentException($"The program {wrong.Address} is invoked, so it can neither pay the fee nor "
                + "be writable.", nameof(instructions));
    }

    private static Account Find(Dictionary<PublicKey, Account> accounts, PublicKey address)
    {
        ref var account = ref CollectionsMarshal.GetValueRefOrAddDefault(accounts, address, out _);
        return account ??= new Account(address);
    }

    private static List<Account> Order(
        Dictionary<PublicKey, Account> accounts, IReadOnlyList<AddressLookupTable> tables)
    {
        var ordered = accounts.Values.ToList();
        foreach (var account in ordered)
        {
            account.Text = account.Address.ToString();
            if (account is { IsProgram: false, IsSigner: false })
            {
                FindInTables(account, tables);
            }
        }

        ordered.Sort(static (left, right) =>
        {
            var byRank = left.Rank.CompareTo(right.Rank);
            if (byRank != 0)
            {
                return byRank;
            }

            var byTable = left.Table is null ? 0 : AddressOrder.Instance.Compare(left.TableText, right.TableText);
            return byTable != 0 ? byTable : AddressOrder.Instance.Compare(left.Text, right.Text);
        });
        return ordered;
    }

    private static void FindInTables(Account account, IReadOnlyList<AddressLookupTable> tables)
    {
        foreach (var table in tables)
        {
            for (var i = 0; i < Math.Min(table.Entries.Count, 256); i++)
            {
                if (table.Entries[i] == account.Address)
                {
                    account.Table = table;
                    account.TableText = table.Address.ToString();
                    account.TableIndex = (byte)i;
                    return;
                }
            }
        }
    }

    private static AddressTableLookup[] Lookups(List<Account> accounts) =>
    [
        .. accounts
            .Where(account => account.Table is not null)
            .GroupBy(account => account.TableText)
            .OrderBy(group => group.Key, AddressOrder.Instance)
            .Select(group => new AddressTableLookup(
                group.First().Table!.Address,
                group.Where(account => account.IsWritable).Select(account => account.TableIndex).ToArray(),
                group.Where(account => !account.IsWritable).Select(account => account.TableIndex).ToArray())),
    ];

    private static CompiledInstruction CompileOne(Instruction instruction, Dictionary<PublicKey, byte> index)
    {
        var accounts = new byte[instruction.Accounts.Count];
        for (var i = 0; i < accounts.Length; i++)
        {
            accounts[i] = index[instruction.Accounts[i].Address];
        }

        return new CompiledInstruction(index[instruction.Program], accounts, instruction.Data);
    }

    private static void CheckLimits(List<Account> accounts, IReadOnlyList<Instruction> instructions)
    {
        CheckLimit("accounts", accounts.Count, MaxAccounts);
        CheckLimit("signers", accounts.Count(account => account.IsSigner), MaxSigners);
        CheckLimit("instructions", instructions.Count, MaxInstructions);
        foreach (var instruction in instructions)
        {
            CheckLimit("accounts of one instruction", instruction.Accounts.Count, MaxInstructionAccounts);
        }
    }

    private static void CheckLimit(string what, int actual, int max)
    {
        if (actual > max)
        {
            throw new ArgumentException($"A transaction has at most {max} {what}, not {actual}.", nameof(actual));
        }
    }

    private sealed class Account(PublicKey address)
    {
        public PublicKey Address { get; } = address;

        public string Text { get; set; } = "";

        public bool IsFeePayer { get; init; }

        public bool IsProgram { get; set; }

        public bool IsSigner { get; set; }

        public bool IsWritable { get; set; }

        public AddressLookupTable? Table { get; set; }

        public string TableText { get; set; } = "";

        public byte TableIndex { get; set; }

        /// <summary>Fee payer, then static before looked-up, signers before others, writable before read-only.
        /// </summary>
        public int Rank
        {
            get
            {
                if (IsFeePayer)
                {
                    return 0;
                }

                var placed = Table is null ? 1 : 5;
                return placed + (IsSigner ? 0 : 2) + (IsWritable ? 0 : 1);
            }
        }
    }
}
