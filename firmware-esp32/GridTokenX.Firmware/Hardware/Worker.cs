using System;
using System.Threading;

namespace GridTokenX.Firmware.Hardware
{
    /// <returns>Milliseconds until it wants to be called again; negative when the chip is to be restarted.</returns>
    internal delegate int Work();

    /// <summary>
    /// Calls one piece of work again and again, on a thread of its own. What the work throws is told and tried again
    /// after a while; work that fails for five minutes, or does not come back, has the chip restarted.
    /// </summary>
    internal sealed class Worker
    {
        internal const int Restart = -1;

        private const int FailurePauseMs = 5000;
        private const int FailuresMax = 60;

        private readonly string _name;
        private readonly Work _work;
        private readonly AutoResetEvent _wake;
        private readonly long _patienceMs;
        private int _failures;

        /// <param name="name">For the serial port.</param>
        /// <param name="work">Bounded.</param>
        /// <param name="wake">Ends a wait before its time.</param>
        /// <param name="patienceMs">A call that takes longer is stuck.</param>
        internal Worker(string name, Work work, AutoResetEvent wake, long patienceMs)
        {
            _name = name;
            _work = work;
            _wake = wake;
            _patienceMs = patienceMs;
        }

        /// <summary>Uptime when the work was last seen between two calls.</summary>
        internal long BeatMs { get; private set; }

        internal bool WantsRestart { get; private set; }

        internal void Start()
        {
            BeatMs = Clock.UptimeMs;
            new Thread(Run).Start();
        }

        internal bool IsStuck(long uptimeMs) => uptimeMs - BeatMs > _patienceMs;

        internal string Name => _name;

        private void Run()
        {
            while (true)
            {
                var wait = Try();
                BeatMs = Clock.UptimeMs;
                if (wait < 0 || _failures > FailuresMax)
                {
                    WantsRestart = true;
                    wait = FailurePauseMs;
                }

                _wake.WaitOne(wait, false);
            }
        }

        private int Try()
        {
            try
            {
                var wait = _work();
                _failures = 0;
                return wait;
            }
            catch (Exception exception)
            {
                _failures++;
                Serial.Say(_name + " failed: " + exception.Message);
                return FailurePauseMs;
            }
        }
    }
}
