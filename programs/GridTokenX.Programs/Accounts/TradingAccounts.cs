using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Accounts;

/// <summary>At the PDA ["market"], which is also the vaults' owner.</summary>
public sealed record MarketAccount(
    PublicKey Admin, PublicKey GridMint, PublicKey GrxMint, PublicKey GridVault, PublicKey GrxVault,
    PublicKey FeeAccount, MarketSettings Settings, bool IsInMaintenance, byte Bump)
{
    public const int Length = 352;
    public const int MaxMatchers = 4;

    public static ulong Discriminator { get; } = Programs.Discriminator.OfAccount("Market");

    /// <exception cref="FormatException">Not such an account.</exception>
    public static MarketAccount Parse(ReadOnlySpan<byte> data)
    {
        var reader = AccountData.Open(data, Length, Discriminator, nameof(MarketAccount));
        var (admin, gridMint, grxMint) = (reader.Key(), reader.Key(), reader.Key());
        var (gridVault, grxVault, feeAccount) = (reader.Key(), reader.Key(), reader.Key());
        PublicKey[] matchers = [reader.Key(), reader.Key(), reader.Key(), reader.Key()];
        var (minPrice, maxPrice, feeBasisPoints) = (reader.U64(), reader.U64(), reader.U16());
        var count = reader.U8();
        if (count is 0 or > MaxMatchers)
        {
            throw new FormatException($"A market has 1 to {MaxMatchers} matchers, not {count}.");
        }

        return new MarketAccount(
            admin, gridMint, grxMint, gridVault, grxVault, feeAccount,
            new MarketSettings(feeBasisPoints, minPrice, maxPrice, matchers[..count]), reader.Bool(), reader.U8());
    }

    public static bool TryParse(ReadOnlySpan<byte> data, [NotNullWhen(true)] out MarketAccount? account) =>
        AccountData.Try(data, Parse, out account);
}

/// <summary>An open order, at the PDA ["order", owner, order id]. A filled, cancelled or expired one has no account.
/// </summary>
/// <param name="RentPayer">Gets the rent back when the order closes.</param>
/// <param name="Amount">GRID base units.</param>
/// <param name="Filled">GRID base units.</param>
/// <param name="Price">µGRX per kWh.</param>
/// <param name="Escrowed">What of it is still in the vault: GRID base units of a sell order, µGRX of a buy order.
/// </param>
/// <param name="CreatedAt">Unix seconds.</param>
/// <param name="ExpiresAt">Unix seconds.</param>
/// <param name="FeeBasisPoints">The market's when the order was created: its owner pays no more than that.</param>
public sealed record OrderAccount(
    PublicKey Owner, PublicKey RentPayer, ulong OrderId, ulong Amount, ulong Filled, ulong Price, ulong Escrowed,
    long CreatedAt, long ExpiresAt, ushort FeeBasisPoints, OrderSide Side, byte Bump)
{
    public const int Length = 136;
    public const int OwnerOffset = 8;

    public static ulong Discriminator { get; } = Programs.Discriminator.OfAccount("Order");

    /// <summary>GRID base units that are not yet filled.</summary>
    public ulong Rest => Amount - Filled;

    /// <exception cref="FormatException">Not such an account.</exception>
    public static OrderAccount Parse(ReadOnlySpan<byte> data)
    {
        var reader = AccountData.Open(data, Length, Discriminator, nameof(OrderAccount));
        return new OrderAccount(
            reader.Key(), reader.Key(), reader.U64(), reader.U64(), reader.U64(), reader.U64(), reader.U64(),
            reader.I64(), reader.I64(), reader.U16(), ReadSide(reader.U8()), reader.U8());
    }

    public static bool TryParse(ReadOnlySpan<byte> data, [NotNullWhen(true)] out OrderAccount? account) =>
        AccountData.Try(data, Parse, out account);

    internal static OrderSide ReadSide(byte value) =>
        value <= 1 ? (OrderSide)value : throw new FormatException("An order's side is 0 or 1.");
}

/// <summary>Which settlements of a page are used, at the PDA ["settlements", page].</summary>
public sealed class SettlementPageAccount
{
    public const int Length = 8208;
    public const int SettlementsPerPage = 65_536;

    private readonly byte[] _bitmap;

    private SettlementPageAccount(ulong page, byte[] bitmap)
    {
        Page = page;
        _bitmap = bitmap;
    }

    public static ulong Discriminator { get; } = Programs.Discriminator.OfAccount("SettlementPage");

    public ulong Page { get; }

    /// <summary>The highest settlement of the page that is used; null when none is.</summary>
    public ulong? Highest
    {
        get
        {
            var last = _bitmap.AsSpan().LastIndexOfAnyExcept((byte)0);
            return last < 0
                ? null
                : (Page * SettlementsPerPage) + ((ulong)last * 8) + (ulong)BitOperations.Log2(_bitmap[last]);
        }
    }

    /// <exception cref="ArgumentException">A settlement of another page.</exception>
    public bool IsUsed(ulong settlementId)
    {
        if (TradingProgram.PageOf(settlementId) != Page)
        {
            throw new ArgumentException($"Settlement {settlementId} is not of page {Page}.", nameof(settlementId));
        }

        var bit = (int)(settlementId & (SettlementsPerPage - 1));
        return (_bitmap[bit >> 3] & (1 << (bit & 7))) != 0;
    }

    /// <exception cref="FormatException">Not such an account.</exception>
    public static SettlementPageAccount Parse(ReadOnlySpan<byte> data)
    {
        var reader = AccountData.Open(data, Length, Discriminator, nameof(SettlementPageAccount));
        return new SettlementPageAccount(reader.U64(), reader.Take(SettlementsPerPage / 8).ToArray());
    }

    public static bool TryParse(ReadOnlySpan<byte> data, [NotNullWhen(true)] out SettlementPageAccount? account) =>
        AccountData.Try(data, Parse, out account);
}
