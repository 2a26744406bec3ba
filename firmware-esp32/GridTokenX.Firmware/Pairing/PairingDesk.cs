using System;
using GridTokenX.Firmware.Signing;
using GridTokenX.Firmware.Storage;
using GridTokenX.Firmware.Uplink;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Pairing
{
    /// <summary>
    /// Agrees with the cloud on the command key. Nothing happens without somebody at the button: a first press shows
    /// the device's name and, once the cloud's key has come, the pairing code; a second one says that the cloud shows
    /// the same code, and takes the key into use. While a code is shown no other key can take its place.
    /// </summary>
    public sealed class PairingDesk
    {
        /// <summary>How long a press opens the desk.</summary>
        public const long OpenMs = 600000;

        /// <summary>Nobody compares twelve characters faster: an earlier press is a bounce or a mistake.</summary>
        public const long CompareMs = 2000;

        private const int Version = 1;
        private const int KeyLength = 32;
        private const int PayloadLength = 4 + (2 * KeyLength) + PairingBytes.CommandKeyLength;

        private readonly DeviceKey _key;
        private readonly string _device;
        private readonly TwinRecord _record;
        private readonly Sha512 _sha = new Sha512();
        private readonly byte[] _hash = new byte[Sha512.HashLength];
        private readonly byte[] _offered = new byte[KeyLength];
        private readonly byte[] _payload = new byte[PayloadLength];
        private readonly char[] _text = new char[64];
        private long _openedAtMs = -OpenMs;
        private long _shownAtMs;
        private bool _isOffered;

        /// <exception cref="InvalidOperationException">The pairing on flash is damaged.</exception>
        public PairingDesk(IFlash flash, DeviceKey key, string device)
        {
            _key = key;
            _device = device;
            _record = new TwinRecord(flash, "pairing", PayloadLength);
            Load();
        }

        /// <summary>32 bytes; null before the first pairing.</summary>
        public byte[] CommandKey { get; private set; }

        /// <summary>What is shown now; null when none is.</summary>
        public string Code { get; private set; }

        /// <summary>1–9, of the code shown.</summary>
        public int CheckDigit { get; private set; }

        /// <summary>Key of the owner's wallet and of the gateway that a consent is asked for.</summary>
        public readonly byte[] Owner = new byte[KeyLength];
        public readonly byte[] Gateway = new byte[KeyLength];

        public bool IsOpen(long uptimeMs) => uptimeMs - _openedAtMs < OpenMs;

        /// <summary>Takes down what was shown too long.</summary>
        public void Advance(long uptimeMs)
        {
            if (Code != null && !IsOpen(uptimeMs))
            {
                Code = null;
            }
        }

        /// <summary>The button. True when it made the offered key the command key, which is on flash then.</summary>
        public bool Press(long uptimeMs)
        {
            if (Code == null || !IsOpen(uptimeMs))
            {
                _openedAtMs = uptimeMs;
                Show(uptimeMs);
                return false;
            }

            return uptimeMs - _shownAtMs >= CompareMs && Accept();
        }

        /// <summary>
        /// A message on the pairing topic: <c>{"device","cloud_key"}</c> offers the cloud's key,
        /// <c>{"device","owner","gateway"}</c> asks for the device's consent.
        /// </summary>
        /// <param name="json">At its beginning.</param>
        /// <param name="uptimeMs">Now.</param>
        /// <param name="wantsConsent">Somebody is at the device, and Owner and Gateway are to be consented to.</param>
        /// <returns>False for what is not understood.</returns>
        internal bool TryTake(JsonReader json, long uptimeMs, out bool wantsConsent)
        {
            var seen = 0;
            var cloudKey = new byte[KeyLength];
            wantsConsent = false;
            while (json.Next())
            {
                var member = 0;
                if (json.Is("device"))
                {
                    member = json.IsString(_device) ? 1 : -1;
                }
                else if (json.Is("cloud_key"))
                {
                    member = TryGetKey(json, cloudKey) ? 2 : -1;
                }
                else if (json.Is("owner"))
                {
                    member = TryGetKey(json, Owner) ? 4 : -1;
                }
                else if (json.Is("gateway"))
                {
                    member = TryGetKey(json, Gateway) ? 8 : -1;
                }

                if (member < 0 || (seen & member) != 0)
                {
                    return false;
                }

                seen |= member;
            }

            if (!json.IsWhole || (seen != 3 && seen != 13))
            {
                return false;
            }

            wantsConsent = seen == 13 && IsOpen(uptimeMs);
            if (seen == 3)
            {
                Offer(cloudKey, uptimeMs);
            }

            return true;
        }

        private bool TryGetKey(JsonReader json, byte[] key) =>
            json.TryGetString(_text, out var length) && Base58.TryDecode(_text, length, key, KeyLength);

        private void Offer(byte[] cloudKey, long uptimeMs)
        {
            Advance(uptimeMs);
            if (Code != null)
            {
                return;
            }

            Array.Copy(cloudKey, 0, _offered, 0, KeyLength);
            _isOffered = true;
            if (IsOpen(uptimeMs))
            {
                Show(uptimeMs);
            }
        }

        private void Show(long uptimeMs)
        {
            if (!_isOffered)
            {
                return;
            }

            var material = new byte[PairingBytes.CodeLength];
            PairingBytes.WriteCode(material, _key.PublicKey, _offered);
            Hash(material);
            Code = PairingBytes.Code(_hash);
            CheckDigit = PairingBytes.CheckDigit(_hash);
            _shownAtMs = uptimeMs;
        }

        /// <summary>Some seconds on the device. A key that nothing may be agreed with is forgotten.</summary>
        private bool Accept()
        {
            Code = null;
            _isOffered = false;
            _openedAtMs = -OpenMs;
            var secret = new byte[KeyLength];
            if (!_key.TryAgree(_offered, secret))
            {
                return false;
            }

            var material = new byte[PairingBytes.KeyLength];
            PairingBytes.WriteKey(material, secret, _key.PublicKey, _offered);
            Hash(material);
            Array.Clear(secret, 0, secret.Length);
            Array.Clear(material, 0, material.Length);

            BigEndian.WriteUInt32(_payload, 0, Version);
            Array.Copy(_key.PublicKey, 0, _payload, 4, KeyLength);
            Array.Copy(_offered, 0, _payload, 4 + KeyLength, KeyLength);
            Array.Copy(_hash, 0, _payload, 4 + (2 * KeyLength), PairingBytes.CommandKeyLength);
            Array.Clear(_hash, 0, _hash.Length);
            _record.Save(_payload);
            TakeCommandKey();
            return true;
        }

        private void Hash(byte[] material)
        {
            _sha.Reset();
            _sha.Update(material, 0, material.Length);
            _sha.Finish(_hash);
        }

        /// <summary>A pairing of another identity is none.</summary>
        private void Load()
        {
            if (!_record.Load(_payload) || BigEndian.ReadUInt32(_payload, 0) != Version)
            {
                return;
            }

            for (var i = 0; i < KeyLength; i++)
            {
                if (_payload[4 + i] != _key.PublicKey[i])
                {
                    return;
                }
            }

            TakeCommandKey();
        }

        private void TakeCommandKey()
        {
            var commandKey = new byte[PairingBytes.CommandKeyLength];
            Array.Copy(_payload, 4 + (2 * KeyLength), commandKey, 0, commandKey.Length);
            CommandKey = commandKey;
        }
    }
}
