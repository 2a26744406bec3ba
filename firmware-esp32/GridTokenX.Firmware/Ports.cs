namespace GridTokenX.Firmware
{
    /// <summary>What the device measures.</summary>
    public interface IMeterInput
    {
        /// <summary>S0 pulses of produced energy since boot; counted by hardware, never goes back.</summary>
        long ProductionPulses { get; }

        /// <summary>S0 pulses of consumed energy since boot; counted by hardware, never goes back.</summary>
        long ConsumptionPulses { get; }

        /// <summary>0–1000; of no meaning without a battery.</summary>
        int StateOfChargePermille { get; }

        bool Tamper { get; }
    }

    /// <summary>
    /// A few small files by name. Nothing is assumed to be atomic: a Write that power or an exception cuts short may
    /// leave the old bytes, the new ones, a part of either, or no file. Failures are exceptions of the platform.
    /// </summary>
    public interface IFlash
    {
        /// <summary>
        /// Fills the buffer with the file's first bytes; the file's whole length, or -1 when there is no file.
        /// </summary>
        int Read(string name, byte[] buffer);

        /// <summary>Makes or replaces the file with the first <paramref name="length"/> bytes.</summary>
        void Write(string name, byte[] data, int length);

        /// <summary>Does nothing when there is no such file.</summary>
        void Delete(string name);
    }

    /// <summary>The output that keeps the battery's energy for a buyer.</summary>
    public interface IRelay
    {
        /// <summary>Called again with the same value after a reboot.</summary>
        void Set(bool locked);
    }

    /// <summary>The way to the gateway: MQTT, quality of service 1.</summary>
    public interface IUplink
    {
        bool IsConnected { get; }

        /// <summary>
        /// Hands a message over; true promises no arrival. False: not handed over. Keeps no reference.
        /// </summary>
        bool Publish(string topic, byte[] payload, bool retain);
    }
}
