namespace GridTokenX.Firmware.Uplink
{
    /// <summary>Pauses that double, with half of each left to chance, so that a street of meters does not come back
    /// at once after a power cut.</summary>
    public sealed class Backoff
    {
        private readonly int _minMs;
        private readonly int _maxMs;
        private int _nextMs;

        public Backoff(int minMs, int maxMs)
        {
            _minMs = minMs;
            _maxMs = maxMs;
            _nextMs = minMs;
        }

        public void Reset() => _nextMs = _minMs;

        /// <param name="chance">Any number.</param>
        /// <returns>Milliseconds to wait now.</returns>
        public int Next(int chance)
        {
            var whole = _nextMs;
            _nextMs = whole > _maxMs / 2 ? _maxMs : whole * 2;
            var half = whole / 2;
            return half + ((chance & 0x7FFFFFFF) % (half + 1));
        }
    }
}
