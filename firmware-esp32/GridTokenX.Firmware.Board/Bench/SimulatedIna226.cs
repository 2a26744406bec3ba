#nullable enable
using System;
using System.Buffers.Binary;

namespace GridTokenX.Firmware.Board
{
    /// <summary>A chip on the I2C bus.</summary>
    public interface II2cChip
    {
        /// <summary>False: the chip does not acknowledge.</summary>
        bool TryWrite(ReadOnlySpan<byte> bytes);

        bool TryRead(Span<byte> bytes);
    }

    /// <summary>
    /// The INA226's registers as in its data sheet (SBOS547B, section 7.6), the battery and the shunt behind it. What
    /// it measures is what it was told last; conversions take no time.
    /// </summary>
    public sealed class SimulatedIna226(int shuntMicroohm) : II2cChip
    {
        private const int Configuration = 0x00;
        private const int MaskEnable = 0x06;
        private const ushort ConfigurationAtReset = 0x4127;
        private const ushort ConversionReady = 1 << 3;

        private readonly ushort[] _registers = new ushort[256];
        private int _pointer;
        private bool _isReset;

        /// <summary>Into the battery; negative when it gives.</summary>
        public int Milliamperes { get; set; }

        /// <summary>At the VBUS pin.</summary>
        public int Millivolts { get; set; } = 26_400;

        /// <summary>Whether the chip answers.</summary>
        public bool IsBroken { get; set; }

        public bool TryWrite(ReadOnlySpan<byte> bytes)
        {
            if (IsBroken || bytes.Length is not (1 or 3))
            {
                return false;
            }

            ResetOnce();
            _pointer = bytes[0];
            if (bytes.Length == 3)
            {
                Write(BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]));
            }

            return true;
        }

        public bool TryRead(Span<byte> bytes)
        {
            if (IsBroken || bytes.Length != 2)
            {
                return false;
            }

            ResetOnce();
            Convert();
            BinaryPrimitives.WriteUInt16BigEndian(bytes, _registers[_pointer]);
            if (_pointer == MaskEnable)
            {
                _registers[MaskEnable] &= unchecked((ushort)~ConversionReady);
            }

            return true;
        }

        private void Write(ushort value)
        {
            if (_pointer == Configuration && (value & 0x8000) != 0)
            {
                _isReset = false;
                ResetOnce();
            }
            else if (_pointer is Configuration or 0x05 or MaskEnable or 0x07)
            {
                _registers[_pointer] = value;
            }
        }

        private void ResetOnce()
        {
            if (_isReset)
            {
                return;
            }

            _isReset = true;
            Array.Clear(_registers);
            _registers[Configuration] = ConfigurationAtReset;
            _registers[0xFE] = 0x5449;
            _registers[0xFF] = 0x2260;
        }

        /// <summary>By the two low bits of the mode: 1 shunt, 2 bus; the next bit says continuously.</summary>
        private void Convert()
        {
            var mode = _registers[Configuration] & 7;
            if ((mode & 4) == 0 || (mode & 3) == 0)
            {
                return;
            }

            if ((mode & 1) != 0)
            {
                // Microohms times milliamperes are nanovolts; 2.5 µV a bit.
                var raw = (long)Milliamperes * shuntMicroohm / 2500;
                _registers[0x01] = unchecked((ushort)(short)Math.Clamp(raw, short.MinValue, short.MaxValue));
            }

            if ((mode & 2) != 0)
            {
                _registers[0x02] = (ushort)Math.Clamp(Millivolts * 4L / 5, 0, 0x7FFF);
            }

            var current = (short)_registers[0x01] * (long)_registers[0x05] / 2048;
            _registers[0x04] = unchecked((ushort)(short)Math.Clamp(current, short.MinValue, short.MaxValue));
            _registers[0x03] = (ushort)Math.Clamp(Math.Abs(current) * _registers[0x02] / 20_000, 0, ushort.MaxValue);
            _registers[MaskEnable] |= ConversionReady;
        }
    }
}
