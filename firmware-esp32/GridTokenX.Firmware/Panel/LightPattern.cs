namespace GridTokenX.Firmware.Panel
{
    /// <summary>
    /// What the LED does for ever: a number of flashes, then a pause. docs/INSTALLER.md says what each means.
    /// </summary>
    public sealed class LightPattern
    {
        /// <summary>Starting; also while the first key is made.</summary>
        public static readonly LightPattern Starting = new LightPattern(1, 60000, 0, 0);

        /// <summary>One blink in 4 s: all is well.</summary>
        public static readonly LightPattern Well = new LightPattern(1, 50, 0, 3950);

        /// <summary>One second of four: all is well, and energy is locked for a buyer.</summary>
        public static readonly LightPattern Locked = new LightPattern(1, 1000, 0, 3000);

        /// <summary>Two flashes: no Wi-Fi.</summary>
        public static readonly LightPattern NoNetwork = new LightPattern(2, 200, 200, 1500);

        /// <summary>Three flashes: no gateway.</summary>
        public static readonly LightPattern NoGateway = new LightPattern(3, 200, 200, 1500);

        /// <summary>Four flashes: the time is not known.</summary>
        public static readonly LightPattern NoTime = new LightPattern(4, 200, 200, 1500);

        /// <summary>Five flashes: no settings, or wrong ones.</summary>
        public static readonly LightPattern NoSettings = new LightPattern(5, 200, 200, 1500);

        /// <summary>Six flashes: the device must not go on; the serial port says why.</summary>
        public static readonly LightPattern Fault = new LightPattern(6, 200, 200, 1500);

        /// <summary>Half a second on, half a second off: the identity is shown, no pairing code has come yet.</summary>
        public static readonly LightPattern Waiting = new LightPattern(1, 500, 500, 0);

        /// <summary>Very fast: hold on for the factory reset, or let go.</summary>
        public static readonly LightPattern Reset = new LightPattern(1, 80, 80, 0);

        private static readonly LightPattern[] Digits = MakeDigits();

        private readonly int _flashes;
        private readonly int _onMs;
        private readonly int _offMs;
        private readonly int _pauseMs;

        private LightPattern(int flashes, int onMs, int offMs, int pauseMs)
        {
            _flashes = flashes;
            _onMs = onMs;
            _offMs = offMs;
            _pauseMs = pauseMs;
        }

        /// <summary>Slow long flashes to count, 1–9: the pairing code's check digit.</summary>
        public static LightPattern Digit(int digit) => Digits[digit - 1];

        /// <summary>Edges count from 0; the even ones switch on.</summary>
        public static bool IsOn(int edge) => (edge & 1) == 0;

        public int DurationMs(int edge)
        {
            if (IsOn(edge))
            {
                return _onMs;
            }

            return edge == (2 * _flashes) - 1 ? _offMs + _pauseMs : _offMs;
        }

        public int Next(int edge) => edge == (2 * _flashes) - 1 ? 0 : edge + 1;

        private static LightPattern[] MakeDigits()
        {
            var digits = new LightPattern[9];
            for (var i = 0; i < digits.Length; i++)
            {
                digits[i] = new LightPattern(i + 1, 600, 400, 2600);
            }

            return digits;
        }
    }
}
