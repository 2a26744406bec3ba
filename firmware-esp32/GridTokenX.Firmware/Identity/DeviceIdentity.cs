using System;
using GridTokenX.Firmware.Readings;
using GridTokenX.Firmware.Signing;
using GridTokenX.Firmware.Storage;

namespace GridTokenX.Firmware.Identity
{
    /// <summary>Random bytes, from hardware.</summary>
    public interface IEntropy
    {
        void Fill(byte[] buffer);
    }

    /// <summary>
    /// The device's secret: made once, kept on flash, never told. A factory reset forgets it first and everything that
    /// was under it afterwards, so that registers never fall and sequences never repeat under one key, wherever power
    /// fails: without an identity, what is left of the old one is wiped before a new one is made.
    /// </summary>
    public static class DeviceIdentity
    {
        private const string Name = "identity";
        private const int Draws = 4;

        /// <returns>The seed of the device's key, 32 bytes.</returns>
        /// <exception cref="InvalidOperationException">Both copies are damaged, the device's record is gone, or the
        /// generator is broken.</exception>
        public static byte[] LoadOrMake(IFlash flash, EntropySource source)
        {
            var seed = new byte[DeviceKey.SeedLength];
            var record = new TwinRecord(flash, Name, seed.Length);
            var memory = new DeviceMemory(flash);
            if (record.Load(seed))
            {
                if (!memory.Load())
                {
                    throw new InvalidOperationException("The device record of this identity is gone.");
                }

                return seed;
            }

            // The record first: an identity without one has lost its registers, and must not begin them again.
            Wipe(flash);
            Make(source(), seed);
            memory.Save();
            record.Save(seed);
            return seed;
        }

        /// <summary>Whether there is one, whole or not: this device has run before.</summary>
        public static bool IsThere(IFlash flash) => flash.Read(Name + ".b", new byte[1]) >= 0;

        /// <summary>Factory reset; a new identity is made at the next start.</summary>
        public static void Forget(IFlash flash)
        {
            flash.Delete(Name + ".a");
            flash.Delete(Name + ".b");
            Wipe(flash);
        }

        private static void Wipe(IFlash flash)
        {
            DeletePair(flash, "pairing");
            DeletePair(flash, "device");
            DeletePair(flash, "charge");
            for (var i = 0; i < ReadingRing.Capacity; i++)
            {
                flash.Delete(ReadingRing.NameOf(i));
                flash.Delete(ReadingRing.CopyNameOf(i));
            }
        }

        private static void DeletePair(IFlash flash, string name)
        {
            flash.Delete(name + ".a");
            flash.Delete(name + ".b");
        }

        /// <summary>Several draws hashed into one seed; a generator that repeats itself is not used.</summary>
        private static void Make(IEntropy entropy, byte[] seed)
        {
            var sha = new Sha512();
            var draw = new byte[64];
            var before = new byte[64];
            sha.Reset();
            for (var i = 0; i < Draws; i++)
            {
                entropy.Fill(draw);
                if (AreEqual(draw, before))
                {
                    throw new InvalidOperationException("The hardware generator repeats itself.");
                }

                sha.Update(draw, 0, draw.Length);
                Array.Copy(draw, 0, before, 0, draw.Length);
            }

            sha.Finish(draw);
            Array.Copy(draw, 0, seed, 0, seed.Length);
            Array.Clear(draw, 0, draw.Length);
            Array.Clear(before, 0, before.Length);
        }

        private static bool AreEqual(byte[] left, byte[] right)
        {
            for (var i = 0; i < left.Length; i++)
            {
                if (left[i] != right[i])
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Gives the generator when one is needed: it may have to switch a radio on.</summary>
    public delegate IEntropy EntropySource();
}
