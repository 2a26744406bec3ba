namespace GridTokenX.Community.Profiles;

/// <summary>A profile file is not as it must be; the message names file and line.</summary>
public sealed class ProfileFormatException(string message) : Exception(message);

/// <summary>What of a column is taken.</summary>
internal enum CsvPart
{
    /// <summary>All of it; nothing may be below zero.</summary>
    All = 0,

    /// <summary>Of a net meter's values those above zero, interval by interval.</summary>
    Drawn,

    /// <summary>Of a net meter's values those below zero, with the sign turned.</summary>
    Given,
}

/// <summary>What an empty cell means.</summary>
internal enum EmptyCell
{
    Refuse = 0,
    Zero,
    Previous,
}

/// <summary>What separates the whole from its parts; the other sign groups thousands.</summary>
internal enum DecimalSign
{
    /// <summary>A point; where comma does not separate columns, a comma as well.</summary>
    Either = 0,
    Point,
    Comma,
}

/// <summary>How a file of measured powers or energies is read.</summary>
/// <param name="Column">The header of the value's column; null for the first one after the time.</param>
/// <param name="Unit">W, kW, Wh or kWh; an energy is that of the whole interval; null for the header's, or W.</param>
/// <param name="Repeat">The file's beginning is the run's beginning, and after its end it begins again.</param>
internal sealed record CsvOptions(string? Column, string? Unit, double Scale, bool Repeat)
{
    public static IReadOnlyList<string> Units { get; } = ["W", "kW", "Wh", "kWh"];

    /// <summary>So many columns after the named one: each home of a group may have its own.</summary>
    public int ColumnsOn { get; init; }

    /// <summary>The homes of a group take one column after the other.</summary>
    public bool EachItsColumn { get; init; }

    public CsvPart Part { get; init; }

    public EmptyCell Empty { get; init; }

    public DecimalSign Decimal { get; init; }

    /// <summary>IANA's name of the zone whose clocks the times are of; null for the site's standard time.</summary>
    public string? Zone { get; init; }
}
