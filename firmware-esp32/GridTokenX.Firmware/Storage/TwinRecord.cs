using System;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Storage
{
    /// <summary>
    /// One record that must never go back, kept in two files, each with generation and checksum:
    /// <code>| generation (8) | payload | CRC-32 (4) |</code>
    /// Save writes one file, then the other. Whatever moment power fails, one of them is whole; at rest both hold the
    /// newest, so that one rotten file costs nothing.
    /// </summary>
    public sealed class TwinRecord
    {
        private const int HeaderLength = 8;

        private readonly IFlash _flash;
        private readonly string _first;
        private readonly string _second;
        private readonly int _length;
        private readonly byte[] _buffer;
        private readonly byte[] _other;
        private long _generation;
        private bool _secondIsDoubtful;

        public TwinRecord(IFlash flash, string name, int payloadLength)
        {
            _flash = flash;
            _first = name + ".a";
            _second = name + ".b";
            _length = HeaderLength + payloadLength + 4;
            _buffer = new byte[_length];
            _other = new byte[_length];
        }

        /// <summary>
        /// Reads the newest whole copy and repairs the other. False when nothing was ever saved.
        /// </summary>
        /// <exception cref="InvalidOperationException">There was a record, and no copy of it is whole: to go on would
        /// mean to begin again from zero.</exception>
        public bool Load(byte[] payload)
        {
            var firstLength = _flash.Read(_first, _buffer);
            var secondLength = _flash.Read(_second, _other);
            var first = Generation(_buffer, firstLength);
            var second = Generation(_other, secondLength);
            if (first < 0 && second < 0)
            {
                // The second file is written after the first one is whole. Without it, nothing was ever relied on.
                if (secondLength < 0)
                {
                    return false;
                }

                throw new InvalidOperationException("Both copies of " + _first + " are damaged.");
            }

            if (second > first)
            {
                Array.Copy(_other, 0, _buffer, 0, _length);
            }

            if (first != second)
            {
                Repair(second < first);
            }

            _generation = first > second ? first : second;
            Array.Copy(_buffer, HeaderLength, payload, 0, payload.Length);
            return true;
        }

        /// <summary>Returns when both copies are written.</summary>
        public void Save(byte[] payload)
        {
            _generation++;
            BigEndian.WriteInt64(_buffer, 0, _generation);
            Array.Copy(payload, 0, _buffer, HeaderLength, payload.Length);
            BigEndian.WriteUInt32(_buffer, _length - 4, Crc32.Of(_buffer, _length - 4));

            // A copy whose last write failed comes first: its twin is the only whole one.
            if (_secondIsDoubtful)
            {
                WriteSecond();
                _flash.Write(_first, _buffer, _length);
            }
            else
            {
                _flash.Write(_first, _buffer, _length);
                WriteSecond();
            }
        }

        /// <summary>A flash that cannot be written now is no reason not to start: one copy is whole.</summary>
        private void Repair(bool isSecond)
        {
            try
            {
                _flash.Write(isSecond ? _second : _first, _buffer, _length);
            }
#pragma warning disable RCS1075
            catch (Exception)
#pragma warning restore RCS1075
            {
                // The next Save writes the doubtful copy first, and tells when that fails too.
                _secondIsDoubtful = isSecond;
            }
        }

        private void WriteSecond()
        {
            _secondIsDoubtful = true;
            _flash.Write(_second, _buffer, _length);
            _secondIsDoubtful = false;
        }

        /// <summary>-1 when the copy is not whole.</summary>
        private long Generation(byte[] buffer, int length)
        {
            if (length != _length || BigEndian.ReadUInt32(buffer, _length - 4) != Crc32.Of(buffer, _length - 4))
            {
                return -1;
            }

            return BigEndian.ReadInt64(buffer, 0);
        }
    }
}
