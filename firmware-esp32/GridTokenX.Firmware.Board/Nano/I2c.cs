// System.SpanByte (mscorlib 1.17) and System.Device.I2c (nanoFramework 1.1.29), as far as the firmware uses them.

#nullable enable
using GridTokenX.Firmware.Board;

namespace System
{
    public readonly ref struct SpanByte
    {
        private readonly Span<byte> _bytes;

        public SpanByte(byte[] array)
        {
            _bytes = array;
        }

        public SpanByte(byte[] array, int start, int length)
        {
            _bytes = array.AsSpan(start, length);
        }

        public int Length => _bytes.Length;

        internal Span<byte> Bytes => _bytes;

        public static implicit operator SpanByte(byte[] array) => new(array);
    }
}

namespace System.Device.I2c
{
    public enum I2cBusSpeed
    {
        StandardMode,
        FastMode,
        FastModePlus,
    }

    public enum I2cTransferStatus
    {
        UnknownError,
        FullTransfer,
        ClockStretchTimeout,
        PartialTransfer,
        SlaveAddressNotAcknowledged,
    }

    public struct I2cTransferResult
    {
        internal I2cTransferResult(I2cTransferStatus status, int bytesTransferred)
        {
            Status = status;
            BytesTransferred = (uint)bytesTransferred;
        }

        public I2cTransferStatus Status { get; }

        public uint BytesTransferred { get; }
    }

    public sealed class I2cConnectionSettings(int busId, int deviceAddress, I2cBusSpeed busSpeed)
    {
        public int BusId { get; } = busId;

        public int DeviceAddress { get; } = deviceAddress;

        public I2cBusSpeed BusSpeed { get; } = busSpeed;
    }

    public class I2cDevice : IDisposable
    {
        private readonly SimulatedHardware _hardware = SimulatedHardware.Current;

        private I2cDevice(I2cConnectionSettings settings)
        {
            ConnectionSettings = settings;
        }

        public I2cConnectionSettings ConnectionSettings { get; }

        public static I2cDevice Create(I2cConnectionSettings settings) => new(settings);

        public I2cTransferResult Write(SpanByte buffer)
        {
            var chip = _hardware.I2cChip(ConnectionSettings.BusId, ConnectionSettings.DeviceAddress);
            return chip is not null && chip.TryWrite(buffer.Bytes) ? Whole(buffer.Length) : Nobody;
        }

        public I2cTransferResult WriteRead(SpanByte writeBuffer, SpanByte readBuffer)
        {
            var chip = _hardware.I2cChip(ConnectionSettings.BusId, ConnectionSettings.DeviceAddress);
            return chip is not null && chip.TryWrite(writeBuffer.Bytes) && chip.TryRead(readBuffer.Bytes)
                ? Whole(writeBuffer.Length + readBuffer.Length)
                : Nobody;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            // Nothing is held.
        }

        private static I2cTransferResult Nobody => new(I2cTransferStatus.SlaveAddressNotAcknowledged, 0);

        private static I2cTransferResult Whole(int bytes) => new(I2cTransferStatus.FullTransfer, bytes);
    }
}
