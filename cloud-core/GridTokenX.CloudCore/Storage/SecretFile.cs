using System.Security.Cryptography;

namespace GridTokenX.CloudCore.Storage;

/// <summary>Secrets lie in files that only their owner may read.</summary>
public static class SecretFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="UnauthorizedAccessException">Others than the owner may read the file.</exception>
    public static byte[] Read(string path)
    {
        var mode = File.GetUnixFileMode(path);
        return (mode & ~OwnerOnly) == UnixFileMode.None
            ? File.ReadAllBytes(path)
            : throw new UnauthorizedAccessException($"{path} holds a secret: set its mode to 600 (it is {mode}).");
    }

    /// <summary>Reads a secret of random bytes, or makes it on the first start: whole or not at all.</summary>
    /// <exception cref="InvalidDataException">The file has another length.</exception>
    public static byte[] ReadOrCreate(string path, int length)
    {
        if (!File.Exists(path))
        {
            Create(path, RandomNumberGenerator.GetBytes(length));
        }

        var secret = Read(path);
        return secret.Length == length
            ? secret
            : throw new InvalidDataException($"{path} has {secret.Length} bytes instead of {length}.");
    }

    private static void Create(string path, byte[] secret)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        _ = Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        var draft = $"{path}.{Environment.ProcessId}.new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        };
        using (var stream = new FileStream(draft, options))
        {
            stream.Write(secret);
            stream.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process made it first: its secret is the one that counts.
            File.Delete(draft);
        }
    }
}
