// The call must stay in a Release build, whichever way the library marks it.
#define DEBUG

using System;
using System.Diagnostics;
using GridTokenX.Firmware.Signing;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware
{
    /// <summary>
    /// What can be shown on the bare interpreter, with mscorlib alone: the cryptography against published vectors, and
    /// a thousand intervals of the whole device on ports in memory. firmware-esp32/selftest.files lists the sources it
    /// needs. Each step says its name before and its result after, so that a counting host can measure in between.
    /// </summary>
    public static class SelfTest
    {
        private const int Intervals = 1000;
        private const int StepsPerInterval = 60;
        private const long Start = 1780272000; // 2026-06-01, a multiple of the interval

        // RFC 8032, section 7.1, tests 1 to 3: seed, public key, message, signature.
        private static readonly string[] Ed25519Vectors =
        {
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b",
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                + "387b2eaeb4302aeeb00d291612bb0c00",
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                + "4a7c15e9716ed28dc027beceea1ec40a",
        };

        // FIPS 180-4's examples: message, hash.
        private static readonly string[] Sha512Vectors =
        {
            "",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f"
                + "63b931bd47417a81a538327af927da3e",
            "616263",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
                + "454d4423643ce80e2a9ac94fa54ca49f",
        };

        // RFC 7748, section 5.2: scalar, key, result.
        private static readonly string[] X25519Vectors =
        {
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        };

        /// <summary>True when everything held.</summary>
        public static bool Run()
        {
            var isRight = RunSha512();
            isRight &= RunEd25519();
            isRight &= RunX25519();
            isRight &= RunIntervals(Intervals);
            return Say("selftest", isRight);
        }

        public static bool RunSha512()
        {
            Begin("sha512");
            var sha = new Sha512();
            var hash = new byte[Sha512.HashLength];
            var isRight = true;
            for (var i = 0; i < Sha512Vectors.Length; i += 2)
            {
                var message = Hex(Sha512Vectors[i]);
                sha.Reset();
                sha.Update(message, 0, message.Length);
                sha.Finish(hash);
                isRight &= AreEqual(hash, Hex(Sha512Vectors[i + 1]));
            }

            return Say("sha512", isRight);
        }

        public static bool RunEd25519()
        {
            var isRight = true;
            for (var i = 0; i < Ed25519Vectors.Length; i += 4)
            {
                Begin("ed25519 key");
                var key = new DeviceKey(Hex(Ed25519Vectors[i]));
                isRight &= Say("ed25519 key", AreEqual(key.PublicKey, Hex(Ed25519Vectors[i + 1])));
                var message = Hex(Ed25519Vectors[i + 2]);
                var expected = Hex(Ed25519Vectors[i + 3]);
                var signature = new byte[DeviceKey.SignatureLength];
                Begin("ed25519 signature");
                key.Sign(message, message.Length, signature, 0);
                isRight &= Say("ed25519 signature", AreEqual(signature, expected));
            }

            return isRight;
        }

        public static bool RunX25519()
        {
            var scalar = Hex(X25519Vectors[0]);
            var key = Hex(X25519Vectors[1]);
            var output = new byte[X25519.Length];
            var agreement = new X25519();
            Begin("x25519");
            var isMade = agreement.TryMultiply(scalar, key, output);
            return Say("x25519", isMade && AreEqual(output, Hex(X25519Vectors[2])));
        }

        /// <summary>
        /// Intervals of five minutes with a step every five seconds, pulses in each, and a gateway that acknowledges.
        /// </summary>
        public static bool RunIntervals(int count)
        {
            Begin("device");
            var memory = new MemoryPorts();
            var device = new Device(
                new DeviceConfig(),
                new DeviceKey(Hex(Ed25519Vectors[0])),
                new DevicePorts { Input = memory, Flash = memory, Relay = memory, Uplink = memory, Mac = memory });
            device.OnConnected();
            device.Step(At(0), true, 0);
            Say("device", true);
            var topic = Topics.ReadingAck(device.Id);
            for (var interval = 1; interval <= count; interval++)
            {
                var isTold = interval == 1 || interval % 100 == 0;
                if (isTold)
                {
                    Begin("interval " + interval.ToString());
                }

                for (var step = 1; step <= StepsPerInterval; step++)
                {
                    memory.Pulses += 3;
                    var seconds = (((interval - 1) * StepsPerInterval) + step) * 5L;
                    device.Step(At(seconds), true, seconds * 1000);
                }

                device.OnMessage(topic, memory.Acknowledgement(interval));
                var isRight = device.ReadingSequence == interval && device.UnacknowledgedReadings == 0
                    && device.ProductionWh == memory.Pulses
                    && memory.Published == interval + 2 + Repetitions(interval * StepsPerInterval * 5L);
                if (isTold || !isRight)
                {
                    Say("interval " + interval.ToString(), isRight);
                }

                if (!isRight)
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>Of the first statement, as many as are due so long after it.</summary>
        private static int Repetitions(long seconds)
        {
            var count = 0;
            var patience = 10L;
            for (var at = patience; at <= seconds; at += patience)
            {
                count++;
                patience = patience * 2 > 21600 ? 21600 : patience * 2;
            }

            return count;
        }

        private static DateTime At(long seconds) =>
            new DateTime(DateTime.UnixEpoch.Ticks + ((Start + seconds) * TimeSpan.TicksPerSecond));

        private static void Begin(string name) => Debug.WriteLine(name + " begins");

        private static bool Say(string name, bool isRight)
        {
            Debug.WriteLine(name + (isRight ? " ok" : " FAILED"));
            return isRight;
        }

        private static bool AreEqual(byte[] left, byte[] right)
        {
            var isEqual = left.Length == right.Length;
            for (var i = 0; i < left.Length && isEqual; i++)
            {
                isEqual = left[i] == right[i];
            }

            return isEqual;
        }

        private static byte[] Hex(string text)
        {
            var bytes = new byte[text.Length / 2];
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)((Digit(text[2 * i]) << 4) | Digit(text[(2 * i) + 1]));
            }

            return bytes;
        }

        private static int Digit(char digit) => digit <= '9' ? digit - '0' : digit - 'a' + 10;

        /// <summary>Everything around the device, in memory that is allocated once.</summary>
        private sealed class MemoryPorts : IMeterInput, IFlash, IRelay, IUplink, IMac
        {
            private const int FilesMax = 4;
            private const int FileMax = 640;

            private static readonly byte[] NoMac = new byte[32];

            private readonly string[] _names = new string[FilesMax];
            private readonly byte[][] _files = new byte[FilesMax][];
            private readonly int[] _lengths = new int[FilesMax];
            private readonly byte[][] _acknowledgements = new byte[20][];

            internal int Pulses;
            internal int Published;

            public long ProductionPulses => Pulses;

            public long ConsumptionPulses => Pulses;

            public int StateOfChargePermille => -1;

            public bool Tamper => false;

            public bool IsConnected => true;

            public int Read(string name, byte[] buffer)
            {
                var at = Find(name);
                if (at < 0 || _lengths[at] < 0)
                {
                    return -1;
                }

                var length = _lengths[at] < buffer.Length ? _lengths[at] : buffer.Length;
                Array.Copy(_files[at], 0, buffer, 0, length);
                return _lengths[at];
            }

            public void Write(string name, byte[] data, int length)
            {
                var at = Find(name);
                if (at < 0)
                {
                    at = Find(null);
                    _names[at] = name;
                    _files[at] = new byte[FileMax];
                }

                Array.Copy(data, 0, _files[at], 0, length);
                _lengths[at] = length;
            }

            public void Delete(string name)
            {
                var at = Find(name);
                if (at >= 0)
                {
                    _lengths[at] = -1;
                }
            }

            public void Set(bool locked)
            {
            }

            public bool Publish(string topic, byte[] payload, int length, bool retain)
            {
                Published++;
                return true;
            }

            public byte[] Compute(byte[] key, byte[] message) => NoMac;

            /// <summary><c>{"sequence":n}</c>, in an array that is used again for numbers of the same length.</summary>
            internal byte[] Acknowledgement(int sequence)
            {
                const string Before = "{\"sequence\":";
                var digits = 1;
                for (var rest = sequence; rest > 9; rest /= 10)
                {
                    digits++;
                }

                var text = _acknowledgements[digits];
                if (text == null)
                {
                    text = new byte[Before.Length + digits + 1];
                    _acknowledgements[digits] = text;
                    for (var i = 0; i < Before.Length; i++)
                    {
                        text[i] = (byte)Before[i];
                    }

                    text[text.Length - 1] = (byte)'}';
                }

                for (var i = 0; i < digits; i++)
                {
                    text[text.Length - 2 - i] = (byte)('0' + (sequence % 10));
                    sequence /= 10;
                }

                return text;
            }

            private int Find(string name)
            {
                for (var i = 0; i < FilesMax; i++)
                {
                    if (_names[i] == name)
                    {
                        return i;
                    }
                }

                return -1;
            }
        }
    }
}
