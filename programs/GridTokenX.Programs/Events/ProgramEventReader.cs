using System.Collections.Frozen;
using System.Globalization;
using GridTokenX.Programs.Wire;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Events;

/// <summary>The events of one transaction, in the order in which they were logged.</summary>
/// <param name="Places">One for each line of our programs; null for those in <paramref name="Unreadable"/>.</param>
/// <param name="IsTruncated">The node cut the log off: more events may follow, see <see cref="InstructionEvents"/>.
/// </param>
/// <param name="Unreadable">Lines of our programs that are no events known here.</param>
public sealed record ProgramEvents(
    IReadOnlyList<ProgramEvent?> Places, bool IsTruncated, IReadOnlyList<string> Unreadable)
{
    public IReadOnlyList<ProgramEvent> Events { get; } = [.. Places.OfType<ProgramEvent>()];

    public bool IsWhole => !IsTruncated && Unreadable.Count == 0;
}

/// <summary>Reads our programs' events from a transaction's log. A line of data counts only while its own program runs,
/// which the runtime's lines about invocations tell; what programs log themselves always has a prefix of the runtime's
/// and is never taken for one of those. A failed transaction has no events.</summary>
/// <remarks>
/// <code>
/// Program &lt;id&gt; invoke [depth] · Program log: text · Program data: base64 … · Program return: &lt;id&gt; base64 ·
/// Program &lt;id&gt; consumed n of m compute units · Program &lt;id&gt; success · Program &lt;id&gt; failed: text
/// </code>
/// </remarks>
public sealed class ProgramEventReader
{
    private const string DataPrefix = "Program data: ";
    private const string Truncation = "Log truncated";

    private readonly FrozenDictionary<PublicKey, FrozenDictionary<ulong, ReadEvent>> _programs;

    public ProgramEventReader(PublicKey registry, PublicKey energyToken, PublicKey trading)
    {
        _programs = new Dictionary<PublicKey, FrozenDictionary<ulong, ReadEvent>>
        {
            [registry] = EventTable.Registry,
            [energyToken] = EventTable.EnergyToken,
            [trading] = EventTable.Trading,
        }.ToFrozenDictionary();
    }

    public ProgramEvents Read(IReadOnlyList<string> logs)
    {
        var events = new List<ProgramEvent?>();
        var unreadable = new List<string>();
        var running = new Stack<PublicKey>();
        foreach (var line in logs)
        {
            // The runtime goes on with lines that are short enough, so after it nothing tells who is running.
            if (string.Equals(line, Truncation, StringComparison.Ordinal))
            {
                return new ProgramEvents(events, IsTruncated: true, unreadable);
            }

            if (line.StartsWith(DataPrefix, StringComparison.Ordinal))
            {
                ReadData(line, running, events, unreadable);
            }
            else if (InvocationLine.TryParse(line, out var invocation))
            {
                if (invocation.Kind == InvocationKind.Failed)
                {
                    return new ProgramEvents([], IsTruncated: false, []);
                }

                if (!Follow(invocation, running))
                {
                    return new ProgramEvents(events, IsTruncated: true, unreadable);
                }
            }
        }

        return new ProgramEvents(events, IsTruncated: running.Count > 0, unreadable);
    }

    // False when lines must be missing.
    private static bool Follow(InvocationLine line, Stack<PublicKey> running)
    {
        if (line.Kind == InvocationKind.Invoke)
        {
            running.Push(line.Program);
            return line.Depth == running.Count;
        }

        return running.TryPop(out var ended) && ended == line.Program;
    }

    private void ReadData(
        string line, Stack<PublicKey> running, List<ProgramEvent?> events, List<string> unreadable)
    {
        if (!running.TryPeek(out var program) || !_programs.TryGetValue(program, out var known))
        {
            return;
        }

        var read = TryRead(line[DataPrefix.Length..], known);
        events.Add(read);
        if (read is null)
        {
            unreadable.Add(line);
        }
    }

    private static ProgramEvent? TryRead(string base64, FrozenDictionary<ulong, ReadEvent> known)
    {
        try
        {
            var reader = new BorshReader(Convert.FromBase64String(base64));
            if (!known.TryGetValue(reader.U64(), out var read))
            {
                return null;
            }

            var found = read(ref reader);
            reader.End();
            return found;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private enum InvocationKind
    {
        None,
        Invoke,
        Success,
        Failed,
    }

    private readonly record struct InvocationLine(PublicKey Program, InvocationKind Kind, int Depth)
    {
        public static bool TryParse(string line, out InvocationLine parsed)
        {
            parsed = default;
            var parts = line.Split(' ', 4);
            if (parts is not ["Program", var id, var verb, ..] || !PublicKey.TryParse(id, out var program))
            {
                return false;
            }

            parsed = (verb, parts.Length) switch
            {
                ("invoke", 4) => new InvocationLine(program, InvocationKind.Invoke, ReadDepth(parts[3])),
                ("success", 3) => new InvocationLine(program, InvocationKind.Success, 0),
                ("failed:", 4) => new InvocationLine(program, InvocationKind.Failed, 0),
                _ => default,
            };
            return parsed.Kind != InvocationKind.None;
        }

        // "[2]"; 0, which no invocation has, when it is anything else.
        private static int ReadDepth(string text) =>
            text is ['[', .., ']'] && int.TryParse(
                text.AsSpan(1, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var depth)
                ? depth
                : 0;
    }
}
