using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Api;

/// <summary>A quarter hour of the market.</summary>
/// <param name="Number"><c>YYYYMMDDHHMM</c> of its start, UTC.</param>
/// <param name="Zone">Whose.</param>
/// <param name="Status"><c>pending active cleared settled</c>.</param>
/// <param name="ClearingPrice">Volume-weighted, GRX per kWh; null without trades.</param>
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
    decimal OpenInterestKwh);

public sealed record EpochList(IReadOnlyList<EpochView> Epochs);

/// <summary><c>GET /api/chain</c>: what a wallet must know to trade here.</summary>
/// <param name="RpcUrl">Solana RPC that clients may use.</param>
/// <param name="GridMint">Energy token, 9 decimals.</param>
/// <param name="GrxMint">Money token, 6 decimals.</param>
/// <param name="EscrowDelegate">Approve this key on both token accounts to place orders.</param>
/// <param name="GridEscrow">Token account that holds escrowed GRID.</param>
/// <param name="GrxEscrow">Token account that holds escrowed GRX.</param>
/// <param name="FeeAccount">Token account that collects the fee.</param>
/// <param name="FeeBasisPoints">100 = 1 %.</param>
public sealed record ChainInfo(
    string RpcUrl,
    Key32 GridMint,
    Key32 GrxMint,
    Key32 EscrowDelegate,
    Key32 GridEscrow,
    Key32 GrxEscrow,
    Key32 FeeAccount,
    int FeeBasisPoints);

/// <summary>
/// <c>GET /api/wallets/{wallet}/balances</c>: what the chain says, and what lies in escrow for open orders.
/// </summary>
public sealed record WalletBalances(
    Key32 Wallet, decimal Grid, decimal Grx, decimal EscrowedGrid, decimal EscrowedGrx, bool EscrowDelegated);

/// <summary>
/// <c>POST /api/operator/grants</c>, signed by the operator: new GRX for a wallet (a test net's faucet).
/// </summary>
public sealed record GrantRequest(Key32 Wallet, decimal AmountGrx);

/// <param name="Id">The same for the same Idempotency-Key.</param>
/// <param name="Wallet">Who receives it.</param>
/// <param name="AmountGrx">How much.</param>
/// <param name="Status"><c>pending</c>, <c>completed</c> or <c>failed</c>.</param>
public sealed record GrantView(Guid Id, Key32 Wallet, decimal AmountGrx, string Status);
