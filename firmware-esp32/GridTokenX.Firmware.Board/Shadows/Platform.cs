// What .NET has under the same names as nanoFramework, but not for one board among many: in the drivers' namespace
// these stand before System's. They reach no further.

#nullable enable
#pragma warning disable CA1812, CA1822

using System;
using System.IO;
using System.Threading;
using GridTokenX.Firmware.Board;

namespace GridTokenX.Firmware.Hardware
{
    internal static class DateTime
    {
        public static System.DateTime UtcNow => SimulatedHardware.Current.UtcNow;
    }

    internal static class Environment
    {
        public static long TickCount64 => SimulatedHardware.Current.UptimeMs;
    }

    /// <summary>On the ESP32 this is the hardware generator.</summary>
    internal sealed class Random
    {
        public void NextBytes(byte[] buffer)
        {
            var hardware = SimulatedHardware.Current;
            hardware.CheckPower();
            if (!hardware.Wifi.IsRadioOn)
            {
                throw new InvalidOperationException("Without the radio the generator is not random.");
            }

            hardware.Entropy(buffer);
        }
    }

    internal static class Debug
    {
        public static void WriteLine(string message) => SimulatedHardware.Current.WriteSerial(message);
    }

    /// <summary>A thread of the chip: it ends with the power.</summary>
    internal sealed class Thread
    {
        private readonly System.Threading.Thread _thread;

        internal Thread(ThreadStart start)
        {
            _thread = new System.Threading.Thread(() => Run(start)) { IsBackground = true };
        }

        public void Start() => _thread.Start();

        private static void Run(ThreadStart start)
        {
            try
            {
                start();
            }
            catch (PowerCutException)
            {
                // There is nobody left to tell.
            }
        }
    }

    internal static class File
    {
        public static bool Exists(string path) => SimulatedHardware.Current.Flash.Has(SimulatedFlash.NameOf(path));

        public static void Delete(string path) => SimulatedHardware.Current.Flash.Delete(SimulatedFlash.NameOf(path));
    }

    /// <summary>A whole file at a time, as littlefs commits it when it is closed.</summary>
    internal sealed class FileStream : IDisposable
    {
        private readonly SimulatedFlash _flash = SimulatedHardware.Current.Flash;
        private readonly string _name;
        private readonly MemoryStream _bytes = new();
        private readonly bool _isWritten;

        internal FileStream(string path, FileMode mode, FileAccess access)
        {
            _name = SimulatedFlash.NameOf(path);
            _isWritten = access == FileAccess.Write;
            if (mode == FileMode.Open)
            {
                _bytes.Write(_flash.ReadAll(_name) ?? throw new IOException("There is no such file."));
                _bytes.Position = 0;
            }
        }

        public long Length => _bytes.Length;

        public int Read(byte[] buffer, int offset, int count) => _bytes.Read(buffer, offset, count);

        public void Write(byte[] buffer, int offset, int count) => _bytes.Write(buffer, offset, count);

        public void Close() => Dispose();

        public void Dispose()
        {
            if (_isWritten && _bytes.CanWrite)
            {
                var length = (int)_bytes.Length;
                var bytes = _bytes.GetBuffer();
                _bytes.Dispose();
                _flash.Write(_name, bytes, length);
            }
        }
    }
}
