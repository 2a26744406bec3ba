namespace GridTokenX.Simulator.Simulate;

/// <summary>Words as a POSIX shell reads them back.</summary>
internal static class ShellText
{
    private const string Plain = "_@%+=:,./-";

    /// <summary>In single quotes where anything in it means something to the shell.</summary>
    public static string Quoted(string word) =>
        word.Length > 0 && word.All(static letter => char.IsAsciiLetterOrDigit(letter) || Plain.Contains(letter))
            ? word
            : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
