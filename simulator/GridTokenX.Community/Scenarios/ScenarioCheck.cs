using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace GridTokenX.Community.Scenarios;

/// <summary>Compares a parsed file with its shape and says everything that is wrong, each with its line.</summary>
internal sealed class ScenarioCheck(string file)
{
    public const string DateFormat = "yyyy-MM-dd";

    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    public void Say(long line, string path, string what) => _problems.Add($"{file}, line {line}: {path} {what}");

    public void Check(YamlNode node, Shape shape, string path)
    {
        if (node is not YamlMappingNode map)
        {
            Say(node.Start.Line, Called(path), $"must hold fields ({Names(shape)})");
            return;
        }

        foreach (var (key, value) in map.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "?";
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            if (shape.Find(name) is { } field)
            {
                Check(value, field, inner);
            }
            else
            {
                Say(key.Start.Line, inner, $"does not exist{Nearest(name, shape)}; there are {Names(shape)}");
            }
        }

        foreach (var field in shape.Fields.Where(
            field => field.Required && !map.Children.ContainsKey(new YamlScalarNode(field.Name))))
        {
            var inner = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            Say(map.Start.Line, inner, $"is missing ({field.Description})");
        }
    }

    private void Check(YamlNode node, Field field, string path)
    {
        switch (field.Kind)
        {
            case FieldKind.Shape:
                Check(node, field.Of!, path);
                break;
            case FieldKind.Shapes:
                CheckList(node, field, path);
                break;
            case FieldKind.Months when node is YamlSequenceNode months:
                CheckMonths(months, field, path);
                break;
            default:
                if (field.OrShape && node is YamlMappingNode)
                {
                    Check(node, field.Of!, path);
                }
                else if (node is YamlScalarNode scalar)
                {
                    CheckValue(scalar, field, path);
                }
                else
                {
                    Say(node.Start.Line, path, $"must be {Wanted(field)}");
                }

                break;
        }
    }

    private void CheckList(YamlNode node, Field field, string path)
    {
        if (node is not YamlSequenceNode list)
        {
            Say(node.Start.Line, path, "must be a list (lines that begin with -)");
            return;
        }

        if (list.Children.Count < field.Least || list.Children.Count > field.Most)
        {
            Say(node.Start.Line, path, string.Create(
                CultureInfo.InvariantCulture,
                $"has {list.Children.Count} entries; it must have from {field.Least} to {field.Most}"));
        }

        for (var i = 0; i < list.Children.Count; i++)
        {
            Check(list.Children[i], field.Of!, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"));
        }
    }

    private void CheckMonths(YamlSequenceNode months, Field field, string path)
    {
        if (months.Children.Count != 12)
        {
            Say(months.Start.Line, path, $"has {months.Children.Count} numbers; a year has 12 months");
        }

        foreach (var month in months)
        {
            if (month is YamlScalarNode scalar)
            {
                CheckValue(scalar, field, path);
            }
            else
            {
                Say(month.Start.Line, path, "must be numbers");
            }
        }
    }

    private void CheckValue(YamlScalarNode node, Field field, string path)
    {
        var text = node.Value ?? string.Empty;
        var good = field.Kind switch
        {
            FieldKind.Whole => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var whole)
                && decimal.IsInteger(whole) && InRange((double)whole, field),
            FieldKind.Number or FieldKind.Months =>
                double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number) && InRange(number, field),
            FieldKind.Flag => text is "true" or "false",
            FieldKind.Date => DateOnly.TryParseExact(
                text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            FieldKind.Choice => field.Choices.Contains(text, StringComparer.Ordinal),
            FieldKind.Text => true,
            _ => false,
        };
        if (!good)
        {
            Say(node.Start.Line, path, $"is '{text}'; it must be {Wanted(field)}");
        }
    }

    private static bool InRange(double value, Field field) => value >= field.Least && value <= field.Most;

    private static string Wanted(Field field)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"from {field.Least} to {field.Most}");
        var wanted = field.Kind switch
        {
            FieldKind.Whole => $"a whole number {range}",
            FieldKind.Number => $"a number {range}",
            FieldKind.Months => $"a number {range}, or a list of twelve",
            FieldKind.Flag => "true or false",
            FieldKind.Date => "a day such as 2026-04-01",
            FieldKind.Choice => $"one of {string.Join(", ", field.Choices)}",
            _ => "a text",
        };
        return field.OrShape ? $"{wanted}, or fields ({Names(field.Of!)})" : wanted;
    }

    private static string Nearest(string name, Shape shape)
    {
        var near = shape.Fields.Select(static field => field.Name).MinBy(other => Distance(name, other));
        return near is not null && Distance(name, near) <= 2 ? $" (is {near} meant?)" : string.Empty;
    }

    private static string Names(Shape shape) => string.Join(", ", shape.Fields.Select(static field => field.Name));

    private static string Called(string path) => path.Length == 0 ? "the file" : path;

    /// <summary>Levenshtein's.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
