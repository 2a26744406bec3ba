// QR code of version 4-L (ISO/IEC 18004): 33 x 33 modules, byte mode, one block of 80 data and 20 check codewords.
//
//   | mode 4 (4 bits) | length (8) | text | end (4) | padding EC 11 EC … | Reed-Solomon over GF(256), 11D |
//
// The mask is always the checkerboard: readers take any, and what is shown here is a key, which looks like noise.

using System;

namespace GridTokenX.Firmware.Panel
{
    /// <summary>Made when somebody presses the button, printed, and forgotten: some 3 KB of heap meanwhile.</summary>
    public sealed class QrCode
    {
        public const int Size = 33;

        /// <summary>ASCII characters that fit.</summary>
        public const int TextMax = 78;

        /// <summary>Lines of text that show it, two rows of modules each.</summary>
        public const int Lines = (Size + (2 * Quiet) + 1) / 2;

        private const int Quiet = 4;
        private const int DataLength = 80;
        private const int CheckLength = 20;
        private const int Field = 0x11D;
        private const int Alignment = 26;
        private const int FormatOfMask0L = 0x77C4; // 01 000, its BCH check, and the standard's mask over both
        private const byte Dark = 1;
        private const byte Fixed = 2;

        private readonly byte[] _modules = new byte[Size * Size];

        /// <exception cref="ArgumentException">The text is too long.</exception>
        public QrCode(string text)
        {
            if (text.Length > TextMax)
            {
                throw new ArgumentException("No more than 78 characters fit into the code.");
            }

            DrawPatterns();
            Place(Codewords(text));
        }

        public bool IsDark(int column, int row) => (_modules[(row * Size) + column] & Dark) != 0;

        /// <summary>
        /// One line of block characters, 0 to Lines - 1. What is light is filled, as terminals are dark.
        /// </summary>
        public string Line(int line)
        {
            var text = new char[Size + (2 * Quiet)];
            for (var i = 0; i < text.Length; i++)
            {
                var isTop = IsLight(i - Quiet, (2 * line) - Quiet);
                var isBottom = (2 * line) + 1 < Size + (2 * Quiet) && IsLight(i - Quiet, (2 * line) + 1 - Quiet);
                if (isTop)
                {
                    text[i] = isBottom ? '\u2588' : '\u2580';
                }
                else
                {
                    text[i] = isBottom ? '\u2584' : ' ';
                }
            }

            return new string(text);
        }

        private bool IsLight(int column, int row) =>
            column < 0 || row < 0 || column >= Size || row >= Size || !IsDark(column, row);

        private void DrawPatterns()
        {
            for (var i = 0; i < Size; i++)
            {
                Set(6, i, (i & 1) == 0);
                Set(i, 6, (i & 1) == 0);
            }

            DrawFinder(3, 3);
            DrawFinder(Size - 4, 3);
            DrawFinder(3, Size - 4);
            for (var y = -2; y <= 2; y++)
            {
                for (var x = -2; x <= 2; x++)
                {
                    Set(Alignment + x, Alignment + y, Distance(x, y) != 1);
                }
            }

            DrawFormat();
        }

        /// <summary>A finder with its light border, as far as that lies in the code.</summary>
        private void DrawFinder(int column, int row)
        {
            for (var y = -4; y <= 4; y++)
            {
                for (var x = -4; x <= 4; x++)
                {
                    if (column + x >= 0 && column + x < Size && row + y >= 0 && row + y < Size)
                    {
                        var distance = Distance(x, y);
                        Set(column + x, row + y, distance != 2 && distance != 4);
                    }
                }
            }
        }

        private static int Distance(int x, int y)
        {
            var across = x < 0 ? -x : x;
            var along = y < 0 ? -y : y;
            return across > along ? across : along;
        }

        /// <summary>Twice: around the upper left finder, and beside the other two.</summary>
        private void DrawFormat()
        {
            for (var i = 0; i < 15; i++)
            {
                var isDark = ((FormatOfMask0L >> i) & 1) != 0;
                if (i < 8)
                {
                    Set(8, i < 6 ? i : i + 1, isDark);
                    Set(Size - 1 - i, 8, isDark);
                }
                else
                {
                    Set(i == 8 ? 7 : 14 - i, 8, isDark);
                    Set(8, Size - 15 + i, isDark);
                }
            }

            Set(8, Size - 8, true);
        }

        private void Set(int column, int row, bool isDark) =>
            _modules[(row * Size) + column] = (byte)(isDark ? Fixed | Dark : Fixed);

        private static byte[] Codewords(string text)
        {
            var codewords = new byte[DataLength + CheckLength];

            // After the four bits of the mode everything is half a byte off.
            codewords[0] = (byte)(0x40 | (text.Length >> 4));
            codewords[1] = (byte)(text.Length << 4);
            for (var i = 0; i < text.Length; i++)
            {
                codewords[i + 1] |= (byte)(text[i] >> 4);
                codewords[i + 2] = (byte)(text[i] << 4);
            }

            for (var i = text.Length + 2; i < DataLength; i++)
            {
                codewords[i] = (byte)(((i - text.Length) & 1) == 0 ? 0xEC : 0x11);
            }

            AddCheck(codewords);
            return codewords;
        }

        /// <summary>The remainder of the data by (x - 1)(x - 2)(x - 4) … of 20 powers of two.</summary>
        private static void AddCheck(byte[] codewords)
        {
            var divisor = new byte[CheckLength];
            divisor[CheckLength - 1] = 1;
            var root = 1;
            for (var i = 0; i < CheckLength; i++)
            {
                for (var j = 0; j < CheckLength; j++)
                {
                    var next = j + 1 < CheckLength ? divisor[j + 1] : 0;
                    divisor[j] = (byte)(Multiply(divisor[j], root) ^ next);
                }

                root = Multiply(root, 2);
            }

            for (var i = 0; i < DataLength; i++)
            {
                var factor = codewords[i] ^ codewords[DataLength];
                for (var j = 0; j < CheckLength; j++)
                {
                    var next = j + 1 < CheckLength ? codewords[DataLength + j + 1] : 0;
                    codewords[DataLength + j] = (byte)(next ^ Multiply(divisor[j], factor));
                }
            }
        }

        private static int Multiply(int left, int right)
        {
            var product = 0;
            for (; right != 0; right >>= 1)
            {
                if ((right & 1) != 0)
                {
                    product ^= left;
                }

                left <<= 1;
                if (left > 255)
                {
                    left ^= Field;
                }
            }

            return product;
        }

        /// <summary>In pairs of columns from the right, up and down in turn, past the timing column.</summary>
        private void Place(byte[] codewords)
        {
            var bit = 0;
            for (var pair = 0; pair < (Size - 1) / 2; pair++)
            {
                var right = Size - 1 - (2 * pair);
                if (right <= 6)
                {
                    right--;
                }

                for (var i = 0; i < Size; i++)
                {
                    var row = (pair & 1) == 0 ? Size - 1 - i : i;
                    bit = Place(codewords, bit, right, row);
                    bit = Place(codewords, bit, right - 1, row);
                }
            }
        }

        private int Place(byte[] codewords, int bit, int column, int row)
        {
            var at = (row * Size) + column;
            if ((_modules[at] & Fixed) != 0)
            {
                return bit;
            }

            // Seven modules remain when all codewords are placed: zeros under the mask.
            var value = bit < 8 * codewords.Length ? (codewords[bit >> 3] >> (7 - (bit & 7))) & 1 : 0;
            _modules[at] = (byte)(value ^ (((column + row) & 1) == 0 ? 1 : 0));
            return bit + 1;
        }
    }
}
