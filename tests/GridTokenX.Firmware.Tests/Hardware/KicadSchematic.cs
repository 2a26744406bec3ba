using System.Globalization;

namespace GridTokenX.Firmware.Tests.Hardware;

/// <summary>
/// A KiCad 6 schematic as KiCad reads it: what is joined is found from the coordinates of pins, wires and labels, and
/// from nothing that the drawing program knows.
/// </summary>
internal sealed class KicadSchematic
{
    private const double Grid = 1.27;

    private readonly Dictionary<(int X, int Y), (int X, int Y)> _parents = [];
    private readonly List<Pin> _pins = [];
    private readonly HashSet<(int X, int Y)> _open = [];

    internal KicadSchematic(string text)
    {
        var root = Node.Parse(text);
        Version = root.Child("version")!.Text(0);
        var library = root.Child("lib_symbols")!.Children("symbol").ToDictionary(symbol => symbol.Text(0));
        var named = new Dictionary<string, (int X, int Y)>(StringComparer.Ordinal);
        foreach (var wire in root.Children("wire"))
        {
            var ends = wire.Child("pts")!.Children("xy").Select(Point).ToList();
            Join(ends[0], ends[1]);
        }

        foreach (var label in root.Children("label"))
        {
            Name(named, label.Text(0), Point(label.Child("at")!));
        }

        foreach (var open in root.Children("no_connect"))
        {
            _open.Add(Point(open.Child("at")!));
        }

        foreach (var part in root.Children("symbol"))
        {
            Add(part, library[part.Child("lib_id")!.Text(0)], named);
        }
    }

    internal string Version { get; }

    internal IEnumerable<string> References => _pins.Select(pin => pin.Symbol).Distinct()
        .Select(symbol => _pins.First(pin => pin.Symbol == symbol).Reference);

    /// <summary>Pins that are joined, each group once; a pin that is left open on purpose is in none.</summary>
    internal IEnumerable<IReadOnlyList<Pin>> Nets => _pins.Where(pin => !_open.Contains(pin.At))
        .GroupBy(pin => Root(pin.At)).Select(group => group.ToList());

    private void Add(Node part, Node symbol, Dictionary<string, (int X, int Y)> named)
    {
        var at = part.Child("at")!;
        var reference = part.Children("property").Single(one => one.Text(0) == "Reference").Text(1);
        var isPower = symbol.Child("power") is not null;
        foreach (var pin in symbol.Children("symbol").SelectMany(unit => unit.Children("pin")))
        {
            var place = pin.Child("at")!;
            // Symbols are drawn upward, sheets downward.
            var point = OnGrid(at.Number(0) + place.Number(0), at.Number(1) - place.Number(1));
            var number = pin.Child("number")!.Text(0);
            _pins.Add(new Pin(part.Child("uuid")!.Text(0), reference, number, pin.Text(0), point));
            if (isPower && pin.Text(0) == "power_in")
            {
                Name(named, pin.Child("name")!.Text(0), point);
            }
        }
    }

    private void Name(Dictionary<string, (int X, int Y)> named, string name, (int X, int Y) point)
    {
        if (named.TryGetValue(name, out var other))
        {
            Join(point, other);
        }

        named[name] = point;
    }

    private void Join((int X, int Y) a, (int X, int Y) b) => _parents[Root(a)] = Root(b);

    private (int X, int Y) Root((int X, int Y) point)
    {
        while (_parents.TryGetValue(point, out var parent) && parent != point)
        {
            point = parent;
        }

        return point;
    }

    private static (int X, int Y) Point(Node at) => OnGrid(at.Number(0), at.Number(1));

    /// <summary>What does not lie on the grid of 1.27 mm joins nothing in KiCad.</summary>
    private static (int X, int Y) OnGrid(double x, double y)
    {
        var (column, row) = (Math.Round(x / Grid), Math.Round(y / Grid));
        (Math.Abs((column * Grid) - x) + Math.Abs((row * Grid) - y)).ShouldBeLessThan(0.01);
        return ((int)column, (int)row);
    }

    internal sealed record Pin(string Symbol, string Reference, string Number, string Type, (int X, int Y) At);

    /// <summary>One parenthesis: its first word, then texts and others like it.</summary>
    private sealed class Node
    {
        private readonly List<object> _items = [];

        internal static Node Parse(string text)
        {
            var at = 0;
            return Read(text, ref at);
        }

        internal string Text(int index) => (string)_items[index + 1];

        internal double Number(int index) => double.Parse(Text(index), CultureInfo.InvariantCulture);

        internal Node? Child(string name) => Children(name).FirstOrDefault();

        internal IEnumerable<Node> Children(string name) =>
            _items.OfType<Node>().Where(node => (string)node._items[0] == name);

        private static Node Read(string text, ref int at)
        {
            var node = new Node();
            at++;
            while (true)
            {
                while (char.IsWhiteSpace(text[at]))
                {
                    at++;
                }

                if (text[at] == ')')
                {
                    at++;
                    return node;
                }

                node._items.Add(text[at] == '(' ? Read(text, ref at) : Word(text, ref at));
            }
        }

        private static string Word(string text, ref int at)
        {
            var from = at;
            if (text[at] == '"')
            {
                at = text.IndexOf('"', at + 1) + 1;
                return text[(from + 1)..(at - 1)];
            }

            while (!char.IsWhiteSpace(text[at]) && text[at] != ')')
            {
                at++;
            }

            return text[from..at];
        }
    }
}
