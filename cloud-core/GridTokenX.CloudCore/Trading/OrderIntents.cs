using System.Security.Cryptography;
using GridTokenX.CloudCore.Chain;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// What an order asks of the chain. A deposit is named by its order; the refund by an id derived from it.
/// </summary>
internal static class OrderIntents
{
    internal static ChainIntent Deposit(OrderRow order) => order.Side == OrderSide.Sell
        ? new DepositEnergy(order.Id, order.Id, order.Wallet, order.Energy)
        : new DepositMoney(order.Id, order.Id, order.Wallet, order.LimitPrice.ValueOf(order.Energy));

    /// <summary>What the order's fills have not used; null when that is nothing.</summary>
    internal static ChainIntent? Refund(OrderRow order)
    {
        var id = RefundId(order.Id);
        if (order.Side == OrderSide.Sell)
        {
            return order.Rest > WattHours.Zero ? new RefundEnergy(id, order.Id, order.Wallet, order.Rest) : null;
        }

        return order.EscrowRest > MicroGrx.Zero
            ? new RefundMoney(id, order.Id, order.Wallet, order.EscrowRest)
            : null;
    }

    /// <summary>The same for ever, so that a second refund of an order would be passed over by the outbox.</summary>
    internal static Guid RefundId(Guid order)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData([.. "GTX/refund/v1"u8, .. order.ToByteArray(bigEndian: true)], hash);
        var id = hash[..16];
        id[6] = (byte)((id[6] & 0x0F) | 0x80); // RFC 9562: version 8, made by whoever uses it
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
