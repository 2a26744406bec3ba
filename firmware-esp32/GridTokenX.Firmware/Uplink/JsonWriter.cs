using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Uplink
{
    /// <summary>
    /// Writes one flat JSON object of ASCII names, strings and integers into a buffer that is used again.
    /// </summary>
    internal sealed class JsonWriter
    {
        // The longest message, a state, has about 460 bytes.
        internal const int Capacity = 640;
        private const string HexDigits = "0123456789abcdef";
        private const long SecondsPerDay = 86400;

        private readonly byte[] _buffer = new byte[Capacity];
        private readonly byte[] _digits = new byte[20];
        private int _at;

        /// <summary>The message, until the next one is begun.</summary>
        internal byte[] Buffer => _buffer;

        internal void Begin()
        {
            _at = 0;
            Put('{');
        }

        /// <returns>The message's length in <see cref="Buffer"/>.</returns>
        internal int End()
        {
            Put('}');
            return _at;
        }

        internal void Member(string name, long value)
        {
            Name(name);
            Number(value, 1);
        }

        internal void Member(string name, bool value)
        {
            Name(name);
            Ascii(value ? "true" : "false");
        }

        /// <param name="name">The member's name.</param>
        /// <param name="value">Needs no escapes.</param>
        internal void Member(string name, string value)
        {
            Name(name);
            Put('"');
            Ascii(value);
            Put('"');
        }

        /// <summary>Bytes in Base58.</summary>
        internal void MemberBase58(string name, byte[] bytes, int offset, int count)
        {
            Name(name);
            Put('"');
            _at += Base58.Encode(bytes, offset, count, _buffer, _at);
            Put('"');
        }

        /// <summary>A time as <c>2026-01-31T12:15:00Z</c>.</summary>
        internal void MemberTime(string name, long unixSeconds)
        {
            Name(name);
            Put('"');
            var second = (int)(unixSeconds % SecondsPerDay);
            Date(unixSeconds / SecondsPerDay);
            Put('T');
            Number(second / 3600, 2);
            Put(':');
            Number(second / 60 % 60, 2);
            Put(':');
            Number(second % 60, 2);
            Put('Z');
            Put('"');
        }

        /// <summary>16 bytes as a UUID.</summary>
        internal void MemberUuid(string name, byte[] bytes)
        {
            Name(name);
            Put('"');
            for (var i = 0; i < CommandBytes.OrderLength; i++)
            {
                if (i == 4 || i == 6 || i == 8 || i == 10)
                {
                    Put('-');
                }

                Put(HexDigits[bytes[i] >> 4]);
                Put(HexDigits[bytes[i] & 0xF]);
            }

            Put('"');
        }

        /// <summary>
        /// Days since 1970 in the Gregorian calendar, counted from 1 March, so that the leap day comes last.
        /// </summary>
        private void Date(long days)
        {
            var fromMarch0000 = days + 719468;
            var era = fromMarch0000 / 146097;
            var dayOfEra = fromMarch0000 - (era * 146097);
            var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36524) - (dayOfEra / 146096)) / 365;
            var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
            var month = ((5 * dayOfYear) + 2) / 153;
            var day = dayOfYear - (((153 * month) + 2) / 5) + 1;
            var isAfterDecember = month >= 10;
            Number((era * 400) + yearOfEra + (isAfterDecember ? 1 : 0), 4);
            Put('-');
            Number(isAfterDecember ? month - 9 : month + 3, 2);
            Put('-');
            Number(day, 2);
        }

        private void Name(string name)
        {
            if (_at > 1)
            {
                Put(',');
            }

            Put('"');
            Ascii(name);
            Put('"');
            Put(':');
        }

        private void Number(long value, int digitsMin)
        {
            if (value < 0)
            {
                Put('-');
                value = -value;
            }

            var count = 0;
            while (value > 0 || count < digitsMin)
            {
                _digits[count] = (byte)('0' + (int)(value % 10));
                value /= 10;
                count++;
            }

            while (count > 0)
            {
                count--;
                _buffer[_at] = _digits[count];
                _at++;
            }
        }

        private void Ascii(string text)
        {
            for (var i = 0; i < text.Length; i++)
            {
                Put(text[i]);
            }
        }

        private void Put(char character)
        {
            _buffer[_at] = (byte)character;
            _at++;
        }
    }
}
