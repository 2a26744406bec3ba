namespace GridTokenX.Firmware.Signing
{
    /// <summary>
    /// Multiplies the Ed25519 base point by a secret scalar: a comb of five teeth, each a digit of plus or minus one,
    /// over two tables; 25 doublings and 52 additions for every scalar alike. The table index depends on secret bits;
    /// the tables stand in the ESP32's internal RAM, which has no cache in front of it, so the time does not.
    /// </summary>
    internal sealed class BasePoint
    {
        private const int Columns = Scalar.Digits / 5;
        private const int ColumnsPerTable = Columns / 2;

        // Extended coordinates (x = X/Z, y = Y/Z, X·Y = Z·T) of the sum so far.
        private readonly int[] _x = new int[Field.Limbs];
        private readonly int[] _y = new int[Field.Limbs];
        private readonly int[] _z = new int[Field.Limbs];
        private readonly int[] _t = new int[Field.Limbs];

        private readonly int[] _e = new int[Field.Limbs];
        private readonly int[][] _fg = { new int[Field.Limbs], new int[Field.Limbs] };
        private readonly int[] _f;
        private readonly int[] _g;
        private readonly int[] _h = new int[Field.Limbs];
        private readonly int[] _a = new int[Field.Limbs];
        private readonly int[] _b = new int[Field.Limbs];
        private readonly Scalar _arithmetic;
        private readonly byte[] _digits = new byte[Scalar.DigitBytes];
        private readonly FieldInverse _inverse = new FieldInverse();
        private readonly byte[] _xBytes = new byte[32];

        /// <param name="arithmetic">May be used for other things between two multiplications.</param>
        internal BasePoint(Scalar arithmetic)
        {
            _arithmetic = arithmetic;
            _f = _fg[0];
            _g = _fg[1];
        }

        /// <summary>
        /// Writes the encoding (RFC 8032, 5.1.2) of scalar·B into <paramref name="output"/>, 32 bytes.
        /// </summary>
        /// <param name="scalar">32 bytes, little-endian, any value.</param>
        /// <param name="output">32 bytes.</param>
        internal void Multiply(byte[] scalar, byte[] output)
        {
            _arithmetic.ToPlusMinus(_digits, scalar);
            Field.Set(_x, 0);
            Field.Set(_y, 1);
            Field.Set(_z, 1);
            Field.Set(_t, 0);
            for (var column = ColumnsPerTable - 1; column >= 0; column--)
            {
                if (column != ColumnsPerTable - 1)
                {
                    Double();
                }

                AddEntry(1, column + ColumnsPerTable, true);
                AddEntry(0, column, false);
            }

            Encode(output);
        }

        /// <summary>Wipes what the last multiplication left: partial sums tell about the scalar.</summary>
        internal void Clear()
        {
            Field.Set(_x, 0);
            Field.Set(_y, 0);
            Field.Set(_z, 0);
            Field.Set(_t, 0);
            Field.Set(_e, 0);
            Field.Set(_f, 0);
            Field.Set(_g, 0);
            Field.Set(_h, 0);
            Field.Set(_a, 0);
            Field.Set(_b, 0);
            System.Array.Clear(_digits, 0, _digits.Length);
        }

        private int Plus(int digit) => (_digits[digit >> 3] >> (digit & 7)) & 1;

        private void Double()
        {
            Field.Square(_a, _x);
            Field.Square(_b, _y);
            Field.Square(_f, _z);
            Field.Add(_e, _x, _y);
            Field.Square(_e, _e);
            Field.Add(_h, _b, _a);
            Field.Subtract(_g, _b, _a);
            Field.Subtract(_e, _e, _h);
            Field.Add(_f, _f, _f);
            Field.Subtract(_f, _f, _g);
            Complete(true);
        }

        /// <summary>
        /// Adds the comb entry of digits <paramref name="column"/>, +52, +104, +156 and +208, or its negative where the
        /// highest is a minus: then y + x and y − x change places, and 2·d·x·y its sign. T is only wanted when another
        /// addition follows.
        /// </summary>
        private void AddEntry(int table, int column, bool wantsT)
        {
            var minus = 1 - Plus(column + (4 * Columns));
            var entry = Plus(column)
                | (Plus(column + Columns) << 1)
                | (Plus(column + (2 * Columns)) << 2)
                | (Plus(column + (3 * Columns)) << 3);
            entry ^= (CombTables.EntriesPerTable - 1) * minus;
            var at = ((table * CombTables.EntriesPerTable) + entry) * CombTables.IntsPerEntry;
            System.Array.Copy(CombTables.Entries, at + (minus * Field.Limbs), _b, 0, Field.Limbs);
            System.Array.Copy(CombTables.Entries, at + ((1 - minus) * Field.Limbs), _a, 0, Field.Limbs);
            Field.Add(_h, _y, _x);
            Field.Multiply(_b, _h, _b);
            Field.Subtract(_e, _y, _x);
            Field.Multiply(_a, _e, _a);
            Field.Subtract(_e, _b, _a);
            Field.Add(_h, _b, _a);
            System.Array.Copy(CombTables.Entries, at + (2 * Field.Limbs), _a, 0, Field.Limbs);
            Field.Multiply(_a, _t, _a);
            Field.Add(_b, _z, _z);
            Field.Subtract(_fg[minus], _b, _a);
            Field.Add(_fg[1 - minus], _b, _a);
            Complete(wantsT);
        }

        /// <summary>(X, Y, Z, T) = (E·F, G·H, F·G, E·H).</summary>
        private void Complete(bool wantsT)
        {
            Field.Multiply(_x, _e, _f);
            Field.Multiply(_y, _g, _h);
            Field.Multiply(_z, _f, _g);
            if (wantsT)
            {
                Field.Multiply(_t, _e, _h);
            }
        }

        private void Encode(byte[] output)
        {
            _inverse.Invert(_a, _z);
            Field.Multiply(_x, _x, _a);
            Field.Multiply(_y, _y, _a);
            _inverse.Encode(output, _y);
            _inverse.Encode(_xBytes, _x);
            output[31] = (byte)(output[31] | ((_xBytes[0] & 1) << 7));
        }
    }
}
