using System.Diagnostics.CodeAnalysis;
using GridTokenX.Programs.Wire;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs;

/// <summary>An order as a transaction asks for it.</summary>
/// <param name="Payer">Pays the rent.</param>
/// <param name="Source">The token account that the escrow comes from.</param>
public sealed record OrderRequest(
    OrderSide Side, PublicKey Payer, PublicKey Owner, OrderTerms Terms, PublicKey Source);

/// <summary>Why a message is not the one order that it should be.</summary>
public enum OrderRequestProblem
{
    None,

    /// <summary>It takes accounts from lookup tables, which nobody can check without the chain.</summary>
    LookupTable,

    /// <summary>An instruction of another kind than orders and compute budget.</summary>
    ForeignInstruction,

    /// <summary>No order or more than one.</summary>
    NotOneOrder,

    /// <summary>The order's instruction has other bytes or accounts than the program wants.</summary>
    WrongInstruction,
}

/// <summary>Reads back what others signed.</summary>
public static class InstructionReader
{
    // payer, owner, market, order, source, vault, system program, token program
    private const int OrderAccounts = 8;
    private const int SourceAccount = 4;

    private static readonly ulong CreateSellOrder = Discriminator.OfInstruction("create_sell_order");
    private static readonly ulong CreateBuyOrder = Discriminator.OfInstruction("create_buy_order");

    /// <summary>The one order of a message that holds nothing else, compute-budget instructions aside.</summary>
    /// <returns>Whose every byte and account is what <see cref="TradingProgram.CreateOrder"/> would make of the
    /// request. Signatures are not looked at.</returns>
    public static OrderRequestProblem TryReadOrder(
        Message message, TradingProgram trading, out OrderRequest? request)
    {
        request = null;
        if (message.AddressTableLookups.Count > 0)
        {
            return OrderRequestProblem.LookupTable;
        }

        var instructions = message.Instructions.Select(compiled => Decompile(message, compiled))
            .Where(instruction => instruction.Program != ComputeBudgetProgram.Id)
            .ToList();
        if (instructions.Exists(instruction => instruction.Program != trading.Id))
        {
            return OrderRequestProblem.ForeignInstruction;
        }

        if (instructions is not [var only])
        {
            return OrderRequestProblem.NotOneOrder;
        }

        return TryReadOrder(only, trading, out request)
            ? OrderRequestProblem.None
            : OrderRequestProblem.WrongInstruction;
    }

    /// <summary>One instruction of an order; see the other overload for a whole message.</summary>
    public static bool TryReadOrder(
        Instruction instruction, TradingProgram trading, [NotNullWhen(true)] out OrderRequest? request)
    {
        request = null;
        if (instruction.Accounts.Count != OrderAccounts || Parse(instruction) is not { } parsed)
        {
            return false;
        }

        var expected = trading.CreateOrder(parsed.Side, parsed.Payer, parsed.Owner, parsed.Terms, parsed.Source);
        if (instruction.Program != expected.Program || !instruction.Data.Span.SequenceEqual(expected.Data.Span)
            || !Fits(instruction.Accounts, expected.Accounts))
        {
            return false;
        }

        request = parsed;
        return true;
    }

    /// <summary>With addresses in place of indices; only for a message without lookup tables.</summary>
    /// <exception cref="ArgumentException">The instruction takes accounts from a lookup table.</exception>
    public static Instruction Decompile(Message message, CompiledInstruction compiled)
    {
        var accounts = new AccountMeta[compiled.Accounts.Length];
        for (var i = 0; i < accounts.Length; i++)
        {
            var index = compiled.Accounts.Span[i];
            if (index >= message.Accounts.Count)
            {
                throw new ArgumentException("The instruction takes accounts from a lookup table.", nameof(compiled));
            }

            accounts[i] = new AccountMeta(
                message.Accounts[index], message.IsSigner(index), message.IsWritable(index));
        }

        return new Instruction(message.Accounts[compiled.ProgramIndex], accounts, compiled.Data);
    }

    private static OrderRequest? Parse(Instruction instruction)
    {
        try
        {
            var reader = new BorshReader(instruction.Data.Span);
            var discriminator = reader.U64();
            if (discriminator != CreateSellOrder && discriminator != CreateBuyOrder)
            {
                return null;
            }

            var side = discriminator == CreateSellOrder ? OrderSide.Sell : OrderSide.Buy;
            var terms = new OrderTerms(reader.U64(), reader.U64(), reader.U64(), reader.I64());
            var accounts = instruction.Accounts;
            return new OrderRequest(
                side, accounts[0].Address, accounts[1].Address, terms, accounts[SourceAccount].Address);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    // In a message an account has its rights for all instructions together, so it may have more here than it needs.
    private static bool Fits(IReadOnlyList<AccountMeta> actual, IReadOnlyList<AccountMeta> expected) =>
        actual.Zip(expected).All(pair => pair.First.Address == pair.Second.Address
            && (pair.First.IsSigner || !pair.Second.IsSigner)
            && (pair.First.IsWritable || !pair.Second.IsWritable));
}
