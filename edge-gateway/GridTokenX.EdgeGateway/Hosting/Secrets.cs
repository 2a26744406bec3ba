using GridTokenX.Protocol.Keys;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>Secrets come from files that only the owner may read.</summary>
internal static class Secrets
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="InvalidConfigurationException">The file is missing, or others may read it.</exception>
    internal static string? ReadPassword(string? path)
    {
        if (path is null)
        {
            return null;
        }

        if (!File.Exists(path))
        {
            throw new InvalidConfigurationException($"The password file {path} does not exist.");
        }

        return (File.GetUnixFileMode(path) & ~OwnerOnly) == UnixFileMode.None
            ? File.ReadAllText(path).TrimEnd('\n', '\r')
            : throw new InvalidConfigurationException(
                $"The password file {path} may be read by others: set its mode to 600.");
    }

    /// <exception cref="InvalidConfigurationException">The file is no key file, or others may read it.</exception>
    internal static SigningKey LoadKey(string path)
    {
        try
        {
            return SigningKey.LoadOrCreate(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new InvalidConfigurationException($"The key file cannot be used: {exception.Message}", exception);
        }
    }
}
