using GridTokenX.Protocol.Keys;

namespace GridTokenX.Simulator.Live;

/// <summary>
/// What <c>gtx-gateway device add</c> has printed, a line for each device: <c>user KEY password PASSWORD</c>.
/// </summary>
internal sealed class BrokerPasswords
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Dictionary<Key32, string> _passwords = [];

    /// <param name="path">Of mode 600; of several lines for a device the last one counts.</param>
    /// <exception cref="FormatException">A line is none of those; the message names it by its number only.</exception>
    /// <exception cref="UnauthorizedAccessException">Others than the owner may read the file.</exception>
    public static BrokerPasswords Read(string path)
    {
        var found = new BrokerPasswords();
        var lines = Secret(path).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var words = lines[i].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words is ["user", var key, "password", var password] && Key32.TryParse(key, out var device))
            {
                found._passwords[device] = password;
            }
            else if (words.Length > 0)
            {
                throw new FormatException($"{path}, line {i + 1}: not \"user KEY password PASSWORD\".");
            }
        }

        return found;
    }

    /// <summary>A secret from a file that only its owner may read; without the end of its last line.</summary>
    /// <exception cref="UnauthorizedAccessException">Others than the owner may read the file.</exception>
    public static string Secret(string path)
    {
        var mode = File.GetUnixFileMode(path);
        return (mode & ~OwnerOnly) == UnixFileMode.None
            ? File.ReadAllText(path).TrimEnd('\r', '\n')
            : throw new UnauthorizedAccessException($"{path} holds passwords: set its mode to 600 (it is {mode}).");
    }

    /// <exception cref="FormatException">There is none for the device.</exception>
    public BrokerUser UserOf(Key32 device) => _passwords.TryGetValue(device, out var password)
        ? new BrokerUser(device.ToString(), password)
        : throw new FormatException(
            $"There is no password for the device {device}: gtx-gateway device add {device} makes one.");
}
