using System.Text;

namespace GridTokenX.Community.Profiles;

/// <summary>
/// A line of CSV and the separator of its file. Quoted cells may hold the separator and doubled quotes.
/// </summary>
internal readonly record struct CsvRow(string Text, char Separator)
{
    private const char Quote = '"';

    public int Columns
    {
        get
        {
            var columns = 1;
            for (var at = EndFrom(0); at < Text.Length; at = EndFrom(at + 1))
            {
                columns++;
            }

            return columns;
        }
    }

    /// <summary>Without what surrounds it; empty where there is none.</summary>
    public string this[int column]
    {
        get
        {
            var from = 0;
            for (; column > 0; column--)
            {
                var end = EndFrom(from);
                if (end == Text.Length)
                {
                    return string.Empty;
                }

                from = end + 1;
            }

            return Unquoted(Text[from..EndFrom(from)].Trim());
        }
    }

    public IEnumerable<string> Cells()
    {
        for (var column = 0; column < Columns; column++)
        {
            yield return this[column];
        }
    }

    /// <summary>Where the cell that begins here ends.</summary>
    private int EndFrom(int from)
    {
        var quoted = false;
        for (var at = from; at < Text.Length; at++)
        {
            if (Text[at] == Quote)
            {
                quoted = !quoted;
            }
            else if (Text[at] == Separator && !quoted)
            {
                return at;
            }
        }

        return Text.Length;
    }

    private static string Unquoted(string cell)
    {
        if (cell.Length < 2 || cell[0] != Quote || cell[^1] != Quote)
        {
            return cell;
        }

        return new StringBuilder(cell, 1, cell.Length - 2, cell.Length).Replace("\"\"", "\"").ToString().Trim();
    }
}
