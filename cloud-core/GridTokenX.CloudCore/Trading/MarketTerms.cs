using GridTokenX.CloudCore.Chain;
using GridTokenX.Programs;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Trading;

/// <summary>What the market's account on chain demands of an order.</summary>
internal sealed record MarketTerms
{
    // Together with the most energy of an order it keeps every value below 10^18 µGRX, so that sums of thousands of
    // orders fit 64 bits, whatever the market's account allows.
    private const long HighestPrice = 10_000_000_000;

    public required int FeeBasisPoints { get; init; }

    public required PricePerKwh MinPrice { get; init; }

    public required PricePerKwh MaxPrice { get; init; }

    /// <summary>How much later than in the book an order expires on chain.</summary>
    public required TimeSpan Grace { get; init; }

    public required TradingProgram Trading { get; init; }

    internal static MarketTerms Of(ChainInfo chain) => new()
    {
        FeeBasisPoints = chain.FeeBasisPoints,
        MinPrice = new PricePerKwh(chain.MinPrice),
        MaxPrice = new PricePerKwh(Math.Min(chain.MaxPrice, HighestPrice)),
        Grace = TimeSpan.FromSeconds(chain.SettlementGraceSeconds),
        Trading = new TradingProgram(
            chain.Trading.ToPublicKey(), chain.GridMint.ToPublicKey(), chain.GrxMint.ToPublicKey()),
    };

    internal Refusal? FaultOf(PricePerKwh price) => price < MinPrice || price > MaxPrice
        ? new(ProblemCodes.PriceOutOfBounds, $"From {MinPrice.ToGrx()} to {MaxPrice.ToGrx()} GRX per kWh.")
        : null;
}
