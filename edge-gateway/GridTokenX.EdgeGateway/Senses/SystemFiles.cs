using System.Globalization;
using System.Runtime.InteropServices;

namespace GridTokenX.EdgeGateway.Senses;

/// <summary>
/// Linux's interfaces as files under a root: <c>/</c> on a real machine, any folder for a test. Whatever is missing or
/// not readable is null: a Raspberry Pi of another year has other files.
/// </summary>
internal sealed class SystemFiles(string root)
{
    /// <summary>Touched by systemd-timesyncd once the clock is right; its folder is there when it runs.</summary>
    private const string TimesyncMarker = "run/systemd/timesync/synchronized";

    internal string Root { get; } = root;

    private bool IsReal => Root == "/";

    internal string PathOf(string relative) => Path.Combine(Root, relative);

    internal string? Text(string relative)
    {
        try
        {
            return File.ReadAllText(PathOf(relative)).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal long? Number(string relative) =>
        long.TryParse(Text(relative), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    internal decimal? Decimal(string relative) =>
        decimal.TryParse(Text(relative), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    /// <summary>False when the file is missing or not ours to write.</summary>
    internal bool TryWrite(string relative, string text)
    {
        try
        {
            // Never made: a file of the kernel is there or it is not.
            using var file = new FileStream(PathOf(relative), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            if (file.CanSeek && file.Length > 0)
            {
                file.SetLength(0);
            }

            using var writer = new StreamWriter(file);
            writer.Write(text);
            return true;
        }
        catch (Exception exception) when (
            exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Names in a folder, in order; none when it is missing.</summary>
    internal IReadOnlyList<string> Names(string relative)
    {
        try
        {
            return [.. Directory.GetFileSystemEntries(PathOf(relative))
                .Select(static entry => Path.GetFileName(entry))
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>systemd-timesyncd's marker, or else the kernel's own flag, which every time service keeps.</summary>
    internal bool IsTimeSynchronised() =>
        File.Exists(PathOf(TimesyncMarker)) || (IsReal && Adjtimex.IsSynchronised());

    private static class Adjtimex
    {
        private const int ErrorState = 5;
        private const int BytesOfTimex = 512;

        /// <summary>Reads only (modes is 0), which every user may; a sandbox may forbid it all the same.</summary>
        internal static bool IsSynchronised()
        {
            var timex = new byte[BytesOfTimex];
            return adjtimex(timex) is >= 0 and not ErrorState;
        }

        [DllImport("libc", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int adjtimex(byte[] timex);
    }
}
