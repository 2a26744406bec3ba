using GridTokenX.Firmware.Readings;

namespace GridTokenX.Firmware.Uplink
{
    /// <summary>
    /// Publishes the unacknowledged readings, oldest first, a window of them at a time. When no acknowledgement comes
    /// it begins again from the oldest: after 10 s, then twice as long each time, up to 5 minutes; at once after a
    /// reconnect.
    /// </summary>
    internal sealed class ReadingSender
    {
        private const int Window = 16;
        private const long FirstPatienceMs = 10000;
        private const long PatienceMaxMs = 300000;

        private readonly ReadingRing _ring;
        private readonly IUplink _uplink;
        private readonly Messages _messages;
        private readonly string _topic;
        private readonly byte[] _reading = new byte[ReadingRing.ReadingLength];

        private bool _isUp;
        private long _sent;
        private int _inFlight;
        private long _patienceMs = FirstPatienceMs;
        private long _deadlineMs;

        internal ReadingSender(ReadingRing ring, IUplink uplink, Messages messages, string topic)
        {
            _ring = ring;
            _uplink = uplink;
            _messages = messages;
            _topic = topic;
        }

        /// <summary>The uplink was made: begins with the oldest. Before that nothing is sent.</summary>
        internal void Restart()
        {
            _isUp = true;
            _sent = 0;
            _inFlight = 0;
            _patienceMs = FirstPatienceMs;
        }

        internal void Acknowledge(long sequence, long uptimeMs)
        {
            if (!_ring.Remove(sequence))
            {
                return;
            }

            _patienceMs = FirstPatienceMs;
            _deadlineMs = uptimeMs + _patienceMs;
            if (_inFlight > 0)
            {
                _inFlight--;
            }
        }

        internal void Run(long uptimeMs)
        {
            _isUp = _isUp && _uplink.IsConnected;
            if (!_isUp)
            {
                return;
            }

            if (_inFlight > 0 && uptimeMs >= _deadlineMs)
            {
                _sent = 0;
                _inFlight = 0;
                _patienceMs = _patienceMs * 2 > PatienceMaxMs ? PatienceMaxMs : _patienceMs * 2;
            }

            var goesOn = true;
            while (goesOn && _inFlight < Window)
            {
                goesOn = SendNext(uptimeMs);
            }
        }

        private bool SendNext(long uptimeMs)
        {
            if (_sent >= _ring.Newest)
            {
                return false;
            }

            var next = _ring.After(_sent);
            if (next == 0)
            {
                return false;
            }

            if (_ring.Read(next, _reading))
            {
                if (!_uplink.Publish(_topic, _messages.Buffer, _messages.Reading(_reading), false))
                {
                    return false;
                }

                if (_inFlight == 0)
                {
                    _deadlineMs = uptimeMs + _patienceMs;
                }

                _inFlight++;
            }

            _sent = next;
            return true;
        }
    }
}
