namespace GridTokenX.Firmware.Board
{
    /// <summary>
    /// An uplink whose events arrive elsewhere and are handed to the device on the device's own thread.
    /// </summary>
    public interface IBoardUplink : IUplink
    {
        /// <summary>Hands over everything that arrived since, in its order; the number of events.</summary>
        int Deliver(Device device);
    }
}
