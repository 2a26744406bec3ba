using GridTokenX.Firmware.Signing;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Uplink
{
    /// <summary>A lock or release command as it arrived; believed only after <see cref="IsAuthentic"/>.</summary>
    internal sealed class CommandMessage
    {
        private const int UuidLength = 36;
        private const int TextMax = 64;

        private readonly char[] _text = new char[TextMax];
        private readonly byte[] _canonical = new byte[CommandBytes.Length];

        internal long Counter;
        internal int Kind;
        internal long EnergyWh;
        internal long Expires;
        internal readonly byte[] Order = new byte[CommandBytes.OrderLength];
        internal readonly byte[] Mac = new byte[CommandBytes.MacLength];

        /// <summary>Every member there once, well formed, and the device this one.</summary>
        internal bool TryParse(JsonReader json, string device)
        {
            var seen = 0;
            while (json.Next())
            {
                var member = 0;
                if (json.Is("device"))
                {
                    member = json.IsString(device) ? 1 : -1;
                }
                else if (json.Is("counter"))
                {
                    member = json.TryGetInt64(out Counter) ? 2 : -1;
                }
                else if (json.Is("kind"))
                {
                    Kind = json.IsString("lock") ? CommandBytes.KindLock : CommandBytes.KindRelease;
                    member = Kind == CommandBytes.KindLock || json.IsString("release") ? 4 : -1;
                }
                else if (json.Is("order"))
                {
                    member = TryGetOrder(json) ? 8 : -1;
                }
                else if (json.Is("energy_wh"))
                {
                    member = json.TryGetInt64(out EnergyWh) ? 16 : -1;
                }
                else if (json.Is("expires"))
                {
                    member = json.TryGetInt64(out Expires) ? 32 : -1;
                }
                else if (json.Is("mac"))
                {
                    member = TryGetMac(json) ? 64 : -1;
                }

                if (member < 0 || (seen & member) != 0)
                {
                    return false;
                }

                seen |= member;
            }

            return json.IsWhole && seen == 127;
        }

        internal bool IsAuthentic(IMac engine, byte[] commandKey, byte[] device)
        {
            CommandBytes.Write(_canonical, device, Counter, Kind, Order, EnergyWh, Expires);
            return CommandMac.IsValid(engine, commandKey, _canonical, Mac);
        }

        private bool TryGetMac(JsonReader json) =>
            json.TryGetString(_text, out var length)
            && Base58.TryDecode(_text, length, Mac, CommandBytes.MacLength);

        private bool TryGetOrder(JsonReader json)
        {
            if (!json.TryGetString(_text, out var length) || length != UuidLength)
            {
                return false;
            }

            var at = 0;
            for (var i = 0; i < CommandBytes.OrderLength; i++)
            {
                if ((i == 4 || i == 6 || i == 8 || i == 10) && _text[at++] != '-')
                {
                    return false;
                }

                var high = HexValue(_text[at]);
                var low = HexValue(_text[at + 1]);
                at += 2;
                if (high < 0 || low < 0)
                {
                    return false;
                }

                Order[i] = (byte)((high << 4) | low);
            }

            return true;
        }

        private static int HexValue(char digit)
        {
            if (digit >= '0' && digit <= '9')
            {
                return digit - '0';
            }

            var lower = digit | 0x20;
            return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
        }
    }
}
