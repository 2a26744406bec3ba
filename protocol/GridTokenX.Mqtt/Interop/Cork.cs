// TCP_CORK of tcp(7): segments leave only when they are full, until it is taken off.

using System.Runtime.InteropServices;

namespace GridTokenX.Mqtt.Interop;

internal static partial class Cork
{
    private const int LevelTcp = 6;
    private const int OptionCork = 3;

    /// <summary>False where the system does not know it: then each packet goes on its own.</summary>
    internal static bool TrySet(int socket, bool on)
    {
        var value = on ? 1 : 0;
        return setsockopt(socket, LevelTcp, OptionCork, value, sizeof(int)) == 0;
    }

    [LibraryImport("libc")]
    private static partial int setsockopt(int socket, int level, int option, in int value, uint length);
}
