using GridTokenX.Programs;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using GridTokenX.Simulator.Trading;
using GridTokenX.Solana;

namespace GridTokenX.Simulator.Chain;

/// <summary>
/// Signs orders for the chain as a wallet does, knowing nothing but <c>GET /api/chain</c>. One recent blockhash serves
/// all orders of a round.
/// </summary>
internal sealed class OrderSigner(ChainInfo chain, Blockhash recentBlockhash)
{
    private readonly TradingProgram _trading =
        new(chain.Trading.OnChain(), chain.GridMint.OnChain(), chain.GrxMint.OnChain());

    /// <param name="wallet">The owner, who also pays.</param>
    /// <param name="orderId">The owner's number for it, never used before.</param>
    /// <param name="order">Its terms.</param>
    /// <param name="expiresAt">When it leaves the book; on chain it stays for the settlement grace.</param>
    /// <returns>Base64.</returns>
    public string Sign(Keypair wallet, ulong orderId, OrderIntent order, DateTimeOffset expiresAt)
    {
        var terms = new OrderTerms(
            orderId,
            new WattHours(order.EnergyWh).ToGridBaseUnits(),
            (ulong)order.PriceUgrx,
            expiresAt.ToUnixTimeSeconds() + chain.SettlementGraceSeconds);
        var side = order.Sells ? OrderSide.Sell : OrderSide.Buy;
        var instruction = _trading.CreateOrder(side, wallet.PublicKey, wallet.PublicKey, terms);
        var message = Message.CompileLegacy(wallet.PublicKey, recentBlockhash, instruction);
        return new Transaction(message).Sign(wallet).ToBase64();
    }
}
