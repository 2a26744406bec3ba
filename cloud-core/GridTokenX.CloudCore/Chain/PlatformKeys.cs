using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// The platform's keys, files of mode 600 in <c>Cloud:KeyFolder</c>, made on the first start. Whoever has platform.json
/// can mint and can move what is in escrow. The mints' keys only say where the mints are; the fee authority's takes the
/// fees out.
/// </summary>
public sealed class PlatformKeys : IDisposable
{
    private const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private PlatformKeys(string folder)
    {
        Platform = LoadOrCreate(Path.Combine(folder, "platform.json"));
        GridMint = LoadOrCreate(Path.Combine(folder, "grid-mint.json"));
        GrxMint = LoadOrCreate(Path.Combine(folder, "grx-mint.json"));
        using var feeAuthority = LoadOrCreate(Path.Combine(folder, "fee-authority.json"));
        FeeAuthority = feeAuthority.PublicKey;
    }

    public Keypair Platform { get; }

    public Keypair GridMint { get; }

    public Keypair GrxMint { get; }

    public PublicKey FeeAuthority { get; }

    /// <exception cref="KeypairFileException">A file is open to others, or holds no key.</exception>
    public static PlatformKeys LoadOrCreateAll(string folder)
    {
        _ = Directory.CreateDirectory(folder, OwnerOnly);
        return new PlatformKeys(folder);
    }

    public void Dispose()
    {
        Platform.Dispose();
        GridMint.Dispose();
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
