namespace GridTokenX.Firmware
{
    /// <summary>What the device measures.</summary>
    public interface IMeterInput
    {
        /// <summary>S0 pulses of produced energy since boot; counted by hardware, never goes back.</summary>
        long ProductionPulses { get; }

        /// <summary>S0 pulses of consumed energy since boot; counted by hardware, never goes back.</summary>
        long ConsumptionPulses { get; }

        /// <summary>
        /// 0–1000, below 0 when the gauge does not tell; of no meaning without a battery.
        /// </summary>
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
        /// Hands over the first <paramref name="length"/> bytes; true promises no arrival. False: not handed over. The
        /// buffer is used again after the call.
        /// </summary>
        bool Publish(string topic, byte[] payload, int length, bool retain);
    }

    /// <summary>HMAC-SHA256, which the platform has.</summary>
    public interface IMac
    {
        /// <returns>32 bytes.</returns>
        byte[] Compute(byte[] key, byte[] message);
    }

    /// <summary>Everything around a device.</summary>
    public sealed class DevicePorts
    {
        public IMeterInput Input { get; set; }

        /// <summary>Holds what must survive a power cut.</summary>
        public IFlash Flash { get; set; }

        /// <summary>Is set when the device is made, to what it was before the power went.</summary>
        public IRelay Relay { get; set; }

        /// <summary>Messages to the gateway.</summary>
        public IUplink Uplink { get; set; }

        public IMac Mac { get; set; }
    }
}
