using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GridTokenX.EdgeGateway.Tests.Support;

/// <summary>The newest lines of a gateway's log, from Information on, over its restarts.</summary>
internal sealed class GatewayLog : ILoggerProvider
{
    private const int MaxLines = 5000;

    private readonly ConcurrentQueue<string> _lines = new();

    internal bool Has(params string[] parts) =>
        _lines.Any(line => parts.All(part => line.Contains(part, StringComparison.Ordinal)));

    internal void AddTo(ILoggingBuilder logging) =>
        logging.AddProvider(this).AddFilter<GatewayLog>(null, LogLevel.Information);

    public ILogger CreateLogger(string categoryName) => new Writer(_lines);

    public void Dispose()
    {
        // Each host that is told of it disposes it when it ends; the lines stay.
    }

    public override string ToString() => string.Join('\n', _lines);

    private sealed class Writer(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            lines.Enqueue($"{logLevel} {formatter(state, exception)}");
            while (lines.Count > MaxLines)
            {
                _ = lines.TryDequeue(out _);
            }
        }
    }
}
