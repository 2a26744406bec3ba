using System.Globalization;
using GridTokenX.Firmware.Board;
using GridTokenX.Firmware.Tests.Board;

namespace GridTokenX.Firmware.Tests.Faults;

/// <summary>
/// Writes down every change that a board makes to its flash, with what the flash held before it and what the outside
/// had been told by then; and gives every image that a power cut during one of these changes can leave.
/// </summary>
internal sealed class TornFlash
{
    private readonly List<Change> _changes = [];
    private readonly Bench _bench;
    private readonly Promises _promises;
    private bool _isOver;

    internal TornFlash(Bench bench, Promises promises)
    {
        _bench = bench;
        _promises = promises;
        bench.Board.Hardware.Flash.Changing += Note;
    }

    internal int Changes => _changes.Count;

    /// <summary>Names of the files that were changed, in order.</summary>
    internal IEnumerable<string> Names => _changes.Select(change => change.Name);

    internal void Stop() => _isOver = true;

    /// <summary>Every byte position of every write, in every way a write can be torn.</summary>
    internal IEnumerable<Image> Images() => _changes.Index().SelectMany(change => ImagesOf(
        change.Item, $"change {(change.Index + 1).ToString(CultureInfo.InvariantCulture)} ({change.Item.Name})"));

    internal static IEnumerable<Image> ImagesOf(Change change, string name)
    {
        yield return new Image($"{name}: before it", change, change.Before);
        yield return new Image($"{name}: gone", change, Without(change));
        if (change.Wanted is not { } wanted)
        {
            yield break;
        }

        for (var bytes = 0; bytes <= wanted.Length; bytes++)
        {
            foreach (var tear in Tears(change, bytes))
            {
                var files = Without(change);
                files[change.Name] =
                    SimulatedFlash.Torn(change.Before.GetValueOrDefault(change.Name), wanted, bytes, tear);
                yield return new Image($"{name}: {tear} after {bytes} bytes", change, files);
            }
        }
    }

    private static Tear[] Tears(Change change, int bytes)
    {
        if (bytes == change.Wanted!.Length)
        {
            return [Tear.Truncated];
        }

        return change.Before.ContainsKey(change.Name)
            ? [Tear.Truncated, Tear.Overwritten, Tear.Garbled]
            : [Tear.Truncated, Tear.Garbled];
    }

    private static Dictionary<string, byte[]> Without(Change change)
    {
        var files = new Dictionary<string, byte[]>(change.Before, StringComparer.Ordinal);
        files.Remove(change.Name);
        return files;
    }

    private void Note(string name, byte[]? wanted)
    {
        if (!_isOver)
        {
            _changes.Add(new Change(
                name, wanted, _bench.Board.Hardware.Flash.Snapshot(), _promises.Freeze(), _bench.Now));
        }
    }

    internal sealed record Change(
        string Name,
        byte[]? Wanted,
        IReadOnlyDictionary<string, byte[]> Before,
        Promises Promises,
        DateTimeOffset At);

    /// <param name="Moment">When and how the power failed.</param>
    internal sealed record Image(string Moment, Change Change, IReadOnlyDictionary<string, byte[]> Files)
    {
        /// <summary>Power comes back 20 s later.</summary>
        internal Bench Boot()
        {
            var flash = new SimulatedFlash();
            foreach (var (name, bytes) in Files)
            {
                flash.Install(name, bytes);
            }

            return new Bench(flash: flash, start: Change.At + TimeSpan.FromSeconds(20))
            {
                Gateway = { Verifies = false },
            };
        }
    }
}
