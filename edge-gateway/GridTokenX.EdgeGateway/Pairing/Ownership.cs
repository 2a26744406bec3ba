using System.Globalization;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Pairing;

/// <summary>Whose the gateway is, by the cloud's last word.</summary>
/// <param name="Name">As the owner calls the gateway.</param>
/// <param name="Zone">Of the meters that are paired here.</param>
/// <param name="Wallet">The owner's, to which devices consent.</param>
/// <param name="PairingUntil">Until then the cloud takes new meters from here.</param>
internal sealed record Owner(string Name, string Zone, Key32 Wallet, DateTimeOffset PairingUntil);

/// <summary>
/// Remembers the owner, and a claim code until the cloud has answered it: it is asked again after a restart. The page's
/// PIN that came with a code is set with the owner.
/// </summary>
internal sealed class Ownership(Settings settings, WallTime wall)
{
    /// <summary>A code that no cloud has answered for so long has expired there.</summary>
    internal static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(20);

    internal const string PinName = "page.pin";
    private const string WalletName = "owner.wallet";
    private const string NameName = "owner.name";
    private const string ZoneName = "owner.zone";
    private const string UntilName = "owner.until";
    private const string CodeName = "owner.code";
    private const string AskedName = "owner.asked";
    private const string NewPinName = "owner.pin";
    private const string FaultName = "owner.fault";

    private readonly Lock _lock = new();

    /// <summary>Set when there is a code to ask about.</summary>
    internal Signal Asked { get; } = new();

    /// <summary>Null while it is nobody's.</summary>
    internal Owner? Current =>
        Key32.TryParse(settings.Get(WalletName) ?? string.Empty, out var wallet)
            ? new Owner(
                settings.Get(NameName) ?? string.Empty,
                settings.Get(ZoneName) ?? string.Empty,
                wallet,
                Moment(settings.Get(UntilName)))
            : null;

    /// <summary>The cloud takes new meters from here now.</summary>
    internal bool MayPair => Current?.PairingUntil > wall.UtcNow;

    /// <summary>A code that the cloud has not answered yet.</summary>
    internal string? Code
    {
        get
        {
            var code = settings.Get(CodeName);
            return code is not null && IsRecent ? code : null;
        }
    }

    /// <summary>Why the cloud refused the last code; null when it did not, or that is long ago.</summary>
    internal string? Fault => IsRecent ? settings.Get(FaultName) : null;

    private bool IsRecent => Moment(settings.Get(AskedName)) + CodeLifetime > wall.UtcNow;

    /// <summary>False while another code is being asked about.</summary>
    internal bool MayAsk(string code) => Code is not { } other || other == code;

    /// <summary>False while another code is being asked about.</summary>
    /// <param name="code">As shown to the owner.</param>
    /// <param name="pinHash">The page's new PIN; null leaves it as it is.</param>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">Nothing was changed.</exception>
    internal bool TryAsk(string code, string? pinHash)
    {
        lock (_lock)
        {
            if (!MayAsk(code))
            {
                return false;
            }

            settings.Set(
                (CodeName, code),
                (AskedName, Seconds(wall.UtcNow)),
                (NewPinName, pinHash),
                (FaultName, null));
        }

        Asked.Set();
        return true;
    }

    /// <summary>The cloud took the code. Owner and PIN are set together or not at all.</summary>
    internal void Accept(Owner owner)
    {
        lock (_lock)
        {
            (string, string?)[] pin = settings.Get(NewPinName) is { } hash ? [(PinName, hash)] : [];
            settings.Set(
            [
                .. Of(owner),
                .. pin,
                (CodeName, null),
                (AskedName, null),
                (NewPinName, null),
                (FaultName, null),
            ]);
        }
    }

    /// <summary>The cloud refused the code for good.</summary>
    internal void Refuse(string fault)
    {
        lock (_lock)
        {
            settings.Set((CodeName, null), (NewPinName, null), (FaultName, fault));
        }
    }

    /// <summary>What the cloud says unasked: it may have been released, or given to somebody else.</summary>
    internal void Correct(Owner? owner)
    {
        lock (_lock)
        {
            if (owner != Current)
            {
                settings.Set(Of(owner));
            }
        }
    }

    private static (string Name, string? Value)[] Of(Owner? owner) =>
    [
        (WalletName, owner?.Wallet.ToString()),
        (NameName, owner?.Name),
        (ZoneName, owner?.Zone),
        (UntilName, owner is null ? null : Seconds(owner.PairingUntil)),
    ];

    private static string Seconds(DateTimeOffset moment) =>
        moment.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static DateTimeOffset Moment(string? seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(seconds ?? "0", CultureInfo.InvariantCulture));
}
