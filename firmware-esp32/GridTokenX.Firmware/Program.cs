using System;
using GridTokenX.Firmware.Hardware;

namespace GridTokenX.Firmware
{
    /// <summary>
    /// The firmware's entry. When Main ends, a nanoFramework device sits there for ever: it never ends, and what it
    /// cannot survive restarts the chip.
    /// </summary>
    public static class Program
    {
        public static void Main()
        {
            try
            {
                new Shell().Run();
            }
            catch (Exception exception)
            {
                Shell.Restart(exception.Message);
            }
        }
    }
}
