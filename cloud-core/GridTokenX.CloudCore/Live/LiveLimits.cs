namespace GridTokenX.CloudCore.Live;

/// <summary>How many watch, altogether and from each address.</summary>
internal sealed class LiveLimits(LiveOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _byAddress = new(StringComparer.Ordinal);
    private int _all;

    internal int Clients
    {
        get
        {
            lock (_lock)
            {
                return _all;
            }
        }
    }

    /// <summary>A place, given back when disposed; null when there is none.</summary>
    internal IDisposable? TryEnter(string address)
    {
        lock (_lock)
        {
            var here = _byAddress.GetValueOrDefault(address);
            if (_all >= options.MaxClients || here >= options.MaxClientsOfAddress)
            {
                return null;
            }

            _all++;
            _byAddress[address] = here + 1;
            return new Place(this, address);
        }
    }

    private void Leave(string address)
    {
        lock (_lock)
        {
            _all--;
            if (--_byAddress[address] == 0)
            {
                _ = _byAddress.Remove(address);
            }
        }
    }

    private sealed class Place(LiveLimits limits, string address) : IDisposable
    {
        private int _isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) == 0)
            {
                limits.Leave(address);
            }
        }
    }
}
