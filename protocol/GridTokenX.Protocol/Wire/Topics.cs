#nullable disable
namespace GridTokenX.Protocol.Wire
{
    /// <summary>MQTT topics, <c>gtx/v1/{device}/…</c>; a device is named by its key in Base58.</summary>
    public static class Topics
    {
        public const string Prefix = "gtx/v1/";

        /// <summary>UTC from the gateway, retained, each minute: <c>{"unix":n}</c>.</summary>
        public const string Time = "gtx/v1/time";

        public const string AllReadings = "gtx/v1/+/reading";
        public const string AllCommands = "gtx/v1/+/command";
        public const string AllStates = "gtx/v1/+/state";
        public const string AllStatuses = "gtx/v1/+/status";
        public const string AllConsents = "gtx/v1/+/consent";

        public static string Reading(string device) => Prefix + device + "/reading";

        public static string ReadingAck(string device) => Prefix + device + "/reading/ack";

        public static string Command(string device) => Prefix + device + "/command";

        /// <summary>To the device: what it is to consent to, and the cloud's key.</summary>
        public static string Pairing(string device) => Prefix + device + "/pairing";

        /// <summary>From the device: its signed consent to an owner and a gateway.</summary>
        public static string Consent(string device) => Prefix + device + "/consent";

        public static string State(string device) => Prefix + device + "/state";

        public static string Status(string device) => Prefix + device + "/status";

        /// <summary>The device of a <c>gtx/v1/{device}/…</c> topic; null when it is not one.</summary>
        public static string DeviceOf(string topic)
        {
            if (topic == null || topic.Length < Prefix.Length)
            {
                return null;
            }

            // By hand: StartsWith compares by the language's rules, and is slow.
            for (var i = 0; i < Prefix.Length; i++)
            {
                if (topic[i] != Prefix[i])
                {
                    return null;
                }
            }

            var end = topic.IndexOf('/', Prefix.Length);
            return end < 0 ? null : topic.Substring(Prefix.Length, end - Prefix.Length);
        }
    }
}
