using GridTokenX.Protocol.Readings;

namespace GridTokenX.Simulator.Live;

/// <summary>What became of a reading.</summary>
/// <param name="Reading">Which one.</param>
/// <param name="Code">Of the refusal; null when it was taken.</param>
/// <param name="WasKnown">It had been taken before.</param>
internal readonly record struct LiveVerdict(SignedReading Reading, string? Code, bool WasKnown = false);

/// <summary>The way of readings into the installation.</summary>
internal interface ILiveUplink : IAsyncDisposable
{
    /// <summary>At most this many at a time.</summary>
    int MaxBatch { get; }

    /// <summary>
    /// What it answers nothing about may or may not have arrived, and is sent again.
    /// </summary>
    /// <exception cref="UplinkAwayException">Nobody answers, or asks to be left alone for a while.</exception>
    Task<IReadOnlyList<LiveVerdict>> SendAsync(
        IReadOnlyList<SignedReading> readings, CancellationToken cancellationToken);
}

/// <summary>
/// The installation does not take readings at present; the message says why, and begins with the code.
/// </summary>
public sealed class UplinkAwayException(string code, string message, bool isThrottled, Exception? inner = null)
    : Exception($"{code}: {message}", inner)
{
    /// <summary>One of <see cref="UplinkCodes"/>.</summary>
    public string Code => code;

    /// <summary>It is there, and has asked for patience.</summary>
    public bool IsThrottled => isThrottled;
}
