using System.Globalization;

namespace GridTokenX.Community.Profiles;

/// <summary>
/// The numbers of a file, with a decimal point or a decimal comma. Where both signs stand in a number the last one is
/// the decimal sign and the other groups thousands; a file in which a single sign can mean either is refused.
/// </summary>
internal sealed class CsvNumber(DecimalSign sign, char separator)
{
    private const decimal Most = 10_000_000_000;

    private bool _comma;
    private bool _point;

    /// <param name="fault">What is wrong, where the result is null.</param>
    public decimal? Read(string text, out string fault)
    {
        fault = $"'{text}' is no number";
        var plain = Plain(text, ref fault);
        if (plain is null || !decimal.TryParse(
            plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            return null;
        }

        fault = $"{text} is out of range";
        return Math.Abs(value) <= Most ? value : null;
    }

    /// <summary>With a decimal point and nothing else.</summary>
    private string? Plain(string text, ref string fault)
    {
        var (comma, point) = (text.LastIndexOf(','), text.LastIndexOf('.'));
        if (comma < 0 && point < 0)
        {
            return text;
        }

        var byComma = comma > point;
        if (sign != DecimalSign.Either)
        {
            byComma = sign == DecimalSign.Comma;
        }
        else if (point < 0 && separator == ',')
        {
            fault += ": where commas separate the columns, say decimal: comma";
            return null;
        }
        else
        {
            _comma |= byComma;
            _point |= !byComma;
            if (_comma && _point)
            {
                fault = $"'{text}' can mean two numbers in a file that has both signs: say decimal: point or comma";
                return null;
            }
        }

        var (mark, group) = byComma ? (',', '.') : ('.', ',');
        var whole = text.Split(mark)[0];
        if (whole.Contains(group) && !IsGrouped(whole, group))
        {
            return null;
        }

        return text.Replace(group.ToString(), string.Empty, StringComparison.Ordinal).Replace(mark, '.');
    }

    /// <summary>Thousands in threes.</summary>
    private static bool IsGrouped(string whole, char group)
    {
        var parts = whole.TrimStart('-', '+').Split(group);
        return parts[0].Length is >= 1 and <= 3 && parts.Skip(1).All(static part => part.Length == 3)
            && parts.All(static part => part.All(char.IsAsciiDigit));
    }
}
