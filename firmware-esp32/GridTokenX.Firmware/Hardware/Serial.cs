// The call must stay in a Release build, whichever way the library marks it.
#define DEBUG

using System.Diagnostics;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>What the installer reads on the serial port. Never a secret.</summary>
    internal static class Serial
    {
        internal static void Say(string line) => Debug.WriteLine(line);
    }
}
