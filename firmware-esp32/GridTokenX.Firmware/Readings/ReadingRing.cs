using GridTokenX.Firmware.Storage;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Readings
{
    /// <summary>
    /// Signed readings that the gateway has not acknowledged, each in two small files: canonical bytes, signature,
    /// CRC-32. One of them may rot. When all slots are taken the oldest reading gives way; its energy is in the
    /// registers of every later one. A slot with two torn files is an empty one. Sequences stand in RAM, the readings
    /// themselves only in flash.
    /// </summary>
    public sealed class ReadingRing
    {
        public const int Capacity = 128;
        public const int ReadingLength = ReadingBytes.Length + DeviceMemory.SignatureLength;

        private const int FileLength = ReadingLength + 4;
        private const long Free = 0;

        private readonly IFlash _flash;
        private readonly byte[] _device;
        private readonly string[] _names = new string[Capacity];
        private readonly string[] _copies = new string[Capacity];
        private readonly long[] _sequences = new long[Capacity];
        private readonly byte[] _file = new byte[FileLength];

        // A free slot whose last write failed: it is written first, or the next start might find a reading there that
        // was told to nobody and is older than what was.
        private int _torn = -1;

        public ReadingRing(IFlash flash, byte[] device)
        {
            _flash = flash;
            _device = device;
            for (var i = 0; i < Capacity; i++)
            {
                _names[i] = NameOf(i);
                _copies[i] = CopyNameOf(i);
            }
        }

        public int Count { get; private set; }

        /// <summary>The highest sequence ever kept here; 0 before the first.</summary>
        public long Newest { get; private set; }

        /// <summary>Readings that gave way since boot.</summary>
        public int Dropped { get; private set; }

        /// <summary>The file of a slot.</summary>
        public static string NameOf(int slot) => "reading." + slot.ToString();

        /// <summary>The slot's other file.</summary>
        public static string CopyNameOf(int slot) => "copy." + slot.ToString();

        /// <summary>Finds what is there. Slots of another device's key count as free.</summary>
        /// <param name="newest">Receives the newest reading, when there is one.</param>
        public void Load(byte[] newest)
        {
            for (var i = 0; i < Capacity; i++)
            {
                if (!ReadSlot(i, Free))
                {
                    continue;
                }

                _sequences[i] = ReadingBytes.Sequence(_file);
                Count++;
                if (_sequences[i] > Newest)
                {
                    Newest = _sequences[i];
                    System.Array.Copy(_file, 0, newest, 0, ReadingLength);
                }
            }
        }

        /// <summary>Keeps a reading; returns once it is written.</summary>
        public void Append(byte[] reading)
        {
            var slot = _torn >= 0 ? _torn : IndexOf(Free);
            if (slot < 0)
            {
                slot = IndexOf(After(0));
                Forget(slot);
                Dropped++;
            }

            System.Array.Copy(reading, 0, _file, 0, ReadingLength);
            BigEndian.WriteUInt32(_file, ReadingLength, Crc32.Of(_file, ReadingLength));
            _torn = slot;
            _flash.Write(_names[slot], _file, FileLength);
            _flash.Write(_copies[slot], _file, FileLength);
            _torn = -1;
            Newest = ReadingBytes.Sequence(reading);
            _sequences[slot] = Newest;
            Count++;
        }

        /// <summary>Forgets an acknowledged reading. False when there is none of this sequence.</summary>
        public bool Remove(long sequence)
        {
            var slot = sequence > 0 ? IndexOf(sequence) : -1;
            if (slot < 0)
            {
                return false;
            }

            _flash.Delete(_names[slot]);
            _flash.Delete(_copies[slot]);
            Forget(slot);
            return true;
        }

        /// <summary>The lowest sequence above this one; 0 when there is none.</summary>
        public long After(long sequence)
        {
            var lowest = 0L;
            for (var i = 0; i < Capacity; i++)
            {
                var candidate = _sequences[i];
                if (candidate > sequence && (lowest == 0 || candidate < lowest))
                {
                    lowest = candidate;
                }
            }

            return lowest;
        }

        /// <summary>Reads a kept reading back; false when its file is damaged, and then it is forgotten.</summary>
        public bool Read(long sequence, byte[] reading)
        {
            var slot = IndexOf(sequence);
            if (slot < 0)
            {
                return false;
            }

            if (!ReadSlot(slot, sequence))
            {
                Forget(slot);
                return false;
            }

            System.Array.Copy(_file, 0, reading, 0, ReadingLength);
            return true;
        }

        private int IndexOf(long sequence)
        {
            for (var i = 0; i < Capacity; i++)
            {
                if (_sequences[i] == sequence)
                {
                    return i;
                }
            }

            return -1;
        }

        private void Forget(int slot)
        {
            _sequences[slot] = Free;
            Count--;
        }

        /// <param name="slot">Read into _file.</param>
        /// <param name="sequence">What has to be there; Free takes any.</param>
        private bool ReadSlot(int slot, long sequence) =>
            ReadFile(_names[slot], sequence) || ReadFile(_copies[slot], sequence);

        private bool ReadFile(string name, long sequence)
        {
            if (_flash.Read(name, _file) != FileLength
                || BigEndian.ReadUInt32(_file, ReadingLength) != Crc32.Of(_file, ReadingLength))
            {
                return false;
            }

            for (var i = 0; i < _device.Length; i++)
            {
                if (_file[DomainTag.Length + i] != _device[i])
                {
                    return false;
                }
            }

            return sequence == Free || ReadingBytes.Sequence(_file) == sequence;
        }
    }
}
