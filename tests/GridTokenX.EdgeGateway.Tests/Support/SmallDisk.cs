using System.Diagnostics;

namespace GridTokenX.EdgeGateway.Tests.Support;

/// <summary>A file system of a few MiB, in memory, that can be filled or made read-only; only for root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    internal string Folder { get; }

    private string Filler => Path.Combine(Folder, "filler");

    internal static SmallDisk? Mount(string folder, int megabytes)
    {
        _ = Directory.CreateDirectory(folder);
        return Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder) ? new SmallDisk(folder) : null;
    }

    internal void Fill()
    {
        using var file = File.Create(Filler);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Now it is full.
        }
    }

    internal void Clear() => File.Delete(Filler);

    internal void ReadOnly(bool on) =>
        Run("mount", "-o", on ? "remount,ro" : "remount,rw", Folder).ShouldBeTrue();

    public void Dispose() => _ = Run("umount", "-l", Folder);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
