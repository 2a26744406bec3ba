using GridTokenX.CloudCore.Chain;
using GridTokenX.Programs;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// An order that its owner has signed for the chain, read and checked: the wallet alone signs it, pays its fee and its
/// rent, and escrows from its own token account, into the market that we serve.
/// </summary>
/// <param name="ChainOrderId">The owner's number for it.</param>
/// <param name="Signature">Of the transaction.</param>
/// <param name="Base64">The transaction.</param>
/// <param name="Terms">What the chain will hold.</param>
internal sealed record BroughtOrder(long ChainOrderId, string Signature, string Base64, OrderTerms Terms)
{
    private const int MaxBase64Length = (Transaction.MaxLength + 2) / 3 * 4;

    internal static Refusal? Read(
        string base64, Key32 wallet, string side, TradingProgram trading, out BroughtOrder brought)
    {
        brought = null!;
        if (!TryDeserialize(base64, out var transaction))
        {
            return Invalid("It is not the Base64 form of a transaction.");
        }

        var problem = InstructionReader.TryReadOrder(transaction.Message, trading, out var request);
        if (request is null)
        {
            return Invalid(problem switch
            {
                OrderRequestProblem.LookupTable => "It takes accounts from lookup tables.",
                OrderRequestProblem.ForeignInstruction => "It calls other programs than trading and compute budget.",
                OrderRequestProblem.NotOneOrder => "It does not hold exactly one order.",
                _ => "Its instruction is not an order of this market.",
            });
        }

        var owner = wallet.ToPublicKey();
        if (transaction.Message.RequiredSignatures != 1
            || transaction.Message.FeePayer != owner
            || request.Payer != owner
            || request.Owner != owner)
        {
            return Invalid("Somebody else than the order's wallet signs, pays or owns.");
        }

        if (request.Side != (side == OrderSide.Sell ? Programs.OrderSide.Sell : Programs.OrderSide.Buy))
        {
            return Invalid("It is an order of the other side.");
        }

        if (request.Source != AssociatedTokenProgram.AssociatedTokenAddress(owner, trading.EscrowMint(request.Side)))
        {
            return Invalid("It does not escrow from the wallet's associated token account.");
        }

        if (request.Terms.OrderId is 0 or > long.MaxValue)
        {
            return Invalid("Its order_id goes from 1 to 2^63 - 1.");
        }

        if (!transaction.VerifySignatures())
        {
            return Invalid("Its signature is missing or does not verify.");
        }

        brought = new BroughtOrder(
            (long)request.Terms.OrderId, transaction.Id.ToString(), base64, request.Terms);
        return null;
    }

    /// <summary>Says the same as the request.</summary>
    internal Refusal? FaultAgainst(NewOrder order, DateTimeOffset chainExpiry)
    {
        if (Terms.Amount != order.Energy.ToGridBaseUnits())
        {
            return Invalid($"Its amount is {Terms.Amount}, not {order.Energy.ToGridBaseUnits()}.");
        }

        if (Terms.Price != (ulong)order.Limit.Value)
        {
            return Invalid($"Its price is {Terms.Price}, not {order.Limit.Value}.");
        }

        return Terms.ExpiresAt != chainExpiry.ToUnixTimeSeconds()
            ? Invalid($"Its expires_at is {Terms.ExpiresAt}, not {chainExpiry.ToUnixTimeSeconds()}.")
            : null;
    }

    private static Refusal Invalid(string detail) => new(ProblemCodes.InvalidTransaction, detail);

    private static bool TryDeserialize(string base64, out Transaction transaction)
    {
        transaction = null!;
        if (base64.Length > MaxBase64Length)
        {
            return false;
        }

        try
        {
            transaction = Transaction.FromBase64(base64);
            return true;
        }
        catch (Exception exception) when (exception is FormatException or TransactionTooLargeException)
        {
            return false;
        }
    }
}
