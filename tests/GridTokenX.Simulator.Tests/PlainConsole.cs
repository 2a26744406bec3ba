using GridTokenX.Protocol.Time;
using Spectre.Console;

namespace GridTokenX.Simulator.Tests;

/// <summary>What a command writes to, in place of a terminal, and the time that stands still for it.</summary>
internal static class PlainConsole
{
    internal static WallTime Time { get; } = new(new StoppedClock());

    internal static IAnsiConsole Of(TextWriter said)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(said),
        });
        console.Profile.Width = 1_000;
        return console;
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
