using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace GridTokenX.CloudCore.Api;

/// <summary>
/// Where a list goes on. Clients give back what they got: the text says which list it belongs to, and nothing that they
/// should rely on.
/// </summary>
internal static class Cursor
{
    private const int MaxLength = 200;

    internal static string Of(string list, params ReadOnlySpan<long> position)
    {
        var text = new StringBuilder(list);
        foreach (var part in position)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $":{part}");
        }

        return Base64Url.EncodeToString(Encoding.ASCII.GetBytes(text.ToString()));
    }

    /// <summary>False when the text is no cursor of this list with so many parts; none is its beginning.</summary>
    internal static bool TryRead(string? cursor, string list, Span<long> position)
    {
        if (cursor is null)
        {
            return true;
        }

        if (cursor.Length > MaxLength || !Base64Url.IsValid(cursor))
        {
            return false;
        }

        var parts = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor)).Split(':');
        if (parts.Length != position.Length + 1 || parts[0] != list)
        {
            return false;
        }

        for (var i = 0; i < position.Length; i++)
        {
            if (!long.TryParse(
                parts[i + 1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out position[i]))
            {
                return false;
            }
        }

        return true;
    }
}
