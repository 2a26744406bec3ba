using System.Text.Json.Serialization;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// What has to happen on chain. Written to the outbox with its cause, executed exactly once. What follows from it in
/// the database comes back as an event of the programs (<see cref="IChainEventEffect"/>).
/// </summary>
/// <param name="Id">Names the intent for ever: of the user, meter, mint, grant, order or settlement it belongs
/// to.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RegisterUserOnChain), "register_user")]
[JsonDerivedType(typeof(RegisterMeterOnChain), "register_meter")]
[JsonDerivedType(typeof(DeactivateMeterOnChain), "deactivate_meter")]
[JsonDerivedType(typeof(MintEnergy), "mint_energy")]
[JsonDerivedType(typeof(GrantMoney), "grant_money")]
[JsonDerivedType(typeof(PlaceOrder), "place_order")]
[JsonDerivedType(typeof(ReleaseOrder), "release_order")]
[JsonDerivedType(typeof(SettleTrade), "settle_trade")]
[JsonDerivedType(typeof(RetireEnergy), "retire_energy")]
public abstract record ChainIntent(Guid Id);

/// <summary>The wallet's user account, and its GRID and GRX token accounts, at the platform's expense.</summary>
/// <param name="Id">Of the user.</param>
/// <param name="Wallet">Whose account.</param>
/// <param name="Role"><c>prosumer</c> or <c>consumer</c>.</param>
public sealed record RegisterUserOnChain(Guid Id, Key32 Wallet, string Role) : ChainIntent(Id);

/// <summary>The meter's account. Its owner is registered already, or earlier in the outbox.</summary>
/// <param name="Id">Derived from the meter's id.</param>
/// <param name="MeterId">1–32 characters.</param>
/// <param name="Device">Whose signature the readings bear.</param>
/// <param name="Wallet">Of the owner.</param>
/// <param name="InstalledAt">Since when the registers count, whole seconds: bounds what the first reading may
/// say.</param>
public sealed record RegisterMeterOnChain(
    Guid Id, string MeterId, Key32 Device, Key32 Wallet, DateTimeOffset InstalledAt) : ChainIntent(Id);

/// <summary>The meter goes out of service for good; what it had generated is minted before.</summary>
/// <param name="Id">Derived from the meter's id.</param>
/// <param name="MeterId">Registered on chain.</param>
public sealed record DeactivateMeterOnChain(Guid Id, string MeterId) : ChainIntent(Id);

/// <summary>The meter's registers go on chain, and what they newly net becomes GRID of the meter's owner.</summary>
/// <param name="Id">Of the mint.</param>
/// <param name="MeterId">Registered on chain.</param>
/// <param name="Wallet">Of the owner.</param>
/// <param name="Production">Since installation.</param>
/// <param name="Consumption">Since installation.</param>
/// <param name="ReadingAt">When the registers stood so, whole seconds.</param>
/// <param name="ToNet">Production less consumption; the chain has settled at least this afterwards.</param>
public sealed record MintEnergy(
    Guid Id,
    string MeterId,
    Key32 Wallet,
    WattHours Production,
    WattHours Consumption,
    DateTimeOffset ReadingAt,
    WattHours ToNet) : ChainIntent(Id);

/// <summary>New GRX for a wallet, by the operator.</summary>
public sealed record GrantMoney(Guid Id, Key32 Wallet, MicroGrx Amount) : ChainIntent(Id);

/// <summary>An order's account with its escrow. Refused by the chain: the order is rejected.</summary>
/// <param name="Id">Of the order.</param>
/// <param name="Order">Likewise.</param>
/// <param name="Wallet">Of the owner.</param>
/// <param name="Side"><c>buy</c> or <c>sell</c>.</param>
/// <param name="ChainOrderId">With the wallet it gives the order's address.</param>
/// <param name="Energy">All of it.</param>
/// <param name="LimitPrice">Per kWh.</param>
/// <param name="ExpiresAt">On chain, whole seconds: the order's expiry and the grace of settlement.</param>
/// <param name="Transaction">Base64, signed by the wallet, which pays for it; null when the wallet is managed and the
/// server signs.</param>
public sealed record PlaceOrder(
    Guid Id,
    Guid Order,
    Key32 Wallet,
    string Side,
    ulong ChainOrderId,
    WattHours Energy,
    PricePerKwh LimitPrice,
    DateTimeOffset ExpiresAt,
    string? Transaction) : ChainIntent(Id);

/// <summary>All that is left of the order's escrow goes back to its owner, and the order's account is closed.</summary>
/// <param name="Id">Derived from the order's.</param>
/// <param name="Order">Which one.</param>
/// <param name="Wallet">Of the owner.</param>
/// <param name="RentPayer">Who paid for the order's account, and gets its rent back.</param>
/// <param name="Side"><c>buy</c> or <c>sell</c>.</param>
/// <param name="ChainOrderId">With the wallet it gives the order's address.</param>
public sealed record ReleaseOrder(
    Guid Id, Guid Order, Key32 Wallet, Key32 RentPayer, string Side, ulong ChainOrderId) : ChainIntent(Id);

/// <summary>Energy to the buyer, money less the fee to the seller, and what the buyer had escrowed above it back. All
/// or nothing; the chain computes the amounts.</summary>
/// <param name="Id">Of the settlement.</param>
/// <param name="Number">The settlement's id on chain: used once, ever.</param>
/// <param name="Energy">What is settled.</param>
/// <param name="Price">Between the two limits.</param>
/// <param name="SellOrder">Whose energy.</param>
/// <param name="BuyOrder">Whose money.</param>
public sealed record SettleTrade(
    Guid Id, long Number, WattHours Energy, PricePerKwh Price, SettledOrder SellOrder, SettledOrder BuyOrder)
    : ChainIntent(Id);

/// <summary>GRID of a managed wallet is burned: the energy was delivered to its owner, and used.</summary>
/// <param name="Id">Derived from the match's.</param>
/// <param name="Match">Whose energy.</param>
/// <param name="Wallet">Of the buyer.</param>
/// <param name="Energy">As much GRID.</param>
public sealed record RetireEnergy(Guid Id, Guid Match, Key32 Wallet, WattHours Energy) : ChainIntent(Id);

/// <param name="Wallet">Of the owner.</param>
/// <param name="ChainOrderId">With the wallet it gives the order's address.</param>
/// <param name="RentPayer">Who paid for the order's account, and gets its rent back when it is filled.</param>
public sealed record SettledOrder(Key32 Wallet, ulong ChainOrderId, Key32 RentPayer);
