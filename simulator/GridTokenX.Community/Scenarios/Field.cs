namespace GridTokenX.Community.Scenarios;

internal enum FieldKind
{
    None = 0,
    Text,
    Whole,
    Number,
    Flag,
    Date,

    /// <summary>One of a few words.</summary>
    Choice,

    /// <summary>Twelve numbers, January to December, or one for all.</summary>
    Months,

    Shape,

    /// <summary>A list of shapes.</summary>
    Shapes,
}

/// <summary>
/// A field of a scenario: what may stand there. The reader checks by it, and the published schema is made from it, so
/// that the two cannot differ.
/// </summary>
internal sealed record Field(string Name, FieldKind Kind, string Description)
{
    public double Least { get; init; } = double.NegativeInfinity;

    public double Most { get; init; } = double.PositiveInfinity;

    public bool Required { get; init; }

    /// <summary>As it would stand in the file; null when it may be missing without meaning anything.</summary>
    public string? Default { get; init; }

    public IReadOnlyList<string> Choices { get; init; } = [];

    public Shape? Of { get; init; }

    /// <summary>A shape may stand in place of the word or number.</summary>
    public bool OrShape { get; init; }

    public static Field Text(string name, string description, string? standard = null) =>
        new(name, FieldKind.Text, description) { Default = standard };

    public static Field Whole(string name, string description, double least, double most, string? standard = null) =>
        new(name, FieldKind.Whole, description) { Least = least, Most = most, Default = standard };

    public static Field Number(string name, string description, double least, double most, string? standard = null) =>
        new(name, FieldKind.Number, description) { Least = least, Most = most, Default = standard };

    public static Field Choice(
        string name, string description, IReadOnlyList<string> choices, string? standard = null) =>
        new(name, FieldKind.Choice, description) { Choices = choices, Default = standard };

    public static Field Flag(string name, string description, bool standard) =>
        new(name, FieldKind.Flag, description) { Default = standard ? "true" : "false" };

    public static Field Inner(string name, string description, Shape of) =>
        new(name, FieldKind.Shape, description) { Of = of };

    public static Field Many(string name, string description, Shape of, double most, double least = 0) =>
        new(name, FieldKind.Shapes, description) { Of = of, Most = most, Least = least };
}

/// <summary>The fields of one place of a scenario.</summary>
internal sealed record Shape(string Name, string Description, IReadOnlyList<Field> Fields)
{
    public Field? Find(string name) => Fields.FirstOrDefault(field => field.Name == name);

    public Field Get(string name) =>
        Find(name) ?? throw new InvalidOperationException($"{Name} has no field {name}.");
}
