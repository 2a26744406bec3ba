using System;

namespace GridTokenX.Firmware.Board
{
    /// <summary>The simulated power failed: nothing of the device runs on until the board is rebooted.</summary>
    public sealed class PowerCutException : Exception
    {
        public PowerCutException()
            : base("The simulated power failed.")
        {
        }

        public PowerCutException(string message)
            : base(message)
        {
        }

        public PowerCutException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }
}
