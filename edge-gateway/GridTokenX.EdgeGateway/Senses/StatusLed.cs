namespace GridTokenX.EdgeGateway.Senses;

/// <summary>What the light says; the most urgent last.</summary>
internal enum LedPattern
{
    None = 0,

    /// <summary>Two beats, a rest: all is well.</summary>
    Heartbeat,

    /// <summary>Even, half a second each: a code of the gateway's own waits to be used on its page.</summary>
    Waiting,

    /// <summary>A short flash every two seconds: the cloud is away, readings are kept.</summary>
    CloudAway,

    /// <summary>Long on, short off: the home's broker is away, no readings come.</summary>
    BrokerAway,

    /// <summary>Very fast: an alarm, see the page.</summary>
    Alarm,
}

/// <summary>
/// One LED of <c>/sys/class/leds</c>, blinking by the kernel's own triggers: no timer of this process.
/// </summary>
internal sealed class StatusLed(SystemFiles system, string name)
{
    private LedPattern _shown;

    /// <summary>False when there is no such LED, or it is not ours.</summary>
    internal bool TryShow(LedPattern pattern)
    {
        if (pattern == _shown)
        {
            return true;
        }

        var folder = $"sys/class/leds/{name}";
        var (trigger, onMs, offMs) = pattern switch
        {
            LedPattern.Heartbeat => ("heartbeat", 0, 0),
            LedPattern.Waiting => ("timer", 500, 500),
            LedPattern.CloudAway => ("timer", 100, 1900),
            LedPattern.BrokerAway => ("timer", 1800, 200),
            LedPattern.Alarm => ("timer", 80, 80),
            _ => ("none", 0, 0),
        };
        if (!system.TryWrite($"{folder}/trigger", trigger))
        {
            return false;
        }

        if (trigger == "timer")
        {
            // The kernel makes these two with the trigger.
            _ = system.TryWrite($"{folder}/delay_on", $"{onMs}");
            _ = system.TryWrite($"{folder}/delay_off", $"{offMs}");
        }

        _shown = pattern;
        return true;
    }
}
