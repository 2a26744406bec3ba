#nullable enable
using System;
using System.Collections.Generic;
using System.IO;

namespace GridTokenX.Firmware.Board
{
    /// <summary>What a write leaves behind the bytes that it got into the file before the power failed.</summary>
    public enum Tear
    {
        /// <summary>Nothing: the file ends there.</summary>
        Truncated,

        /// <summary>What the file held there before.</summary>
        Overwritten,

        /// <summary>A byte that is neither old nor new, then what the file held before.</summary>
        Garbled,
    }

    /// <summary>
    /// The board's flash: in memory, and in a folder as well when one is given, so that a device outlives the process.
    /// Power can be made to fail at any byte of any change.
    /// </summary>
    public sealed partial class SimulatedFlash
    {
        private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
        private readonly string? _folder;
        private long _cutAtChange;
        private int _cutAfterBytes;
        private Tear _cutTear;

        /// <param name="folder">Is made when it is not there; null keeps everything in memory.</param>
        public SimulatedFlash(string? folder = null)
        {
            _folder = folder;
            if (folder is null)
            {
                return;
            }

            foreach (var path in Directory.CreateDirectory(folder).EnumerateFiles())
            {
                _files[path.Name] = File.ReadAllBytes(path.FullName);
            }
        }

        /// <summary>A file is about to be written, or deleted when there are no bytes; raised on the firmware's thread.
        /// </summary>
        public event Action<string, byte[]?>? Changing;

        /// <summary>A file was deleted; raised on the firmware's thread.</summary>
        public event Action<string>? Deleted;

        /// <summary>Writes and deletions so far.</summary>
        public long Changes { get; private set; }

        public long BytesWritten { get; private set; }

        public bool IsPowered { get; private set; } = true;

        /// <summary>When set, every write fails as on a full file system.</summary>
        public bool IsFull { get; set; }

        /// <summary>What half a write leaves of a file when the flash is full; null: the file as it was.</summary>
        public Tear? FullLeaves { get; set; }

        public IReadOnlyCollection<string> Names => _files.Keys;

        /// <summary>
        /// Power fails during the change of this number (the first one ever is 1): only the first <paramref
        /// name="bytes"/> of a write get into the file, none of it when that is negative and the file is gone; a
        /// deletion happens unless it is negative.
        /// </summary>
        public void CutPowerAt(long change, int bytes, Tear tear = Tear.Truncated)
        {
            _cutAtChange = change;
            _cutAfterBytes = bytes;
            _cutTear = tear;
        }

        /// <summary>What a write that was cut after so many bytes leaves of a file.</summary>
        /// <param name="old">What the file held; null when there was none.</param>
        /// <param name="wanted">What it was to hold.</param>
        /// <param name="bytes">Written whole.</param>
        /// <param name="tear">What follows them.</param>
        public static byte[] Torn(byte[]? old, ReadOnlySpan<byte> wanted, int bytes, Tear tear)
        {
            var written = wanted[..Math.Min(bytes, wanted.Length)];
            if (tear == Tear.Truncated || written.Length == wanted.Length)
            {
                return written.ToArray();
            }

            var rest = old is not null && old.Length > written.Length ? old[written.Length..] : [];
            if (tear == Tear.Garbled)
            {
                // Bits of a byte that was being programmed: neither the old one nor the new one.
                rest = rest.Length == 0 ? new byte[1] : rest;
                rest[0] = (byte)(wanted[written.Length] ^ 0x5A);
            }

            return [.. written, .. rest];
        }

        /// <summary>Every file as it is now.</summary>
        public IReadOnlyDictionary<string, byte[]> Snapshot() =>
            new Dictionary<string, byte[]>(_files, StringComparer.Ordinal);

        public void PowerOn() => IsPowered = true;

        /// <summary>From now on nothing can be read or written until the power is back.</summary>
        public void CutPower() => IsPowered = false;

        public bool Has(string name)
        {
            CheckPower();
            return _files.ContainsKey(name);
        }

        /// <summary>A file's bytes; null when there is none.</summary>
        public byte[]? ReadAll(string name)
        {
            CheckPower();
            return _files.GetValueOrDefault(name);
        }

        /// <summary>Puts a file there as the installer's tool does: no matter of power.</summary>
        public void Install(string name, byte[] bytes) => Put(name, bytes);

        /// <summary>Flips one bit of a file, as worn flash does.</summary>
        public void Damage(string name, int byteIndex)
        {
            var bytes = (byte[])_files[name].Clone();
            bytes[byteIndex] ^= 1;
            Put(name, bytes);
        }

        public int Read(string name, byte[] buffer)
        {
            CheckPower();
            if (!_files.TryGetValue(name, out var bytes))
            {
                return -1;
            }

            Array.Copy(bytes, buffer, Math.Min(bytes.Length, buffer.Length));
            return bytes.Length;
        }

        public void Write(string name, byte[] data, int length)
        {
            CheckPower();
            var wanted = data.AsSpan(0, length);
            if (IsFull)
            {
                if (FullLeaves is { } tear)
                {
                    Put(name, Torn(_files.GetValueOrDefault(name), wanted, length / 2, tear));
                }

                throw new IOException("The flash is full.");
            }

            Changing?.Invoke(name, wanted.ToArray());
            Changes++;
            if (Changes == _cutAtChange)
            {
                if (_cutAfterBytes < 0)
                {
                    Remove(name);
                }
                else
                {
                    Put(name, Torn(_files.GetValueOrDefault(name), wanted, _cutAfterBytes, _cutTear));
                }

                FailPower();
            }

            Put(name, data.AsSpan(0, length).ToArray());
            BytesWritten += length;
        }

        public void Delete(string name)
        {
            CheckPower();
            Changing?.Invoke(name, null);
            Changes++;
            if (Changes == _cutAtChange)
            {
                if (_cutAfterBytes >= 0)
                {
                    Remove(name);
                }

                FailPower();
            }

            Remove(name);
            Deleted?.Invoke(name);
        }

        /// <summary>The name of a file on the internal drive, <c>I:\name</c>.</summary>
        internal static string NameOf(string path) =>
            path.StartsWith("I:\\", StringComparison.Ordinal)
                ? path[3..]
                : throw new ArgumentException("Files are on drive I:.", nameof(path));

        private void FailPower()
        {
            IsPowered = false;
            throw new PowerCutException();
        }

        private void CheckPower()
        {
            if (!IsPowered)
            {
                throw new PowerCutException();
            }
        }

        private void Put(string name, byte[] bytes)
        {
            _files[name] = bytes;
            if (_folder is not null)
            {
                // Written aside and moved: the process may be killed, and its files are not what is tested then.
                var path = Path.Combine(_folder, name);
                File.WriteAllBytes(path + ".new", bytes);
                File.Move(path + ".new", path, overwrite: true);
            }
        }

        private void Remove(string name)
        {
            _files.Remove(name);
            if (_folder is not null)
            {
                File.Delete(Path.Combine(_folder, name));
            }
        }
    }
}
