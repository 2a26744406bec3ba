using System.IO;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>Files on the internal drive (littlefs, 256 KB).</summary>
    internal sealed class FlashFiles : IFlash
    {
        private const string Drive = "I:\\";

        public int Read(string name, byte[] buffer)
        {
            var path = Drive + name;
            if (!File.Exists(path))
            {
                return -1;
            }

            using (var file = new FileStream(path, FileMode.Open, FileAccess.Read))
            {
                var length = (int)file.Length;
                var wanted = length < buffer.Length ? length : buffer.Length;
                var got = 0;
                while (got < wanted)
                {
                    var part = file.Read(buffer, got, wanted - got);
                    if (part <= 0)
                    {
                        break;
                    }

                    got += part;
                }

                return length;
            }
        }

        public void Write(string name, byte[] data, int length)
        {
            using (var file = new FileStream(Drive + name, FileMode.Create, FileAccess.Write))
            {
                file.Write(data, 0, length);
            }
        }

        public void Delete(string name)
        {
            var path = Drive + name;
            if (File.Exists(path))
            {
                File.Delete(path);
            }
        }
    }
}
