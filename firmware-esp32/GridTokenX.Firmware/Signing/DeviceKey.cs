using System;

namespace GridTokenX.Firmware.Signing
{
    /// <summary>
    /// The device's Ed25519 key pair (RFC 8032, section 5.1), made from its 32-byte seed. Signing allocates nothing and
    /// takes the same steps for every key and message of one length. Not for several threads at once.
    /// </summary>
    public sealed class DeviceKey
    {
        public const int SeedLength = 32;
        public const int PublicKeyLength = 32;
        public const int SignatureLength = 64;

        private readonly byte[] _scalar = new byte[Scalar.Length];
        private readonly byte[] _prefix = new byte[32];
        private readonly byte[] _publicKey = new byte[PublicKeyLength];
        private readonly Sha512 _sha = new Sha512();
        private readonly Scalar _arithmetic = new Scalar();
        private readonly BasePoint _basePoint;

        private readonly byte[] _hash = new byte[Sha512.HashLength];
        private readonly byte[] _nonce = new byte[Scalar.Length];
        private readonly byte[] _challenge = new byte[Scalar.Length];
        private readonly byte[] _half = new byte[32];

        public DeviceKey(byte[] seed)
        {
            if (seed == null || seed.Length != SeedLength)
            {
                throw new ArgumentException("A seed has 32 bytes.");
            }

            _basePoint = new BasePoint(_arithmetic);
            _sha.Reset();
            _sha.Update(seed, 0, SeedLength);
            _sha.Finish(_hash);
            Array.Copy(_hash, 0, _scalar, 0, 32);
            Array.Copy(_hash, 32, _prefix, 0, 32);
            _scalar[0] = (byte)(_scalar[0] & 0xF8);
            _scalar[31] = (byte)((_scalar[31] & 0x7F) | 0x40);
            _basePoint.Multiply(_scalar, _publicKey);
            Wipe();
        }

        /// <summary>32 bytes, owned by the key: not to be written to.</summary>
        public byte[] PublicKey => _publicKey;

        /// <summary>
        /// Signs the first <paramref name="length"/> bytes; writes 64 bytes at <paramref name="offset"/>.
        /// </summary>
        public void Sign(byte[] message, int length, byte[] signature, int offset)
        {
            _sha.Reset();
            _sha.Update(_prefix, 0, 32);
            _sha.Update(message, 0, length);
            _sha.Finish(_hash);
            _arithmetic.Reduce(_hash, _nonce);
            _basePoint.Multiply(_nonce, _half);

            _sha.Reset();
            _sha.Update(_half, 0, 32);
            _sha.Update(_publicKey, 0, PublicKeyLength);
            _sha.Update(message, 0, length);
            _sha.Finish(_hash);
            _arithmetic.Reduce(_hash, _challenge);

            Array.Copy(_half, 0, signature, offset, 32);
            _arithmetic.MultiplyAdd(_half, _challenge, _scalar, _nonce);
            Array.Copy(_half, 0, signature, offset + 32, 32);
            Wipe();
        }

        /// <summary>
        /// The 32 bytes that only this device and the owner of an X25519 key can compute (RFC 7748): the Ed25519 key's
        /// scalar is its X25519 secret as well. False for a key that nothing may be agreed with.
        /// </summary>
        public bool TryAgree(byte[] otherKey, byte[] secret) => new X25519().TryMultiply(_scalar, otherKey, secret);

        private void Wipe()
        {
            Array.Clear(_hash, 0, _hash.Length);
            Array.Clear(_nonce, 0, _nonce.Length);
            _arithmetic.Clear();
            _basePoint.Clear();
        }
    }
}
