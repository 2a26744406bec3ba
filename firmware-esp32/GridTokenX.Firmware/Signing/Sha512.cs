// SHA-512 (FIPS 180-4, RFC 6234), which nanoFramework does not have.

namespace GridTokenX.Firmware.Signing
{
    public sealed class Sha512
    {
        public const int HashLength = 64;

        private const int BlockLength = 128;
        private const int Rounds = 80;

        // The first 64 bits of the fractional parts of the cube roots of the first 80 primes.
        private static readonly ulong[] K =
        {
            0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
            0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
            0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
            0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
            0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
            0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
            0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
            0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
            0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
            0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
            0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
            0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
            0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
            0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
            0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
            0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
            0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
            0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
            0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
            0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
        };

        private readonly ulong[] _state = new ulong[8];
        private readonly ulong[] _w = new ulong[Rounds];
        private readonly byte[] _block = new byte[BlockLength];
        private int _used;
        private long _length;

        /// <summary>Begins a new message.</summary>
        public void Reset()
        {
            _state[0] = 0x6a09e667f3bcc908;
            _state[1] = 0xbb67ae8584caa73b;
            _state[2] = 0x3c6ef372fe94f82b;
            _state[3] = 0xa54ff53a5f1d36f1;
            _state[4] = 0x510e527fade682d1;
            _state[5] = 0x9b05688c2b3e6c1f;
            _state[6] = 0x1f83d9abfb41bd6b;
            _state[7] = 0x5be0cd19137e2179;
            _used = 0;
            _length = 0;
        }

        public void Update(byte[] data, int offset, int count)
        {
            _length += count;
            while (count > 0)
            {
                var part = BlockLength - _used;
                if (part > count)
                {
                    part = count;
                }

                System.Array.Copy(data, offset, _block, _used, part);
                _used += part;
                offset += part;
                count -= part;
                if (_used == BlockLength)
                {
                    Compress();
                    _used = 0;
                }
            }
        }

        /// <summary>Writes the 64 bytes of the hash and wipes the message from memory.</summary>
        public void Finish(byte[] hash)
        {
            _block[_used] = 0x80;
            _used++;
            if (_used > BlockLength - 16)
            {
                System.Array.Clear(_block, _used, BlockLength - _used);
                Compress();
                _used = 0;
            }

            System.Array.Clear(_block, _used, BlockLength - _used);
            var bits = _length << 3;
            for (var i = BlockLength - 1; i >= BlockLength - 8; i--)
            {
                _block[i] = (byte)(bits & 0xFF);
                bits >>= 8;
            }

            Compress();
            for (var i = 0; i < HashLength; i++)
            {
                hash[i] = (byte)((_state[i >> 3] >> (56 - ((i & 7) << 3))) & 0xFF);
            }

            System.Array.Clear(_block, 0, BlockLength);
            System.Array.Clear(_w, 0, Rounds);
        }

        private void Compress()
        {
            Schedule();
            var w = _w;
            var a = _state[0];
            var b = _state[1];
            var c = _state[2];
            var d = _state[3];
            var e = _state[4];
            var f = _state[5];
            var g = _state[6];
            var h = _state[7];
            for (var i = 0; i < Rounds; i++)
            {
                var t = h + K[i] + w[i] + (g ^ (e & (f ^ g)))
                    + (((e >> 14) | (e << 50)) ^ ((e >> 18) | (e << 46)) ^ ((e >> 41) | (e << 23)));
                h = g;
                g = f;
                f = e;
                e = d + t;
                t += (((a >> 28) | (a << 36)) ^ ((a >> 34) | (a << 30)) ^ ((a >> 39) | (a << 25)))
                    + ((a & b) | (c & (a | b)));
                d = c;
                c = b;
                b = a;
                a = t;
            }

            _state[0] += a;
            _state[1] += b;
            _state[2] += c;
            _state[3] += d;
            _state[4] += e;
            _state[5] += f;
            _state[6] += g;
            _state[7] += h;
        }

        private void Schedule()
        {
            var w = _w;
            var block = _block;
            for (var i = 0; i < 16; i++)
            {
                var at = i << 3;
                w[i] = ((ulong)block[at] << 56) | ((ulong)block[at + 1] << 48) | ((ulong)block[at + 2] << 40)
                    | ((ulong)block[at + 3] << 32) | ((ulong)block[at + 4] << 24) | ((ulong)block[at + 5] << 16)
                    | ((ulong)block[at + 6] << 8) | block[at + 7];
            }

            for (var i = 16; i < Rounds; i++)
            {
                var s0 = w[i - 15];
                var s1 = w[i - 2];
                w[i] = w[i - 16] + w[i - 7]
                    + (((s0 >> 1) | (s0 << 63)) ^ ((s0 >> 8) | (s0 << 56)) ^ (s0 >> 7))
                    + (((s1 >> 19) | (s1 << 45)) ^ ((s1 >> 61) | (s1 << 3)) ^ (s1 >> 6));
            }
        }
    }
}
