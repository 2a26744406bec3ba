using System.Buffers.Binary;
using GridTokenX.Programs.Wire;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs;

/// <summary>The market: escrowed orders and their settlement. One vault for each token holds what all open orders have
/// escrowed.</summary>
public sealed class TradingProgram
{
    public TradingProgram(PublicKey id, PublicKey gridMint, PublicKey grxMint)
    {
        Id = id;
        GridMint = gridMint;
        GrxMint = grxMint;
        Market = Pda.Find(id, "market"u8.ToArray()).Address;
        GridVault = Pda.Find(id, "escrow"u8.ToArray(), gridMint.ToArray()).Address;
        GrxVault = Pda.Find(id, "escrow"u8.ToArray(), grxMint.ToArray()).Address;
    }

    public PublicKey Id { get; }

    public PublicKey GridMint { get; }

    public PublicKey GrxMint { get; }

    public PublicKey Market { get; }

    public PublicKey GridVault { get; }

    public PublicKey GrxVault { get; }

    public PublicKey Order(PublicKey owner, ulong orderId) =>
        Pda.Find(Id, "order"u8.ToArray(), owner.ToArray(), Seed(orderId)).Address;

    /// <summary>Where the settlements of this page are ticked off, see <see cref="PageOf"/>.</summary>
    public PublicKey SettlementPage(ulong page) => Pda.Find(Id, "settlements"u8.ToArray(), Seed(page)).Address;

    /// <summary>A page holds 65,536 settlements.</summary>
    public static ulong PageOf(ulong settlementId) => settlementId >> 16;

    /// <summary>Once, by the program's upgrade authority, who becomes admin.</summary>
    /// <param name="feeAccount">A GRX token account.</param>
    public Instruction InitializeMarket(
        PublicKey payer, PublicKey admin, PublicKey feeAccount, MarketSettings settings) =>
        Settings(BorshWriter.Of("initialize_market"), settings).For(
            Id,
            AccountMeta.WritableSigner(payer),
            AccountMeta.ReadonlySigner(admin),
            AccountMeta.Readonly(UpgradeableLoader.ProgramData(Id)),
            AccountMeta.Writable(Market),
            AccountMeta.Readonly(GridMint),
            AccountMeta.Readonly(GrxMint),
            AccountMeta.Writable(GridVault),
            AccountMeta.Writable(GrxVault),
            AccountMeta.Readonly(feeAccount),
            AccountMeta.Readonly(SystemProgram.Id),
            AccountMeta.Readonly(TokenProgram.Id));

    /// <param name="admin">The present one.</param>
    /// <param name="feeAccount">A GRX token account.</param>
    public Instruction UpdateMarket(
        PublicKey admin, PublicKey newAdmin, PublicKey feeAccount, MarketSettings settings) =>
        Settings(BorshWriter.Of("update_market").Key(newAdmin), settings).For(
            Id, AccountMeta.ReadonlySigner(admin), AccountMeta.Writable(Market), AccountMeta.Readonly(feeAccount));

    public Instruction SetMaintenance(PublicKey admin, bool enabled) =>
        BorshWriter.Of("set_maintenance").Bool(enabled).For(
            Id, AccountMeta.ReadonlySigner(admin), AccountMeta.Writable(Market));

    /// <summary>Anybody may open the next page; fails when it is open.</summary>
    public Instruction OpenSettlementPage(PublicKey payer, ulong page) =>
        BorshWriter.Of("open_settlement_page").U64(page).For(
            Id,
            AccountMeta.WritableSigner(payer),
            AccountMeta.Readonly(Market),
            AccountMeta.Writable(SettlementPage(page)),
            AccountMeta.Readonly(SystemProgram.Id));

    /// <summary>Escrows the amount of GRID.</summary>
    /// <param name="payer">Pays the order's rent, and gets it back when the order closes.</param>
    /// <param name="source">The owner's GRID token account; the associated one when null.</param>
    public Instruction CreateSellOrder(
        PublicKey payer, PublicKey owner, OrderTerms terms, PublicKey? source = null) =>
        CreateOrder(OrderSide.Sell, payer, owner, terms, source);

    /// <summary>Escrows the value at the limit price, rounded down, in GRX.</summary>
    /// <param name="payer">Pays the order's rent, and gets it back when the order closes.</param>
    /// <param name="source">The owner's GRX token account; the associated one when null.</param>
    public Instruction CreateBuyOrder(
        PublicKey payer, PublicKey owner, OrderTerms terms, PublicKey? source = null) =>
        CreateOrder(OrderSide.Buy, payer, owner, terms, source);

    public Instruction CreateOrder(
        OrderSide side, PublicKey payer, PublicKey owner, OrderTerms terms, PublicKey? source = null)
    {
        var data = BorshWriter.Of(side == OrderSide.Sell ? "create_sell_order" : "create_buy_order");
        return data.U64(terms.OrderId).U64(terms.Amount).U64(terms.Price).I64(terms.ExpiresAt).For(
            Id,
            AccountMeta.WritableSigner(payer),
            AccountMeta.ReadonlySigner(owner),
            AccountMeta.Readonly(Market),
            AccountMeta.Writable(Order(owner, terms.OrderId)),
            AccountMeta.Writable(source ?? TokenAccountOf(owner, EscrowMint(side))),
            AccountMeta.Writable(Vault(side)),
            AccountMeta.Readonly(SystemProgram.Id),
            AccountMeta.Readonly(TokenProgram.Id));
    }

    /// <summary>Both the buyer and a matcher sign: the matcher vouches that the energy is not matched otherwise.
    /// </summary>
    public Instruction MatchOrder(PublicKey matcher, PublicKey feeAccount, DirectPurchase purchase) =>
        BorshWriter.Of("match_order").U64(purchase.SettlementId).U64(purchase.Amount).U64(purchase.MaxPrice).For(
            Id,
            AccountMeta.ReadonlySigner(purchase.Buyer),
            AccountMeta.ReadonlySigner(matcher),
            AccountMeta.Readonly(Market),
            AccountMeta.Writable(SettlementPage(PageOf(purchase.SettlementId))),
            AccountMeta.Writable(Order(purchase.Sell.Owner, purchase.Sell.OrderId)),
            AccountMeta.Writable(TokenAccountOf(purchase.Buyer, GrxMint)),
            AccountMeta.Writable(TokenAccountOf(purchase.Sell.Owner, GrxMint)),
            AccountMeta.Writable(feeAccount),
            AccountMeta.Writable(GridVault),
            AccountMeta.Writable(TokenAccountOf(purchase.Buyer, GridMint)),
            AccountMeta.Writable(purchase.Sell.RentPayer),
            AccountMeta.Readonly(TokenProgram.Id));

    /// <summary>All settlements or none.</summary>
    /// <exception cref="ArgumentException">No settlement, or settlements of different pages.</exception>
    public Instruction SettleMatch(
        PublicKey matcher, PublicKey feeAccount, params IReadOnlyList<MatchSettlement> settlements)
    {
        var pages = settlements.Select(settlement => PageOf(settlement.Id)).Distinct().ToList();
        if (pages.Count != 1)
        {
            throw new ArgumentException(
                $"An instruction has settlements of one page, not of {pages.Count}.", nameof(settlements));
        }

        return BorshWriter.Of("settle_match").List(settlements, WriteSettlement).For(
            Id,
            [
                AccountMeta.ReadonlySigner(matcher),
                AccountMeta.Readonly(Market),
                AccountMeta.Writable(SettlementPage(pages[0])),
                AccountMeta.Writable(GridVault),
                AccountMeta.Writable(GrxVault),
                AccountMeta.Writable(feeAccount),
                AccountMeta.Readonly(TokenProgram.Id),
                .. settlements.SelectMany(SettlementAccounts),
            ]);
    }

    /// <summary>The owner takes an order back, in maintenance too.</summary>
    public Instruction CancelOrder(OrderClosing order) =>
        BorshWriter.Of("cancel_order").For(Id, [AccountMeta.ReadonlySigner(order.Owner), .. ClosingAccounts([order])]);

    /// <summary>Anybody may close expired orders, in maintenance too. Refunds go to associated accounts alone.
    /// </summary>
    public Instruction ExpireOrders(params IReadOnlyList<OrderClosing> orders) =>
        BorshWriter.Of("expire_order").For(Id, ClosingAccounts(orders));

    /// <summary>The matcher unlists orders; everything goes back to their owners.</summary>
    public Instruction ReleaseOrders(PublicKey matcher, params IReadOnlyList<OrderClosing> orders) =>
        BorshWriter.Of("release_order").For(Id, [AccountMeta.ReadonlySigner(matcher), .. ClosingAccounts(orders)]);

    public PublicKey Vault(OrderSide side) => side == OrderSide.Sell ? GridVault : GrxVault;

    /// <summary>The mint of what an order of that side escrows.</summary>
    public PublicKey EscrowMint(OrderSide side) => side == OrderSide.Sell ? GridMint : GrxMint;

    private AccountMeta[] SettlementAccounts(MatchSettlement settlement) =>
    [
        AccountMeta.Writable(Order(settlement.Sell.Owner, settlement.Sell.OrderId)),
        AccountMeta.Writable(Order(settlement.Buy.Owner, settlement.Buy.OrderId)),
        AccountMeta.Writable(TokenAccountOf(settlement.Buy.Owner, GridMint)),
        AccountMeta.Writable(TokenAccountOf(settlement.Sell.Owner, GrxMint)),
        AccountMeta.Writable(TokenAccountOf(settlement.Buy.Owner, GrxMint)),
        AccountMeta.Writable(settlement.Sell.RentPayer),
        AccountMeta.Writable(settlement.Buy.RentPayer),
    ];

    private AccountMeta[] ClosingAccounts(IReadOnlyList<OrderClosing> orders) =>
    [
        AccountMeta.Readonly(Market),
        AccountMeta.Readonly(TokenProgram.Id),
        .. orders.SelectMany(order => new[]
        {
            AccountMeta.Writable(Order(order.Owner, order.OrderId)),
            AccountMeta.Writable(Vault(order.Side)),
            AccountMeta.Writable(order.RefundAccount ?? TokenAccountOf(order.Owner, EscrowMint(order.Side))),
            AccountMeta.Writable(order.RentPayer),
        }),
    ];

    private static void WriteSettlement(BorshWriter to, MatchSettlement settlement) =>
        to.U64(settlement.Id).U64(settlement.Amount).U64(settlement.Price);

    private static BorshWriter Settings(BorshWriter to, MarketSettings settings) =>
        to.U16(settings.FeeBasisPoints).U64(settings.MinPrice).U64(settings.MaxPrice)
            .List(settings.Matchers, static (list, matcher) => list.Key(matcher));

    private static PublicKey TokenAccountOf(PublicKey owner, PublicKey mint) =>
        AssociatedTokenProgram.AssociatedTokenAddress(owner, mint);

    private static byte[] Seed(ulong number)
    {
        var seed = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(seed, number);
        return seed;
    }
}
