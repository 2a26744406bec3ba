using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// The platform's keys, files of mode 600 in <c>Cloud:KeyFolder</c>, made on the first start. Each that acts pays its
/// own fees. The administrator's is not made here: it is the programs' upgrade authority, and needed only until they
/// are initialised.
/// </summary>
public sealed class PlatformKeys : IDisposable
{
    private const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private PlatformKeys(string folder)
    {
        var admin = Path.Combine(folder, "admin.json");
        Admin = File.Exists(admin) ? Keypair.Load(admin) : null;
        Platform = LoadOrCreate(Path.Combine(folder, "platform.json"));
        Oracle = LoadOrCreate(Path.Combine(folder, "oracle.json"));
        Matcher = LoadOrCreate(Path.Combine(folder, "matcher.json"));
        GrxMint = LoadOrCreate(Path.Combine(folder, "grx-mint.json"));
        using var feeAuthority = LoadOrCreate(Path.Combine(folder, "fee-authority.json"));
        FeeAuthority = feeAuthority.PublicKey;
    }

    /// <summary>Initialises the programs, and may change their settings; null where it is not kept here.</summary>
    public Keypair? Admin { get; }

    /// <summary>Registers users and meters, mints GRX, pays for accounts and for the orders of managed wallets.</summary>
    public Keypair Platform { get; }

    /// <summary>Submits the meters' readings.</summary>
    public Keypair Oracle { get; }

    /// <summary>Settles trades and releases orders.</summary>
    public Keypair Matcher { get; }

    /// <summary>Says where the GRX mint is, nothing else.</summary>
    public Keypair GrxMint { get; }

    /// <summary>Takes the fees out.</summary>
    public PublicKey FeeAuthority { get; }

    /// <summary>Those that pay fees.</summary>
    internal IReadOnlyList<Keypair> Payers => [Platform, Oracle, Matcher];

    /// <exception cref="KeypairFileException">A file is open to others, or holds no key.</exception>
    public static PlatformKeys LoadOrCreateAll(string folder)
    {
        _ = Directory.CreateDirectory(folder, OwnerOnly);
        return new PlatformKeys(folder);
    }

    public void Dispose()
    {
        Admin?.Dispose();
        Platform.Dispose();
        Oracle.Dispose();
        Matcher.Dispose();
        GrxMint.Dispose();
    }

    private static Keypair LoadOrCreate(string path)
    {
        if (File.Exists(path))
        {
            return Keypair.Load(path);
        }

        var key = Keypair.Generate();
        try
        {
            key.Save(path);
            return key;
        }
        catch (KeypairFileException) when (File.Exists(path))
        {
            // Another process of the cloud core was first.
            key.Dispose();
            return Keypair.Load(path);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}
