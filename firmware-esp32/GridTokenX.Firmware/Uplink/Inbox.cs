namespace GridTokenX.Firmware.Uplink
{
    /// <summary>
    /// What arrived on the MQTT client's thread, until the device's thread takes it. It is small: what does not fit is
    /// dropped, and heals because everything that matters is repeated.
    /// </summary>
    public sealed class Inbox
    {
        public const int Capacity = 32;

        private readonly object _gate = new object();
        private readonly string[] _topics = new string[Capacity];
        private readonly byte[][] _payloads = new byte[Capacity][];
        private int _first;
        private int _count;

        public int Dropped { get; private set; }

        public int Count => _count;

        public void Add(string topic, byte[] payload)
        {
            lock (_gate)
            {
                if (_count == Capacity)
                {
                    Dropped++;
                    return;
                }

                var at = (_first + _count) % Capacity;
                _topics[at] = topic;
                _payloads[at] = payload;
                _count++;
            }
        }

        public bool TryTake(out string topic, out byte[] payload)
        {
            lock (_gate)
            {
                topic = _topics[_first];
                payload = _payloads[_first];
                if (_count == 0)
                {
                    return false;
                }

                _topics[_first] = null;
                _payloads[_first] = null;
                _first = (_first + 1) % Capacity;
                _count--;
                return true;
            }
        }
    }
}
