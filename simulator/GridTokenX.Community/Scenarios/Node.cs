using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GridTokenX.Community.Scenarios;

/// <summary>A scenario cannot be used; each problem names file, line and field.</summary>
public sealed class ScenarioException(IReadOnlyList<string> problems)
    : Exception(string.Join('\n', problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}

/// <summary>A place of a parsed file. Values that are missing are the field's default.</summary>
internal sealed class Node
{
    private readonly Shape _shape;
    private readonly YamlMappingNode? _map;

    internal Node(Shape shape, YamlMappingNode? map)
    {
        _shape = shape;
        _map = map;
    }

    public bool Has(string name) => Find(name) is not null;

    public bool IsShape(string name) => Find(name) is YamlMappingNode;

    public string Text(string name) => Scalar(name) ?? string.Empty;

    public string? OptionalText(string name) => Scalar(name);

    public double Number(string name) => double.Parse(Needed(name), CultureInfo.InvariantCulture);

    public long Whole(string name) =>
        (long)decimal.Parse(Needed(name), NumberStyles.Float, CultureInfo.InvariantCulture);

    public bool Flag(string name) => Needed(name) is "true";

    public DateOnly Date(string name) =>
        DateOnly.ParseExact(Needed(name), ScenarioCheck.DateFormat, CultureInfo.InvariantCulture);

    public IReadOnlyList<double> Months(string name)
    {
        if (Find(name) is YamlSequenceNode list)
        {
            return
            [
                .. list.Select(static item =>
                    double.Parse(((YamlScalarNode)item).Value!, CultureInfo.InvariantCulture)),
            ];
        }

        return [.. Enumerable.Repeat(Number(name), 12)];
    }

    /// <summary>A shape that is missing has all of its defaults.</summary>
    public Node Inner(string name) => new(_shape.Get(name).Of!, Find(name) as YamlMappingNode);

    public Node? OptionalInner(string name) => Has(name) ? Inner(name) : null;

    public IReadOnlyList<Node> Many(string name) => Find(name) is YamlSequenceNode list
        ? [.. list.Select(item => new Node(_shape.Get(name).Of!, (YamlMappingNode)item))]
        : [];

    public long LineOf(string name) => (Find(name) ?? (YamlNode?)_map)?.Start.Line ?? 1;

    public long Line => _map?.Start.Line ?? 1;

    private YamlNode? Find(string name) =>
        _map is not null && _map.Children.TryGetValue(new YamlScalarNode(name), out var node)
            && node is not YamlScalarNode { Value: null or "", Style: ScalarStyle.Plain }
            ? node
            : null;

    private string? Scalar(string name) =>
        Find(name) is YamlScalarNode scalar ? scalar.Value : _shape.Get(name).Default;

    private string Needed(string name) =>
        Scalar(name) ?? throw new InvalidOperationException($"{_shape.Name}.{name} has neither value nor default.");
}
