namespace GridTokenX.Firmware.Board
{
    /// <summary>For the device's core alone, without the file system between.</summary>
    public sealed partial class SimulatedFlash : IFlash
    {
    }
}
