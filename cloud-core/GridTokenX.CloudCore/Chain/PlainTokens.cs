using System.Collections.Concurrent;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Where the plain tokens are, and what an intent means in token instructions. Pure.</summary>
internal sealed class PlainTokens(PublicKey platform, PublicKey gridMint, PublicKey grxMint, PublicKey feeAuthority)
{
    public const byte GridDecimals = 9;
    public const byte GrxDecimals = 6;

    private const int KeptAccounts = 100_000;

    // Finding an address costs a hash and a curve test; the same wallets come again and again.
    private readonly ConcurrentDictionary<Key32, (PublicKey Grid, PublicKey Grx)> _accounts = new();

    public PublicKey Platform => platform;

    public PublicKey GridMint => gridMint;

    public PublicKey GrxMint => grxMint;

    public PublicKey FeeAuthority => feeAuthority;

    public PublicKey GridEscrow { get; } = AssociatedTokenProgram.AssociatedTokenAddress(platform, gridMint);

    public PublicKey GrxEscrow { get; } = AssociatedTokenProgram.AssociatedTokenAddress(platform, grxMint);

    public PublicKey FeeAccount { get; } = AssociatedTokenProgram.AssociatedTokenAddress(feeAuthority, grxMint);

    public (PublicKey Grid, PublicKey Grx) AccountsOf(Key32 wallet)
    {
        if (_accounts.Count > KeptAccounts)
        {
            _accounts.Clear();
        }

        return _accounts.GetOrAdd(
            wallet,
            static (key, mints) =>
            {
                var owner = key.ToPublicKey();
                return (AssociatedTokenProgram.AssociatedTokenAddress(owner, mints.Grid),
                    AssociatedTokenProgram.AssociatedTokenAddress(owner, mints.Grx));
            },
            (Grid: gridMint, Grx: grxMint));
    }

    /// <summary>
    /// One transaction's instructions: the memo that names the intent, then its transfers; nothing for an amount of
    /// zero.
    /// </summary>
    /// <param name="intent">What shall happen.</param>
    /// <param name="createsAccounts">
    /// Pays for the receivers' token accounts where they are missing. Not at the first attempt: a wallet that closes
    /// its account before every trade would live on our rent.
    /// </param>
    /// <exception cref="OverflowException">An amount is negative, or beyond 64 bits of base units.</exception>
    public IReadOnlyList<Instruction> InstructionsOf(ChainIntent intent, bool createsAccounts)
    {
        var to = new List<Instruction>(8) { MemoProgram.AddMemo(IntentKinds.MemoOf(intent)) };
        switch (intent)
        {
            case MintEnergy mint:
                AddAccount(to, mint.Wallet, gridMint, createsAccounts);
                AddMint(to, gridMint, AccountsOf(mint.Wallet).Grid, mint.Energy.ToGridBaseUnits(), GridDecimals);
                break;
            case GrantMoney grant:
                AddAccount(to, grant.Wallet, grxMint, createsAccounts);
                AddMint(to, grxMint, AccountsOf(grant.Wallet).Grx, BaseUnits(grant.Amount), GrxDecimals);
                break;
            case DepositEnergy deposit:
                AddGrid(to, AccountsOf(deposit.Wallet).Grid, GridEscrow, deposit.Energy);
                break;
            case DepositMoney deposit:
                AddGrx(to, AccountsOf(deposit.Wallet).Grx, GrxEscrow, deposit.Amount);
                break;
            case RefundEnergy refund:
                AddAccount(to, refund.Wallet, gridMint, createsAccounts);
                AddGrid(to, GridEscrow, AccountsOf(refund.Wallet).Grid, refund.Energy);
                break;
            case RefundMoney refund:
                AddAccount(to, refund.Wallet, grxMint, createsAccounts);
                AddGrx(to, GrxEscrow, AccountsOf(refund.Wallet).Grx, refund.Amount);
                break;
            case SettleTrade trade:
                AddSettlement(to, trade, createsAccounts);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(intent), intent.GetType().Name, "Not a known intent.");
        }

        return to;
    }

    private static ulong BaseUnits(MicroGrx amount) => checked((ulong)amount.Value);

    private void AddSettlement(List<Instruction> to, SettleTrade trade, bool createsAccounts)
    {
        AddAccount(to, trade.Buyer, gridMint, createsAccounts);
        AddAccount(to, trade.Buyer, grxMint, createsAccounts && trade.Refund > MicroGrx.Zero);
        AddAccount(to, trade.Seller, grxMint, createsAccounts);
        AddGrid(to, GridEscrow, AccountsOf(trade.Buyer).Grid, trade.Energy);
        AddGrx(to, GrxEscrow, AccountsOf(trade.Seller).Grx, trade.ToSeller);
        AddGrx(to, GrxEscrow, FeeAccount, trade.Fee);
        AddGrx(to, GrxEscrow, AccountsOf(trade.Buyer).Grx, trade.Refund);
    }

    private void AddAccount(List<Instruction> to, Key32 owner, PublicKey mint, bool isWanted)
    {
        if (isWanted)
        {
            to.Add(AssociatedTokenProgram.CreateIdempotent(platform, owner.ToPublicKey(), mint));
        }
    }

    private void AddMint(List<Instruction> to, PublicKey mint, PublicKey account, ulong amount, byte decimals)
    {
        if (amount > 0)
        {
            to.Add(TokenProgram.MintToChecked(mint, account, platform, amount, decimals));
        }
    }

    private void AddGrid(List<Instruction> to, PublicKey source, PublicKey destination, WattHours energy) =>
        AddTransfer(to, source, gridMint, destination, energy.ToGridBaseUnits(), GridDecimals);

    private void AddGrx(List<Instruction> to, PublicKey source, PublicKey destination, MicroGrx amount) =>
        AddTransfer(to, source, grxMint, destination, BaseUnits(amount), GrxDecimals);

    // The platform signs for both: it owns the escrow accounts, and is the delegate of the users' accounts.
    private void AddTransfer(
        List<Instruction> to, PublicKey source, PublicKey mint, PublicKey destination, ulong amount, byte decimals)
    {
        if (amount > 0)
        {
            to.Add(TokenProgram.TransferChecked(source, mint, destination, platform, amount, decimals));
        }
    }
}
