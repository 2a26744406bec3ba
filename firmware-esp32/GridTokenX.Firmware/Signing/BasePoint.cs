namespace GridTokenX.Firmware.Signing
{
    /// <summary>
    /// Multiplies the Ed25519 base point by a secret scalar: a comb of four teeth over two tables, 31 doublings and 64
    /// additions for every scalar alike. The table index depends on secret bits; the tables stand in the ESP32's
    /// internal RAM, which has no cache in front of it, so the time does not.
    /// </summary>
    internal sealed class BasePoint
    {
        private const int Columns = 32;

        // Extended coordinates (x = X/Z, y = Y/Z, X·Y = Z·T) of the sum so far.
        private readonly int[] _x = new int[Field.Limbs];
        private readonly int[] _y = new int[Field.Limbs];
        private readonly int[] _z = new int[Field.Limbs];
        private readonly int[] _t = new int[Field.Limbs];

        private readonly int[] _e = new int[Field.Limbs];
        private readonly int[] _f = new int[Field.Limbs];
        private readonly int[] _g = new int[Field.Limbs];
        private readonly int[] _h = new int[Field.Limbs];
        private readonly int[] _a = new int[Field.Limbs];
        private readonly int[] _b = new int[Field.Limbs];
        private readonly FieldInverse _inverse = new FieldInverse();
        private readonly byte[] _xBytes = new byte[32];

        /// <summary>
        /// Writes the encoding (RFC 8032, 5.1.2) of scalar·B into <paramref name="output"/>, 32 bytes.
        /// </summary>
        /// <param name="scalar">32 bytes, little-endian; the 256 bits are used as they are.</param>
        /// <param name="output">32 bytes.</param>
        internal void Multiply(byte[] scalar, byte[] output)
        {
            Field.Set(_x, 0);
            Field.Set(_y, 1);
            Field.Set(_z, 1);
            Field.Set(_t, 0);
            for (var column = Columns - 1; column >= 0; column--)
            {
                if (column != Columns - 1)
                {
                    Double();
                }

                AddEntry(CombTables.EntriesPerTable + Teeth(scalar, column + Columns), true);
                AddEntry(Teeth(scalar, column), false);
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
        }

        /// <summary>Bits <paramref name="bit"/>, +64, +128 and +192 of the scalar as a number below 16.</summary>
        private static int Teeth(byte[] scalar, int bit)
        {
            var at = bit >> 3;
            var shift = bit & 7;
            return ((scalar[at] >> shift) & 1)
                | (((scalar[at + 8] >> shift) & 1) << 1)
                | (((scalar[at + 16] >> shift) & 1) << 2)
                | (((scalar[at + 24] >> shift) & 1) << 3);
        }

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

        /// <summary>Adds a comb entry. T is only wanted when another addition follows.</summary>
        private void AddEntry(int entry, bool wantsT)
        {
            var at = entry * CombTables.IntsPerEntry;
            System.Array.Copy(CombTables.Entries, at, _b, 0, Field.Limbs);
            System.Array.Copy(CombTables.Entries, at + Field.Limbs, _a, 0, Field.Limbs);
            Field.Add(_h, _y, _x);
            Field.Multiply(_b, _h, _b);
            Field.Subtract(_e, _y, _x);
            Field.Multiply(_a, _e, _a);
            Field.Subtract(_e, _b, _a);
            Field.Add(_h, _b, _a);
            System.Array.Copy(CombTables.Entries, at + (2 * Field.Limbs), _a, 0, Field.Limbs);
            Field.Multiply(_a, _t, _a);
            Field.Add(_g, _z, _z);
            Field.Subtract(_f, _g, _a);
            Field.Add(_g, _g, _a);
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
