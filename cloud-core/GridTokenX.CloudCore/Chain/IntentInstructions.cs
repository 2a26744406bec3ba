using GridTokenX.Programs;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.CloudCore.Chain;

/// <summary>What intents mean in our programs' instructions. Pure.</summary>
internal sealed class IntentInstructions(
    EnergyPrograms programs, PublicKey platform, PublicKey oracle, PublicKey matcher)
{
    /// <summary>Which intents may share a transaction; everything of one lane has the same fee payer.</summary>
    public static Lane LaneOf(ChainIntent intent) => intent switch
    {
        RegisterUserOnChain or RegisterMeterOnChain => new Lane(LaneKind.Registration),
        MintEnergy => new Lane(LaneKind.Mint),
        ReleaseOrder => new Lane(LaneKind.Release),
        SettleTrade trade => new Lane(LaneKind.Settlement, TradingProgram.PageOf(checked((ulong)trade.Number))),
        _ => new Lane(LaneKind.Single),
    };

    public PublicKey PayerOf(LaneKind lane) => lane switch
    {
        LaneKind.Mint => oracle,
        LaneKind.Settlement or LaneKind.Release => matcher,
        _ => platform,
    };

    /// <summary>What the instructions of several intents have once; null where each intent has its own.</summary>
    public static IReadOnlyList<SharedPart>? SharedBy(LaneKind lane) => lane switch
    {
        LaneKind.Mint => [new(2, 12), new(5, 8)],
        LaneKind.Settlement => [new(7, 12)],
        LaneKind.Release => [new(3, 8)],
        _ => null,
    };

    /// <summary>One transaction's instructions for intents of one lane.</summary>
    /// <param name="intents">In their order.</param>
    /// <param name="createsAccounts">
    /// Pays for the receivers' token accounts where they are missing. Only when the chain has said so: a wallet that
    /// closes its account before every trade would live on our rent.
    /// </param>
    /// <exception cref="OverflowException">An amount cannot be expressed on chain.</exception>
    /// <exception cref="ArgumentException">An intent makes no sense on chain.</exception>
    public IReadOnlyList<Instruction> Of(IReadOnlyList<ChainIntent> intents, bool createsAccounts)
    {
        var to = new List<Instruction>();
        if (createsAccounts)
        {
            AddAccounts(to, intents);
        }

        switch (intents[0])
        {
            case MintEnergy:
                AddMints(to, [.. intents.Cast<MintEnergy>()]);
                break;
            case SettleTrade:
                to.Add(programs.Trading.SettleMatch(
                    matcher, programs.FeeAccount, [.. intents.Cast<SettleTrade>().Select(SettlementOf)]));
                break;
            case ReleaseOrder:
                to.Add(programs.Trading.ReleaseOrders(
                    matcher, [.. intents.Cast<ReleaseOrder>().Select(ClosingOf)]));
                break;
            default:
                foreach (var intent in intents)
                {
                    AddOne(to, intent);
                }

                break;
        }

        return to;
    }

    public static OrderTerms TermsOf(PlaceOrder order) => new(
        order.ChainOrderId,
        order.Energy.ToGridBaseUnits(),
        checked((ulong)order.LimitPrice.Value),
        order.ExpiresAt.ToUnixTimeSeconds());

    public static OrderSide SideOf(string side) => side switch
    {
        "buy" => OrderSide.Buy,
        "sell" => OrderSide.Sell,
        _ => throw new ArgumentException("A side is buy or sell.", nameof(side)),
    };

    public static UserType TypeOf(string role) => role switch
    {
        "consumer" => UserType.Consumer,
        "prosumer" => UserType.Prosumer,
        _ => throw new ArgumentException("A role is consumer or prosumer.", nameof(role)),
    };

    private void AddOne(List<Instruction> to, ChainIntent intent)
    {
        switch (intent)
        {
            case RegisterUserOnChain user:
                var wallet = user.Wallet.ToPublicKey();
                to.Add(programs.Registry.RegisterUser(platform, wallet, TypeOf(user.Role)));
                to.Add(AssociatedTokenProgram.CreateIdempotent(platform, wallet, programs.GridMint));
                to.Add(AssociatedTokenProgram.CreateIdempotent(platform, wallet, programs.GrxMint));
                break;
            case RegisterMeterOnChain meter:
                to.Add(programs.Registry.RegisterMeter(
                    platform,
                    meter.Wallet.ToPublicKey(),
                    meter.MeterId,
                    meter.Device.ToPublicKey(),
                    meter.InstalledAt.ToUnixTimeSeconds()));
                break;
            case DeactivateMeterOnChain gone:
                to.Add(programs.Registry.DeactivateMeter(platform, gone.MeterId));
                break;
            case GrantMoney grant:
                to.Add(MemoProgram.AddMemo($"gtx:grant:{grant.Id}"));
                to.Add(TokenProgram.MintToChecked(
                    programs.GrxMint,
                    programs.AccountsOf(grant.Wallet).Grx,
                    platform,
                    checked((ulong)grant.Amount.Value),
                    Quantities.GrxDecimals));
                break;
            case PlaceOrder order:
                to.Add(programs.Trading.CreateOrder(
                    SideOf(order.Side), platform, order.Wallet.ToPublicKey(), TermsOf(order)));
                break;
            case RetireEnergy retire:
                to.Add(programs.EnergyToken.Retire(retire.Wallet.ToPublicKey(), retire.Energy.ToGridBaseUnits()));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(intent), intent.GetType().Name, "Not a known intent.");
        }
    }

    private void AddMints(List<Instruction> to, IReadOnlyList<MintEnergy> mints)
    {
        to.Add(programs.Registry.SubmitMeterReadings(oracle, [.. mints.Select(static mint => new MeterRegisters(
            mint.MeterId,
            checked((ulong)mint.Production.Value),
            checked((ulong)mint.Consumption.Value),
            mint.ReadingAt.ToUnixTimeSeconds()))]));
        to.Add(programs.Registry.SettleAndMintTokens(programs.EnergyToken, [.. mints.Select(mint =>
            new MeterMint(mint.MeterId, mint.Wallet.ToPublicKey(), programs.AccountsOf(mint.Wallet).Grid))]));
    }

    private void AddAccounts(List<Instruction> to, IReadOnlyList<ChainIntent> intents)
    {
        var payer = PayerOf(LaneOf(intents[0]).Kind);
        foreach (var (owner, mint) in intents.SelectMany(ReceiversOf).Distinct())
        {
            to.Add(AssociatedTokenProgram.CreateIdempotent(payer, owner.ToPublicKey(), mint));
        }
    }

    private (Key32 Owner, PublicKey Mint)[] ReceiversOf(ChainIntent intent) => intent switch
    {
        MintEnergy mint => [(mint.Wallet, programs.GridMint)],
        GrantMoney grant => [(grant.Wallet, programs.GrxMint)],
        ReleaseOrder release => [(release.Wallet, programs.Trading.EscrowMint(SideOf(release.Side)))],
        SettleTrade trade =>
        [
            (trade.BuyOrder.Wallet, programs.GridMint),
            (trade.BuyOrder.Wallet, programs.GrxMint),
            (trade.SellOrder.Wallet, programs.GrxMint),
        ],
        _ => [],
    };

    private static MatchSettlement SettlementOf(SettleTrade trade) => new(
        checked((ulong)trade.Number),
        trade.Energy.ToGridBaseUnits(),
        checked((ulong)trade.Price.Value),
        ReferenceTo(trade.SellOrder),
        ReferenceTo(trade.BuyOrder));

    private static OrderReference ReferenceTo(SettledOrder order) =>
        new(order.Wallet.ToPublicKey(), order.ChainOrderId, order.RentPayer.ToPublicKey());

    private OrderClosing ClosingOf(ReleaseOrder release)
    {
        var side = SideOf(release.Side);
        var (grid, grx) = programs.AccountsOf(release.Wallet);
        return new OrderClosing(
            release.Wallet.ToPublicKey(),
            release.ChainOrderId,
            side,
            release.RentPayer.ToPublicKey(),
            side == OrderSide.Sell ? grid : grx);
    }
}

internal enum LaneKind
{
    None,
    Registration,
    Mint,
    Settlement,
    Release,

    /// <summary>By itself in any case.</summary>
    Single,
}

/// <param name="Page">Of settlements, which share a transaction only within one page.</param>
internal readonly record struct Lane(LaneKind Kind, ulong Page = 0);
