using System.Text.Json.Serialization;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// What has to happen on chain, whatever the programs there look like. Written to the outbox with its cause, executed
/// as one atomic transaction, exactly once.
/// </summary>
/// <param name="Id">Names the intent for ever: of the mint, grant, order or settlement it belongs to.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(MintEnergy), "mint_energy")]
[JsonDerivedType(typeof(GrantMoney), "grant_money")]
[JsonDerivedType(typeof(DepositEnergy), "deposit_energy")]
[JsonDerivedType(typeof(DepositMoney), "deposit_money")]
[JsonDerivedType(typeof(RefundEnergy), "refund_energy")]
[JsonDerivedType(typeof(RefundMoney), "refund_money")]
[JsonDerivedType(typeof(SettleTrade), "settle_trade")]
public abstract record ChainIntent(Guid Id);

/// <summary>New GRID for net generation of a meter.</summary>
public sealed record MintEnergy(Guid Id, string MeterId, Key32 Wallet, WattHours Energy) : ChainIntent(Id);

/// <summary>New GRX for a wallet, by the operator.</summary>
public sealed record GrantMoney(Guid Id, Key32 Wallet, MicroGrx Amount) : ChainIntent(Id);

/// <summary>A sell order's energy goes into escrow. Refused by the chain: the order is rejected.</summary>
public sealed record DepositEnergy(Guid Id, Guid Order, Key32 Wallet, WattHours Energy) : ChainIntent(Id);

/// <summary>A buy order's money goes into escrow. Refused by the chain: the order is rejected.</summary>
public sealed record DepositMoney(Guid Id, Guid Order, Key32 Wallet, MicroGrx Amount) : ChainIntent(Id);

/// <summary>What a closed sell order did not sell goes back.</summary>
public sealed record RefundEnergy(Guid Id, Guid Order, Key32 Wallet, WattHours Energy) : ChainIntent(Id);

/// <summary>What a closed buy order did not spend goes back.</summary>
public sealed record RefundMoney(Guid Id, Guid Order, Key32 Wallet, MicroGrx Amount) : ChainIntent(Id);

/// <summary>
/// Energy from escrow to the buyer; from the buyer's escrow <paramref name="ToSeller"/> to the seller, <paramref
/// name="Fee"/> to the fee account, <paramref name="Refund"/> back to the buyer. All or nothing.
/// </summary>
public sealed record SettleTrade(
    Guid Id, Key32 Seller, Key32 Buyer, WattHours Energy, MicroGrx ToSeller, MicroGrx Fee, MicroGrx Refund)
    : ChainIntent(Id);
