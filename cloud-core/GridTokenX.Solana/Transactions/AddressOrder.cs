namespace GridTokenX.Solana;

/// <summary>The order of addresses within one role that @solana/kit compiles: the collation of English text, lower case
/// first, over the Base58. Letters compare without their case; only when all are the same does the first difference in
/// case decide. (Any order is valid on the chain; this one makes our bytes equal to the reference client's.)</summary>
internal sealed class AddressOrder : IComparer<string>
{
    public static readonly AddressOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var shared = Math.Min(x.Length, y.Length);
        var caseDifference = 0;
        for (var i = 0; i < shared; i++)
        {
            if (x[i] == y[i])
            {
                continue;
            }

            var letters = char.ToLowerInvariant(x[i]) - char.ToLowerInvariant(y[i]);
            if (letters != 0)
            {
                return letters;
            }

            if (caseDifference == 0)
            {
                caseDifference = char.IsAsciiLetterLower(x[i]) ? -1 : 1;
            }
        }

        return x.Length != y.Length ? x.Length - y.Length : caseDifference;
    }
}
