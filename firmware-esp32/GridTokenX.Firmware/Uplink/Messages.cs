using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Uplink
{
    /// <summary>The JSON forms of what the device says, made from the signed bytes themselves.</summary>
    internal sealed class Messages
    {
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
        private readonly byte[] _signature = new byte[64];
        private readonly byte[] _order = new byte[CommandBytes.OrderLength];

        internal Messages(string device)
        {
            _device = device;
        }

        /// <param name="signed">Canonical bytes, then the signature.</param>
        internal byte[] Reading(byte[] signed)
        {
            _json.Begin();
            _json.Member("device", _device);
            _json.Member("sequence", ReadingBytes.Sequence(signed));
            _json.MemberTime("timestamp", ReadingBytes.EndUnixSeconds(signed));
            _json.Member("production_wh", ReadingBytes.ProductionWh(signed));
            _json.Member("consumption_wh", ReadingBytes.ConsumptionWh(signed));
            _json.Member("soc_permille", ReadingBytes.StateOfChargePermille(signed));
            _json.Member("flags", ReadingBytes.Flags(signed));
            _json.Member("interval_s", ReadingBytes.IntervalSeconds(signed));
            Signature(signed, ReadingBytes.Length);
            return _json.End();
        }

        /// <param name="signed">Canonical bytes, then the signature.</param>
        internal byte[] State(byte[] signed)
        {
            StateBytes.CopyOrder(signed, _order);
            _json.Begin();
            _json.Member("device", _device);
            _json.Member("sequence", StateBytes.Sequence(signed));
            _json.MemberTime("timestamp", StateBytes.TimeUnixSeconds(signed));
            _json.Member("counter", StateBytes.Counter(signed));
            _json.Member("state", States[StateBytes.State(signed)]);
            _json.Member("cause", Causes[StateBytes.Cause(signed)]);
            _json.Member("refusal", Refusals[StateBytes.Refusal(signed)]);
            _json.Member("soc_permille", StateBytes.StateOfChargePermille(signed));
            _json.Member("flags", StateBytes.Flags(signed));
            _json.MemberUuid("order", _order);
            _json.Member("energy_wh", StateBytes.EnergyWh(signed));
            _json.Member("delivered_wh", StateBytes.DeliveredWh(signed));
            Signature(signed, StateBytes.Length);
            return _json.End();
        }

        internal byte[] Status(bool online, string firmware, long uptimeSeconds)
        {
            _json.Begin();
            _json.Member("online", online);
            _json.Member("firmware", firmware);
            _json.Member("uptime_s", uptimeSeconds);
            return _json.End();
        }

        private void Signature(byte[] signed, int offset)
        {
            System.Array.Copy(signed, offset, _signature, 0, _signature.Length);
            _json.Member("signature", Base58.Encode(_signature));
        }
    }
}
