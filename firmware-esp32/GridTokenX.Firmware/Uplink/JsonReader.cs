namespace GridTokenX.Firmware.Uplink
{
    /// <summary>
    /// Walks through the members of one JSON object without making objects of them: Next, then Is and a Try… for what
    /// is wanted. Members nobody asks for are passed over, whatever they hold. Names and strings with escapes match
    /// nothing.
    /// </summary>
    internal sealed class JsonReader
    {
        private const int DepthMax = 8;

        private byte[] _data;
        private int _at;
        private bool _begun;
        private bool _failed;
        private bool _ended;
        private int _nameAt;
        private int _nameLength;
        private int _valueAt;
        private int _valueLength;

        /// <summary>
        /// The text was one object from its first to its last byte, and all of it has been walked through.
        /// </summary>
        internal bool IsWhole => _ended && !_failed;

        internal void Reset(byte[] data)
        {
            _data = data;
            _at = 0;
            _begun = false;
            _failed = false;
            _ended = false;
        }

        /// <summary>Goes to the next member; false at the end, and for text that is no JSON object.</summary>
        internal bool Next()
        {
            if (_failed || _ended)
            {
                return false;
            }

            var hasMember = _begun ? AfterMember() : AtBegin();
            _begun = true;
            if (!hasMember)
            {
                return false;
            }

            return (ScanString(out _nameAt, out _nameLength) && Take(':') && ScanValue()) || Fail();
        }

        internal bool Is(string name) => Matches(_nameAt, _nameLength, name);

        /// <summary>The value is this string.</summary>
        internal bool IsString(string text) => IsQuoted() && Matches(_valueAt + 1, _valueLength - 2, text);

        /// <summary>The string's bytes between the quotes; false when it is none, or longer than the buffer.</summary>
        internal bool TryGetString(char[] buffer, out int length)
        {
            length = _valueLength - 2;
            if (!IsQuoted() || length > buffer.Length)
            {
                return false;
            }

            for (var i = 0; i < length; i++)
            {
                buffer[i] = (char)_data[_valueAt + 1 + i];
            }

            return true;
        }

        /// <summary>Copies the string's bytes; their number, or -1 as TryGetString says false.</summary>
        internal int TryCopyString(byte[] buffer)
        {
            var length = _valueLength - 2;
            if (!IsQuoted() || length > buffer.Length)
            {
                return -1;
            }

            for (var i = 0; i < length; i++)
            {
                buffer[i] = _data[_valueAt + 1 + i];
                if (buffer[i] == '\\')
                {
                    return -1;
                }
            }

            return length;
        }

        /// <summary>
        /// A whole number in the range of a long but its lowest, written as JSON writes it without exponent.
        /// </summary>
        internal bool TryGetInt64(out long value)
        {
            value = 0;
            var at = _valueAt;
            var end = _valueAt + _valueLength;
            var isNegative = _data[at] == '-';
            if (isNegative)
            {
                at++;
            }

            if (at == end || end - at > 19 || (_data[at] == '0' && end - at > 1))
            {
                return false;
            }

            for (; at < end; at++)
            {
                var digit = _data[at] - '0';
                if (digit < 0 || digit > 9 || value > (long.MaxValue - digit) / 10)
                {
                    return false;
                }

                value = (value * 10) + digit;
            }

            if (isNegative)
            {
                value = -value;
            }

            return true;
        }

        private bool IsQuoted() => _data[_valueAt] == '"';

        private bool AtBegin()
        {
            if (!Take('{'))
            {
                return Fail();
            }

            return !Take('}') || End();
        }

        private bool AfterMember()
        {
            if (Take(','))
            {
                return true;
            }

            return Take('}') ? End() : Fail();
        }

        private bool End()
        {
            SkipSpace();
            _ended = true;
            _failed = _at != _data.Length;
            return false;
        }

        private bool Fail()
        {
            _failed = true;
            return false;
        }

        private bool ScanValue()
        {
            SkipSpace();
            _valueAt = _at;
            var isScanned = _at < _data.Length && ScanAny();
            _valueLength = _at - _valueAt;
            return isScanned && _valueLength > 0;
        }

        private bool ScanAny()
        {
            var first = _data[_at];
            if (first == '"')
            {
                return ScanString(out _, out _);
            }

            return first == '{' || first == '[' ? ScanNested() : ScanLiteral();
        }

        private bool ScanLiteral()
        {
            while (_at < _data.Length && IsLiteral(_data[_at]))
            {
                _at++;
            }

            return true;
        }

        private static bool IsLiteral(int character) =>
            (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z')
            || character == '-' || character == '+' || character == '.' || character == 'E';

        private bool ScanNested()
        {
            var depth = 0;
            while (_at < _data.Length)
            {
                var character = _data[_at];
                if (character == '"')
                {
                    if (!ScanString(out _, out _))
                    {
                        return false;
                    }

                    continue;
                }

                _at++;
                if (character == '{' || character == '[')
                {
                    depth++;
                }
                else if (character == '}' || character == ']')
                {
                    depth--;
                }

                if (depth == 0 || depth > DepthMax)
                {
                    return depth == 0;
                }
            }

            return false;
        }

        private bool ScanString(out int at, out int length)
        {
            at = 0;
            length = 0;
            if (!Take('"'))
            {
                return false;
            }

            at = _at;
            while (_at < _data.Length && _data[_at] != '"')
            {
                // What a backslash hides is passed over; control characters are not JSON.
                if (_data[_at] < ' ')
                {
                    return false;
                }

                _at += _data[_at] == '\\' ? 2 : 1;
            }

            length = _at - at;
            _at++;
            return _at <= _data.Length;
        }

        private bool Take(char character)
        {
            SkipSpace();
            if (_at >= _data.Length || _data[_at] != character)
            {
                return false;
            }

            _at++;
            return true;
        }

        private void SkipSpace()
        {
            while (_at < _data.Length
                && (_data[_at] == ' ' || _data[_at] == '\n' || _data[_at] == '\r' || _data[_at] == '\t'))
            {
                _at++;
            }
        }

        private bool Matches(int at, int length, string text)
        {
            if (length != text.Length)
            {
                return false;
            }

            for (var i = 0; i < length; i++)
            {
                if (_data[at + i] != text[i])
                {
                    return false;
                }
            }

            return true;
        }
    }
}
