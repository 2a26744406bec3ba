using GridTokenX.Firmware.Storage;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Uplink
{
    /// <summary>The JSON forms of what the device says, made from the signed bytes themselves.</summary>
    internal sealed class Messages
    {
        internal const int LengthMax = JsonWriter.Capacity;

        private static readonly string[] States = { "none", "idle", "locked", "delivering" };

        private static readonly string[] Causes =
        {
            "none", "boot", "lock_accepted", "delivery_began", "delivered", "released", "expired", "refused",
        };

        private static readonly string[] Refusals =
        {
            "none", "counter", "expired", "energy_unavailable", "busy", "unknown_order", "time_unknown",
        };

        private readonly string _device;
        private readonly JsonWriter _json = new JsonWriter();
        private readonly byte[] _order = new byte[CommandBytes.OrderLength];

        internal Messages(string device)
        {
            _device = device;
        }

        /// <summary>The message made last; each of the others returns its length.</summary>
        internal byte[] Buffer => _json.Buffer;

        /// <param name="said">Canonical bytes, then the signature.</param>
        internal int Reading(byte[] said)
        {
            _json.Begin();
            _json.Member("device", _device);
            _json.Member("sequence", ReadingBytes.Sequence(said));
            _json.MemberTime("timestamp", ReadingBytes.EndUnixSeconds(said));
            _json.Member("production_wh", ReadingBytes.ProductionWh(said));
            _json.Member("consumption_wh", ReadingBytes.ConsumptionWh(said));
            _json.Member("soc_permille", ReadingBytes.StateOfChargePermille(said));
            _json.Member("flags", ReadingBytes.Flags(said));
            _json.Member("interval_s", ReadingBytes.IntervalSeconds(said));
            Signature(said, ReadingBytes.Length);
            return _json.End();
        }

        /// <param name="said">Canonical bytes, then the signature.</param>
        internal int State(byte[] said)
        {
            StateBytes.CopyOrder(said, _order);
            _json.Begin();
            _json.Member("device", _device);
            _json.Member("sequence", StateBytes.Sequence(said));
            _json.MemberTime("timestamp", StateBytes.TimeUnixSeconds(said));
            _json.Member("counter", StateBytes.Counter(said));
            _json.Member("state", States[StateBytes.State(said)]);
            _json.Member("cause", Causes[StateBytes.Cause(said)]);
            _json.Member("refusal", Refusals[StateBytes.Refusal(said)]);
            _json.Member("soc_permille", StateBytes.StateOfChargePermille(said));
            _json.Member("flags", StateBytes.Flags(said));
            _json.MemberUuid("order", _order);
            _json.Member("energy_wh", StateBytes.EnergyWh(said));
            _json.Member("delivered_wh", StateBytes.DeliveredWh(said));
            Signature(said, StateBytes.Length);
            return _json.End();
        }

        internal int Status(bool online, string firmware, long uptimeSeconds)
        {
            _json.Begin();
            _json.Member("online", online);
            _json.Member("firmware", firmware);
            _json.Member("uptime_s", uptimeSeconds);
            return _json.End();
        }

        /// <param name="owner">Key of the owner's wallet, 32 bytes.</param>
        /// <param name="gateway">Key of the gateway, 32 bytes.</param>
        /// <param name="signature">Over <see cref="RegistrationBytes"/>.</param>
        internal int Consent(byte[] owner, byte[] gateway, byte[] signature)
        {
            _json.Begin();
            _json.Member("device", _device);
            _json.MemberBase58("owner", owner, 0, owner.Length);
            _json.MemberBase58("gateway", gateway, 0, gateway.Length);
            _json.MemberBase58("consent", signature, 0, signature.Length);
            return _json.End();
        }

        private void Signature(byte[] said, int offset) =>
            _json.MemberBase58("signature", said, offset, DeviceMemory.SignatureLength);
    }
}
