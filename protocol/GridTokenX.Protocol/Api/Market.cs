using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Api;

/// <summary>A quarter hour of the market.</summary>
/// <param name="Number"><c>YYYYMMDDHHMM</c> of its start, UTC.</param>
/// <param name="Zone">Whose.</param>
/// <param name="Status"><c>pending active cleared settled</c>.</param>
/// <param name="ClearingPrice">Volume-weighted, GRX per kWh; null without trades.</param>
/// <param name="Rule"><c>continuous</c> or <c>call_auction</c>.</param>
/// <param name="AuctionPrice">The one price of its auction, GRX per kWh; null without one, or without matches.</param>
/// <param name="Fairness">Null until the epoch is cleared.</param>
public sealed record EpochView(
    long Number,
    string Zone,
    DateTimeOffset Start,
    DateTimeOffset End,
    string Status,
    decimal? ClearingPrice,
    decimal VolumeKwh,
    int Trades,
    decimal? HighPrice,
    decimal? LowPrice,
    decimal OpenInterestKwh,
    string Rule = "continuous",
    decimal? AuctionPrice = null,
    EpochFairness? Fairness = null);

/// <summary>What an epoch's market was worth to the people of its zone; shares are null where there is no whole.
/// </summary>
/// <param name="WelfareShare">Of the most that the epoch's orders allowed. Trades of two zones are not in it.</param>
/// <param name="VolumeShare">Likewise.</param>
/// <param name="BuyersShare">The buyers' part of the welfare.</param>
/// <param name="PriceDispersion">Standard deviation of the price, weighted by volume, as a share of its mean.</param>
/// <param name="SelfSufficiency">Of the zone's consumption, what its own production covered; by quarter hour.</param>
/// <param name="SelfConsumption">Of the zone's production, what was consumed in it; by quarter hour.</param>
/// <param name="ProducedKwh">By the meters that measured the quarter hour; null until that is counted.</param>
/// <param name="ConsumedKwh">Likewise.</param>
/// <param name="Meters">Of the zone.</param>
/// <param name="MetersRead">Those of them that measured the quarter hour from its start to its end.</param>
public sealed record EpochFairness(
    decimal? WelfareShare,
    decimal? VolumeShare,
    decimal? BuyersShare,
    decimal? PriceDispersion,
    decimal? SelfSufficiency,
    decimal? SelfConsumption,
    decimal? ProducedKwh,
    decimal? ConsumedKwh,
    int? Meters,
    int? MetersRead);

/// <summary>
/// <c>GET /api/market/epochs</c>, newest first; <c>Next</c> is the cursor of the next page, null at the end.
/// </summary>
public sealed record EpochList(IReadOnlyList<EpochView> Epochs, string? Next = null);

/// <summary><c>GET /api/chain</c>: what a wallet must know to trade here.</summary>
/// <param name="RpcUrl">Solana RPC that clients may use.</param>
/// <param name="GridMint">Energy token, 9 decimals.</param>
/// <param name="GrxMint">Money token, 6 decimals.</param>
/// <param name="EnergyToken">Program that mints the energy token.</param>
/// <param name="Registry">Program of users and meters.</param>
/// <param name="Trading">Program of orders and settlements.</param>
/// <param name="Market">Its market account.</param>
/// <param name="GridVault">Token account that holds the energy of all sell orders.</param>
/// <param name="GrxVault">Token account that holds the money of all buy orders.</param>
/// <param name="FeeAccount">Token account that collects the fee.</param>
/// <param name="FeeBasisPoints">100 = 1 %; as the market account says.</param>
/// <param name="MinPrice">µGRX per kWh.</param>
/// <param name="MaxPrice">µGRX per kWh.</param>
/// <param name="SettlementGraceSeconds">How much later than in the book an order expires on chain.</param>
public sealed record ChainInfo(
    string RpcUrl,
    Key32 GridMint,
    Key32 GrxMint,
    Key32 EnergyToken,
    Key32 Registry,
    Key32 Trading,
    Key32 Market,
    Key32 GridVault,
    Key32 GrxVault,
    Key32 FeeAccount,
    int FeeBasisPoints,
    long MinPrice,
    long MaxPrice,
    long SettlementGraceSeconds);

/// <summary>
/// <c>GET /api/wallets/{wallet}/balances</c>: what the chain says, and what lies in escrow for the wallet's orders. A
/// user of a managed wallet may name it by the access key.
/// </summary>
public sealed record WalletBalances(
    Key32 Wallet, decimal Grid, decimal Grx, decimal EscrowedGrid, decimal EscrowedGrx);

/// <summary>
/// <c>POST /api/operator/grants</c>, signed by the operator: new GRX for a wallet (a test net's faucet).
/// </summary>
public sealed record GrantRequest(Key32 Wallet, decimal AmountGrx);

/// <param name="Id">The same for the same Idempotency-Key.</param>
/// <param name="Wallet">Who receives it.</param>
/// <param name="AmountGrx">How much.</param>
/// <param name="Status"><c>pending</c>, <c>completed</c> or <c>failed</c>.</param>
public sealed record GrantView(Guid Id, Key32 Wallet, decimal AmountGrx, string Status);
